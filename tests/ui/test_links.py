"""Links of every kind, typed by hand or by an enemy: each page opens, and nothing expensive begins by itself."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from robust_core.jobs import queue
from robust_core.ui import links
from robust_core.ui.server import warmup
from robust_core.ui.words import plain
from tests.pages.opening import PAGES, all_words, open_page

HOSTILE = (
    *(
        "",
        "inf",
        "-1e999",
        "nan",
        "-1",
        "0.5",
        "9" * 400,
        "３",
        "1e3",
        "0x10",
        "true",
        "null",
        "[1]",
        "{}",
        "\0",
        "#gggggg",
        "a" * 5000,
    ),
    *(
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "%00",
        "'; --",
        "Saliency",
        "Mini",
        "/tmp",
        "http://example.invalid/x",
    ),
)
QUICK_MAP = re.compile(r"map:\w+:(grad_cam|saliency):.*")  # each a pass forward and back
CHEAP_SLOTS = (
    "pass:",  # one step of an attack on two images, for the forecast
    "hero:",
    "what_if:",
    "attribution_prediction:",
    "cue:",
    "sweep:",
)  # predictions for the few images that the page shows
OPENED = {  # what a link has to say for most controls of a page to be there
    "attributions": {
        "explain": "A class",
        "methods": ["Integrated Gradients", "RISE"],
        "integrated_gradients_baseline": "a colour",
    },
    "features": {"experiment": "Class", "from": "Noise"},
    "pgd_steps": {"norm": "L2", "against": "ε", "aim": "Chosen class", "start": "Random in the ball"},
    "shape_or_texture": {"distortion": "Scrambled patches"},
    "smallest_change": {"changes_of": "Many images", "change_norm": "L2"},
    "what_if": {"corruption": "Fog", "severity": "3", "more": "Sequence"},
}


NUMBER_SAID = re.compile(
    r"The link asks for “.*” where “(.*)” takes a (?:whole )?number from (\S+) to (\S+); (\S+) is used\."
)
VIEWS = (
    "Corruptions",
    "PGD",
    "Perturbations",
    "Calibration",
    "Shape bias",
    "Scatter plot",
    "One model",
    "Two models",
    "Check a number",
    "Run",
)
WHOLE = [(page, {"world": "Mini", **OPENED.get(page, {})}) for page in PAGES]
WHOLE += [("benchmarks", {"world": "Mini", "view": view}) for view in VIEWS]
WHOLE += [("features", {"world": "Mini", "features_view": view}) for view in ("Layer biases", "Cue removal")]
WHOLE += [("benchmarks", {"world": "ImageNet", "view": view}) for view in ("Corruptions", "PGD", "Scatter plot")]


@pytest.fixture(autouse=True)
def warm(own_cache, quiet_device):
    warmup.wait()


def controls(node) -> Iterator[Element]:
    """The controls below `node` that stand in the link."""
    for child in getattr(node, "children", {}).values():
        yield from controls(child)
    if getattr(getattr(node, "proto", None), "query_param_key", ""):
        yield node


def bound(node) -> Iterator[str]:
    """The parameters of the link that the controls below `node` read."""
    return (control.proto.query_param_key for control in controls(node))


def check(app: AppTest) -> None:
    assert not app.exception, app.exception[0]
    assert app.title
    assert not queue("download").active()
    begun = app.session_state.get("job_slots", {})
    assert all(slot.startswith(CHEAP_SLOTS) or QUICK_MAP.fullmatch(slot) for slot in begun), set(begun)


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


@pytest.mark.parametrize(
    ("page", "link"), WHOLE, ids=lambda part: part if isinstance(part, str) else part.get("view", "")
)
def test_every_number_that_a_control_does_not_take_is_said_with_what_it_takes(page, link):
    numeric = [one for one in controls(open_page(PAGES[page], **link)._tree) if one.type in ("slider", "number_input")]
    numeric = [one for one in numeric if one.proto.query_param_key not in link]
    for value in ("1e9", "-1e6", "many"):
        app = open_page(PAGES[page], **link, **{one.proto.query_param_key: value for one in numeric})
        check(app)
        said = [NUMBER_SAID.fullmatch(info.value) for info in app.info if f"asks for “{value}”" in info.value]
        found = sorted(
            (title, *(float(number.replace(",", "")) for number in numbers))
            for title, *numbers in (match.groups() for match in said)
        )
        assert found == sorted((plain(one.label), one.min, one.max, one.value) for one in numeric)


@pytest.mark.parametrize(
    ("page", "link"), WHOLE, ids=lambda part: part if isinstance(part, str) else part.get("view", "")
)
def test_every_word_that_a_control_does_not_know_is_said(page, link):
    there = controls(open_page(PAGES[page], **link)._tree)
    wordy = [one.proto.query_param_key for one in there if one.type not in ("slider", "number_input", "text_input")]
    for keys in ([key for key in wordy if key not in link], *([key] for key in wordy if key in link)):
        app = open_page(PAGES[page], **(link | {key: f"Mars {number}" for number, key in enumerate(keys)}))
        check(app)
        said = "\n".join(info.value for info in app.info)
        unsaid = [key for number, key in enumerate(keys) if f"“Mars {number}”. It is ignored." not in said]
        assert unsaid == []


@pytest.mark.parametrize(
    ("value", "used"),
    [
        ("9", 0),
        ("-1", 0),
        ("2.5", 2),
        ("five", 0),
        ("nan", 0),
        ("inf", 0),
        (["1", "2"], 0),
        ("3", 3),
        ("3.0", 3),
        ("", 0),
        ("0", 0),
    ],
)
def test_a_number_is_said_to_be_ignored_only_where_it_is(value, used):
    app = open_page(world="Mini", severity=value)
    said = [info.value for info in app.info if "Severity" in info.value]
    assert app.slider(key="severity").value == used
    if value in ("3", "3.0", "", "0"):
        assert said == []
    else:
        spoken = value if isinstance(value, str) else ", ".join(value)
        assert said == [
            f"The link asks for “{spoken}” where “Severity (0 is the clean image)” takes a whole number from 0 to "
            f"5; {used} is used."
        ]


def test_what_is_said_has_the_right_article():
    app = open_page(PAGES["pgd_steps"], world="Mini", against="Mars", protocol="Mars", eps="Mars", aim="Mars")
    said = " ".join(info.value for info in app.info)
    assert all(f"asks for {words} that" in said for words in ("an axis", "a protocol", "an ε", "an aim"))


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


def link_after(app: AppTest) -> dict:
    check(app)
    return dict(app.query_params)


OLD_LINKS = [  # the page, the rest of the link, an old parameter with its value, and the same in present words
    ("what_if", {"world": "ImageNet", "source": "Photographs from Foolbox"}, ("pictures", None), ("images", None)),
    ("benchmarks", {"world": "Mini", "view": "Run"}, ("run_pictures", "256"), ("run_n", "256")),
    ("pgd_steps", {"world": "Mini"}, ("reading", "Last iterate"), ("scoring", "Last iterate")),
    ("pgd_steps", {"world": "Mini"}, ("reading", "Worst so far"), ("scoring", "Any step so far")),
    ("pgd_steps", {"world": "Mini"}, ("start", "Clean picture"), ("start", "Clean image")),
    ("what_if", {"world": "Mini"}, ("drawn", "3"), ("n_synthetic", "3")),
    ("what_if", {"world": "Mini"}, ("source", "The drawn world"), ("source", "Synthetic images")),
    ("what_if", {"world": "Mini"}, ("more", "Fingerprint"), ("more", "Corruption grid")),
    ("what_if", {"world": "ImageNet"}, ("source", "Own pictures"), ("source", "Own images")),
    ("features", {"world": "Mini"}, ("mini_climb_steps", "40"), ("mini_ascent_steps", "40")),
    ("features", {"world": "Mini"}, ("from", "The sidebar's picture"), ("from", "An image")),
    ("features", {"world": "Mini"}, ("from", "The sidebar's image"), ("from", "An image")),
    ("shape_or_texture", {"world": "Mini"}, ("stimulus", "The sidebar's image"), ("stimulus", "Any image")),
    ("shape_or_texture", {"world": "Mini"}, ("stimulus", "The sidebar's picture"), ("stimulus", "Any image")),
    ("attributions", {"world": "Mini"}, ("explain", "The answer"), ("explain", "The prediction")),
    ("benchmarks", {"world": "Mini"}, ("view", "Any against any"), ("view", "Scatter plot")),
]


def test_every_old_word_has_an_old_link_below():
    old = [(old_key, new_key, old_value) for _, _, (old_key, old_value), (new_key, _) in OLD_LINKS]
    renamed = {pair for pair in links.OLD_KEYS.items() if not pair[0].startswith("_")} | {
        (f"mini{key}", f"mini{new}") for key, new in links.OLD_KEYS.items() if key.startswith("_")
    }
    assert renamed == {(old_key, new_key) for old_key, new_key, _ in old if old_key != new_key}
    assert set(links.OLD_VALUES) <= {(new_key, value) for _, new_key, value in old}


@pytest.mark.parametrize(
    ("page", "rest", "old", "new"), OLD_LINKS, ids=[f"{old} {value}" for *_, (old, value), _ in OLD_LINKS]
)
def test_an_old_link_opens_what_the_new_one_opens(page, rest, old, new, own_images):
    value = second_image() if new[0] == "images" else None
    old_link, new_link = rest | {old[0]: value or old[1]}, rest | {new[0]: value or new[1]}
    opened, expected = open_page(PAGES[page], **old_link), open_page(PAGES[page], **new_link)
    assert link_after(opened) == link_after(expected)
    assert opened.session_state[new[0]] == expected.session_state[new[0]]
    assert "It is ignored." not in all_words(opened)


@pytest.fixture
def own_images(tmp_path, monkeypatch):
    """A folder of images without labels, whose collection was called "Own pictures"."""
    Image.new("RGB", (80, 80), "teal").save(tmp_path / "teal.png")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))


def second_image() -> str:
    """The title of an image that is not the one with which the page opens."""
    return open_page(PAGES["what_if"], world="ImageNet").multiselect(key="images").options[1]


def test_a_parameter_in_present_words_wins_over_the_old_one():
    app = open_page(PAGES["pgd_steps"], world="Mini", reading="Last iterate", scoring="Any step so far")
    assert app.session_state["scoring"] == "Any step so far"
    assert "reading" not in app.query_params


@pytest.mark.parametrize(
    ("page", "key", "rest"),
    [
        ("attributions", "methods", {}),
        ("pgd_steps", "eps_set", {"against": "ε"}),
        ("pgd_steps", "eps_l2_set", {"against": "ε", "norm": "L2"}),
    ],
)
def test_a_choice_of_several_may_be_cleared(page, key, rest):
    app = open_page(PAGES[page], world="Mini", **rest, **{key: ""})
    check(app)
    assert app.session_state[key] == []


@pytest.mark.parametrize(
    ("page", "link"), WHOLE, ids=lambda part: part if isinstance(part, str) else part.get("view", "")
)
def test_a_second_link_within_a_session_is_mended_like_the_first(page, link):
    app = open_page(PAGES[page], **link)
    check(app)
    numeric, keys = numbers_of(app, link), sorted(set(bound(app._tree)) - set(link))
    first = open_page(PAGES[page], **link, **dict.fromkeys(numeric, "inf"))
    for key in keys:
        app.query_params[key] = "inf"
    app.run()
    check(app)
    assert numbers_said(app) == numbers_said(first)
    assert "inf" not in [value for values in app.query_params.values() for value in values]
    for key in keys:
        app.query_params[key] = ""
    check(app.run())


def numbers_of(app: AppTest, link: dict) -> list[str]:
    """The parameters of its sliders and number inputs that `link` does not say."""
    numeric = [one for one in controls(app._tree) if one.type in ("slider", "number_input")]
    return [one.proto.query_param_key for one in numeric if one.proto.query_param_key not in link]


def numbers_said(app: AppTest) -> list[str]:
    """What the page says of numbers that its controls do not take."""
    return sorted(info.value for info in app.info if NUMBER_SAID.fullmatch(info.value))


def test_an_old_link_that_is_opened_second_is_renewed_too():
    app = open_page(PAGES["pgd_steps"], world="Mini", start="Clean image", scoring="Last iterate")
    app.query_params["start"] = "Clean picture"
    app.query_params["reading"] = "Last iterate"
    check(app.run())
    assert "reading" not in app.query_params
    assert "Clean picture" not in app.query_params["start"]


def test_the_same_mistake_is_said_again_when_it_comes_again(monkeypatch):
    app = open_page(PAGES["what_if"], world="Mini", severity="inf")
    (said,) = numbers_said(app)
    monkeypatch.setattr(links, "SHOWN_SECONDS", 0)
    assert numbers_said(app.run()) == []
    monkeypatch.setattr(links, "SHOWN_SECONDS", 60)
    app.query_params["severity"] = "inf"
    assert numbers_said(app.run()) == [said]
