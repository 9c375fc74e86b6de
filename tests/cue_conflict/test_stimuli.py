import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust_core.cue_conflict.stimuli import KEPT_BY_ORHAN, Stimulus, counted, cues_in, cues_in_table, exemplars_in
from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES
from tests.anything import bounded, made_or_refused


@pytest.mark.parametrize(
    ("name", "cues"),
    [
        ("airplane1-bicycle2.png", ("airplane", "bicycle")),
        ("truck10-dog3.png", ("truck", "dog")),
        ("bicycle6-bicycle3.png", ("bicycle", "bicycle")),
        ("airplane1-bicycle2.jpg", None),
        ("airplane-bicycle.png", None),
        ("zebra1-bicycle2.png", None),
        ("airplane1-zebra2.png", None),
        ("xairplane1-bicycle2.png", None),
        ("airplane1-bicycle2.png.png", None),
        ("notes.txt", None),
    ],
)
def test_the_first_cue_in_a_published_name_is_the_shape(name, cues):
    assert cues_in(name) == cues


def test_a_table_says_what_names_do_not():
    table = "file,shape,texture,author\none.png,cat,dog,me\nb/two.png,oven,oven,you\n"
    assert cues_in_table(table) == {"one.png": ("cat", "dog"), "b/two.png": ("oven", "oven")}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("", "got none"),
        ("image,label\n1,2\n", "got image, label"),
        ("file,shape\none.png,cat\n", "columns file, shape, texture"),
        ("file,shape,texture\none.png,cat,zebra\n", "got zebra"),
        ("file,shape,texture\none.png,cat\n", "got None"),
        (f"file,shape,texture\n{'x' * 200_000},cat,dog\n", "cannot be read as CSV"),
    ],
)
def test_a_table_of_something_else_is_refused(table, sentence):
    with pytest.raises(BadInput, match=sentence):
        cues_in_table(table)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_may_come_from_any_system(end):
    assert cues_in_table(f"file,shape,texture{end}one.png,cat,dog{end}") == {"one.png": ("cat", "dog")}


CELLS = st.text(max_size=8) | st.sampled_from(
    ["file", "shape", "texture", "cat", "dog", "one.png", "\r", '"', "\0", ""]
)


@bounded
@given(
    head=st.sampled_from(["", "file,shape,texture\n", "file,shape,texture\r\n"]),
    rows=st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=5),
    end=st.sampled_from("\n\r"),
)
def test_any_text_is_refused_or_gives_cues_among_the_categories(head, rows, end):
    cues = made_or_refused(cues_in_table, head + end.join(rows)) or {}
    assert {cue for pair in cues.values() for cue in pair} <= set(CATEGORIES)


def test_what_is_no_conflict_does_not_count_but_for_orhans_one_image():
    conflict = Stimulus("1", "cat1-dog1.png", "cat", "dog")
    same = Stimulus("2", "oven1-oven2.png", "oven", "oven")
    orhans = Stimulus("3", KEPT_BY_ORHAN, "bicycle", "bicycle")
    assert counted([conflict, same, orhans]) == (conflict,)
    assert counted([conflict, same, orhans], as_orhan=True) == (conflict, orhans)


@pytest.mark.parametrize(
    ("name", "exemplars"),
    [
        ("airplane1-bicycle2.png", ("airplane1", "bicycle2")),
        ("cat10-cat3.png", ("cat10", "cat3")),
        ("airplane-bicycle2.png", None),
        ("apple1-bicycle2.png", None),
        ("airplane1-bicycle2.jpg", None),
    ],
)
def test_a_published_name_says_of_which_exemplars_a_stimulus_was_made(name, exemplars):
    assert exemplars_in(name) == exemplars
