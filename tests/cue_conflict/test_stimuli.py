import pytest

from robust_core.cue_conflict.stimuli import KEPT_BY_ORHAN, Stimulus, counted, cues_in, cues_in_table
from robust_core.errors import BadInput


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
        ("picture,label\n1,2\n", "got picture, label"),
        ("file,shape\none.png,cat\n", "columns file, shape, texture"),
        ("file,shape,texture\none.png,cat,zebra\n", "got zebra"),
        ("file,shape,texture\none.png,cat\n", "got None"),
    ],
)
def test_a_table_of_something_else_is_refused(table, sentence):
    with pytest.raises(BadInput, match=sentence):
        cues_in_table(table)


def test_what_is_no_conflict_does_not_count_but_for_orhans_one_picture():
    conflict = Stimulus("1", "cat1-dog1.png", "cat", "dog")
    same = Stimulus("2", "oven1-oven2.png", "oven", "oven")
    orhans = Stimulus("3", KEPT_BY_ORHAN, "bicycle", "bicycle")
    assert counted([conflict, same, orhans]) == (conflict,)
    assert counted([conflict, same, orhans], as_orhan=True) == (conflict, orhans)
