"""States of controls that no browser sends: the control keeps its value, and nothing is written to the log."""

import math
from collections.abc import Iterator

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.session_state import WStates
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from robust_core.ui.server import forged_states, warmup
from tests.pages.opening import PAGES, open_page

LARGEST_BYTES = 1_500_000  # below the limit of .streamlit/config.toml
DEEP = "[" * 20_000
# The rest of a control's state, which every control of a page sends at once.
FORGED = {
    **{f"a number: {value}": {"double_value": value} for value in (math.nan, math.inf, -math.inf, 1e308, -1e308)},
    "a whole number": {"int_value": 2**62},
    **{f"numbers: {value}": {"double_array_value": value} for value in ([], [math.nan], [math.inf] * 2, [1e308, 1])},
    "many numbers": {"double_array_value": [1.0] * 11_000},
    "whole numbers": {"int_array_value": [-1, 2**40]},
    "a word": {"string_value": "../../etc/passwd"},
    "no JSON": {"string_value": "}{"},
    "rows of words": {"string_value": '{"selection":{"rows":["x"],"columns":[]}}'},
    "rows below zero": {"string_value": '{"selection":{"rows":[-1],"columns":[]}}'},
    "rows beyond the last": {"string_value": '{"selection":{"rows":[1000000000],"columns":[]}}'},
    "rows without a list": {"string_value": '{"selection":{"rows":7}}'},
    "deep": {"string_value": DEEP},
    "twelve words": {"string_array_value": ["x"] * 12},
    "many words": {"string_array_value": ["x"] * 11_000},
    **{
        f"JSON: {value[:30]}": {"json_value": value}
        for value in (
            *("}{", DEEP, "null", "7", "[[]]", '{"picked": [1]}', '{"picked": {"x": 1e999}}'),
            *(
                '{"picked": {"x": 1, "y": [], "title": {}}}',
                '{"value": null}',
                '{"picked": ' + "[" * 60 + "]" * 60 + "}",
            ),
        )
    },
    "a trigger of JSON": {"json_trigger_value": '{"event": "picked", "value": 1e999}'},
    "a trigger that is none": {"json_trigger_value": "}{"},
    "bytes": {"bytes_value": b"\xff"},
    "on": {"bool_value": True},
}


@pytest.fixture(autouse=True)
def believed(monkeypatch: pytest.MonkeyPatch, own_cache) -> None:
    """As on a server; and what a page asks about its images needs PyTorch."""
    monkeypatch.setattr(WStates, "__getitem__", WStates.__getitem__)  # so that it is put back
    forged_states.set_up()
    warmup.wait()


def ids(node) -> Iterator[str]:
    """The ids of all controls below `node`, but for buttons, for whose press a state may be true."""
    for child in getattr(node, "children", {}).values():
        yield from ids(child)
    if isinstance(node, Element) and node.type not in ("button", "download_button"):
        widget_id = getattr(node.proto, "id", "")
        yield from [widget_id] if widget_id.startswith("$$ID") else []


def sent(app: AppTest, forged: dict) -> Iterator[WidgetStates]:
    """The state `forged` of all controls, in messages that are not too long."""
    states = WidgetStates()
    for widget_id in dict.fromkeys(ids(app._tree)):
        states.widgets.append(state_of(widget_id, forged))
        if states.ByteSize() > LARGEST_BYTES:
            yield states
            states = WidgetStates()
    yield states


def state_of(widget_id: str, forged: dict) -> WidgetState:
    ((field, value),) = forged.items()
    state = WidgetState(id=widget_id)
    if field.endswith("_array_value"):
        getattr(state, field).data.extend(value)
        getattr(state, field).SetInParent()
    else:
        setattr(state, field, value)
    return state


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_whatever_its_controls_are_said_to_be(page, caplog):
    app = open_page(PAGES[page], world="Mini")
    assert list(ids(app._tree))
    for name, forged in FORGED.items():
        for states in list(sent(app, forged)):
            app._run(states)
            assert not app.exception, (name, app.exception[0])
    assert "Traceback" not in caplog.text


def number_script():
    import streamlit as st

    whole = st.number_input("Whole", 0, 9, 3, key="whole")
    share = st.number_input("Share", 0.0, 1.0, 0.5, key="share")
    step = st.slider("Step", 0, 9, 4, key="step")
    words = st.multiselect("Words", ["a", "b", "c"], ["a"], max_selections=2, key="words")
    st.write([whole, share, step, words])


SENT = {  # one after the other, each with the value that the control has then
    "whole": [({"double_value": math.nan}, 3), ({"double_value": 7.0}, 7), ({"double_value": math.inf}, 7)],
    "share": [({"double_value": math.inf}, 0.5), ({"double_value": 0.25}, 0.25), ({"string_value": "0.1"}, 0.25)],
    "step": [({"int_value": 5}, 4), ({"double_array_value": [5.0]}, 5), ({"string_array_value": ["6"]}, 5)],
    "words": [
        ({"string_array_value": ["b", "c"]}, ["b", "c"]),
        ({"string_array_value": ["a", "b", "c"]}, ["b", "c"]),
        ({"string_array_value": []}, []),
    ],
}


@pytest.mark.parametrize("key", SENT)
def test_what_a_browser_sends_counts_and_what_it_cannot_send_changes_nothing(key):
    app = AppTest.from_function(number_script).run()
    (widget_id,) = (widget_id for widget_id in ids(app._tree) if widget_id.endswith(f"-{key}"))
    for forged, value in SENT[key]:
        states = WidgetStates(widgets=[state_of(widget_id, forged)])
        app._run(states)
        assert not app.exception
        assert app.session_state[key] == value
