"""The table of edits: words, order, and what is refused."""

import math

import pytest

from robust_core.edits.object_edit import KINDS, SCENE_BACKGROUNDS, UNEDITED, ObjectEdit, get_kind, in_order
from robust_core.errors import BadInput, UnknownName
from robust_core.mini.backgrounds import BACKGROUNDS


def test_backgrounds_are_those_that_can_be_drawn():
    assert set(SCENE_BACKGROUNDS) == set(BACKGROUNDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_kind_changes_its_own_fields_alone_and_has_the_scene_as_it_is(kind):
    assert UNEDITED in kind.edits
    assert len(set(kind.edits)) == len(kind.edits) > 4
    assert all(kind.is_of(edit) for edit in kind.edits)
    others = [one for one in KINDS.values() if one is not kind]
    assert not any(other.is_of(edit) for other in others for edit in kind.edits if edit != UNEDITED)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (UNEDITED, "not edited"),
        (ObjectEdit(zoom=0.5, right_percent=-8), "size × 0.5, 8% left"),
        (ObjectEdit(down_percent=3, hue_degrees=45), "3% down, hue + 45°"),
        (ObjectEdit(rotation_degrees=-30, background="flat"), "turned by -30°, background: flat"),
    ],
)
def test_an_edit_in_words(edit, words):
    assert str(edit) == words


def test_the_order_is_that_of_the_table_whatever_was_asked():
    own = ObjectEdit(zoom=0.5, right_percent=1)
    hue = KINDS["hue"].edits
    assert in_order((own, *reversed(hue), hue[1])) == (*hue, own)
    assert in_order(()) == (UNEDITED,)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"zoom": 0}, "zoom must be from 0.1 to 4; got 0"),
        ({"zoom": 4.5}, "zoom must be from 0.1 to 4; got 4.5"),
        ({"right_percent": math.nan}, "right_percent must be a number; got nan"),
        ({"hue_degrees": "red"}, "hue_degrees must be a number; got 'red'"),
    ],
)
def test_what_is_no_edit_is_refused(settings, sentence):
    with pytest.raises(BadInput, match=sentence):
        ObjectEdit(**settings)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownName, match="clutter"):
        ObjectEdit(background="cluter")
    with pytest.raises(UnknownName, match="size"):
        get_kind("sizes")
