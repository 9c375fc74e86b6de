"""Values of every kind, for tests of doors that must refuse or accept whatever comes."""

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from robust_core.errors import RobustError

HUGE = 10**400  # no float can hold it
NUMBERS = st.one_of(st.booleans(), st.integers(), st.floats(), st.sampled_from([HUGE, -HUGE]))
ANYTHING = st.one_of(st.none(), NUMBERS, st.complex_numbers(), st.text(max_size=20), st.binary(max_size=5))

bounded = settings(max_examples=100, deadline=None, derandomize=True, database=None)
"""The same examples in every run, without a limit on the time of one, since machines differ."""


def made_or_refused(make: Callable[..., Any], *arguments, **options) -> Any:
    """What `make` makes, or None when it refuses in one sentence; any other error passes through."""
    try:
        return make(*arguments, **options)
    except RobustError as refusal:
        sentence = str(refusal)
    assert sentence.endswith((".", "?"))
    return None
