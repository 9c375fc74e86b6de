import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from robust_core.ui.server import state_lookups


@pytest.fixture
def read(monkeypatch):
    """The keys that were read of the state, one by one."""
    read, get = [], SessionState.__getitem__
    monkeypatch.setattr(SessionState, "__getitem__", lambda state, key: read.append(key) or get(state, key))
    monkeypatch.setattr(SafeSessionState, "filtered_state", SafeSessionState.filtered_state)
    state_lookups.set_up()
    return read


def state_of(**values):
    state = SafeSessionState(SessionState(), lambda: None)
    for key, value in values.items():
        state[key] = value
    return state


def test_one_key_is_looked_up_without_the_others(read):
    found = state_of(shape="cat", texture="dog", nothing=None).filtered_state
    assert found["shape"] == "cat"
    assert "texture" in found
    assert found["nothing"] is None
    assert "elephant" not in found
    assert read == ["shape", "texture", "nothing", "elephant"]


def test_who_wants_all_of_it_gets_all_of_it(read):
    found = state_of(shape="cat", texture="dog").filtered_state
    assert dict(found) == {"shape": "cat", "texture": "dog"}
    assert len(found) == 2
    assert repr(found) in ("{'shape': 'cat', 'texture': 'dog'}", "{'texture': 'dog', 'shape': 'cat'}")


def test_controls_keep_what_they_hold_and_what_was_set_to_nothing(read):
    def page():
        import streamlit as st

        st.session_state.setdefault("emptied", None)
        st.write(st.selectbox("Held", ["a", "b"], key="held"), st.number_input("Number", value=3, key="number"))
        st.write(st.selectbox("Emptied", ["a", "b"], key="emptied"))

    app = AppTest.from_function(page).run()
    assert [app.selectbox(key="held").value, app.selectbox(key="emptied").value] == ["a", None]
    app.selectbox(key="held").select("b")
    app.number_input(key="number").set_value(5).run()
    assert [app.selectbox(key="held").value, app.number_input(key="number").value] == ["b", 5]
