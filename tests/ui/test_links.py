"""Links of every kind, typed by hand or by an enemy: each page opens, and nothing expensive begins by itself."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from robust_core.jobs import queue
from robust_core.ui import warmup
from tests.pages.opening import PAGES, all_words, open_page

HOSTILE = (
    *("", "inf", "-1e999", "nan", "-1", "0.5", "9" * 400, "３", "1e3", "0x10", "true", "null", "[1]", "{}", "\0", "#gggggg", "a" * 5000),
    *("<script>alert(1)</script>", "../../etc/passwd", "%00", "'; --", "Saliency", "Mini", "/tmp", "http://example.invalid/x"),
)
CHEAP_SLOTS = ("what_if:", "attribution_answer:", "cue:", "sweep:")  # answers about the few pictures that the page shows
OPENED = {  # what a link has to say for most controls of a page to be there
    "attributions": {"explain": "A class", "methods": ["Integrated Gradients", "RISE"], "integrated_gradients_baseline": "a colour"},
    "features": {"experiment": "Class", "from": "Noise"},
    "pgd_steps": {"norm": "L2", "against": "ε", "aim": "Chosen class", "start": "Random in the ball"},
    "shape_or_texture": {"distortion": "Scrambled patches"},
    "what_if": {"corruption": "Fog", "severity": "3", "more": "Sequence"},
}


@pytest.fixture(autouse=True)
def quiet(own_cache):
    """What a page asked about its pictures is answered before the next test looks at the queue."""
    warmup.wait()
    yield
    deadline = time.monotonic() + 60
    while queue("device").active() and time.monotonic() < deadline:
        time.sleep(0.05)


def bound(node) -> Iterator[str]:
    """The parameters of the link that the controls below `node` read."""
    for child in getattr(node, "children", {}).values():
        yield from bound(child)
    if key := getattr(getattr(node, "proto", None), "query_param_key", ""):
        yield key


def check(app: AppTest) -> None:
    assert not app.exception, app.exception[0]
    assert app.title
    assert not queue("download").active()
    begun = app.session_state.get("job_slots", {})
    assert all(slot.startswith(CHEAP_SLOTS) for slot in begun), set(begun)


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_link_says_the_page_opens_and_begins_nothing_expensive(page):
    whole = {"world": "Mini", **OPENED.get(page, {})}
    app = open_page(PAGES[page], **whole)
    check(app)
    assert "It is ignored." not in all_words(app), "the link of the table itself is sound"
    keys = sorted(set(bound(app._tree)) | set(whole))
    values = st.sampled_from(HOSTILE) | st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=12)

    @settings(max_examples=3, deadline=None, derandomize=True, database=None)
    @given(link=st.fixed_dictionaries({}, optional=dict.fromkeys(keys, values)))
    def with_hostile_values(link):
        check(open_page(PAGES[page], **(whole | link)))

    with_hostile_values()
    for value in ("", "inf"):  # each of them once ended a page
        check(open_page(PAGES[page], **(whole | dict.fromkeys(keys, value))))


def test_a_hostile_word_is_shown_as_text_and_cut():
    app = open_page(corruption="<script>alert(1)</script>" + "a" * 5000)
    (said,) = [info.value for info in app.info if "is ignored" in info.value]
    assert len(said) < 200
    assert not any(element.proto.allow_html for element in app.markdown if "script" in element.value)
    assert "<script>" in all_words(app)


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999", "9" * 400, ["3", "inf"], "", ["", ""]])
def test_what_no_control_writes_is_taken_out_of_the_link(value):
    app = open_page(world="Mini", seed=value)
    assert dict(app.query_params) == {"world": "Mini"}


@pytest.mark.parametrize(
    ("page", "key", "rest"),
    [("attributions", "methods", {}), ("pgd_steps", "eps_set", {"against": "ε"}), ("pgd_steps", "eps_l2_set", {"against": "ε", "norm": "L2"})],
)
def test_a_choice_of_several_may_be_cleared(page, key, rest):
    app = open_page(PAGES[page], world="Mini", **rest, **{key: ""})
    check(app)
    assert app.session_state[key] == []
