"""What a control asks of the session's state, looked up by its key alone.

Streamlit's choices and number fields look for one key, and each has the whole state read for that: seven hundred values
in a rerun of PGD steps, more in every page that is opened.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState

_read_all = SafeSessionState.filtered_state.fget


class StateByKey(Mapping):
    """What `SafeSessionState.filtered_state` gives, each value read when it is asked for."""

    def __init__(self, state: SafeSessionState):
        self._state = state

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_read_all(self._state))

    def __len__(self) -> int:
        return len(_read_all(self._state))

    def __repr__(self) -> str:
        return repr(_read_all(self._state))


def set_up() -> None:
    """From now on, in this process, a control's key is looked up without all the others."""
    SafeSessionState.filtered_state = property(StateByKey)
