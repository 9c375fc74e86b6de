"""Class lists of the user's own: every kind of file gives the same classes, everything else a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust_core.errors import BadInput
from robust_core.labels import CLASSES, IMAGENET, MINI
from robust_core.models.class_lists import label_space, read_label_space
from tests.anything import bounded

FLOWERS = ("daisy", "dandelion", "rose", "sunflower", "tulip")
AS_FILES = {
    "lines": "\n".join(FLOWERS),
    "lines of Windows with a byte order mark": "\ufeff" + "\r\n".join(FLOWERS) + "\r\n\r\n",
    "numbered by a space": "\n".join(f"{place} {name}" for place, name in enumerate(FLOWERS)),
    "numbered by a colon": "\n".join(f"{place}: {name}" for place, name in enumerate(FLOWERS)),
    "numbered by a tab": "\n".join(f"{place}\t{name}" for place, name in enumerate(FLOWERS)),
    "numbered from one": "\n".join(f"{place} {name}" for place, name in enumerate(FLOWERS, 1)),
    "a JSON list": json.dumps(FLOWERS),
    "id2label": json.dumps({str(place): name for place, name in reversed(list(enumerate(FLOWERS)))}),
    "class_to_idx": json.dumps({name: place for place, name in enumerate(FLOWERS)}),
}


@pytest.mark.parametrize("text", AS_FILES.values(), ids=AS_FILES)
def test_every_kind_of_file_gives_the_same_classes(text, tmp_path):
    (tmp_path / "flowers.txt").write_text(text, encoding="utf-8", newline="")
    space = read_label_space(tmp_path / "flowers.txt")
    assert space.names == FLOWERS
    assert space.title == "flowers"
    assert space == label_space("\n".join(FLOWERS).encode(), "another name.txt")
    assert space not in (IMAGENET, MINI)


def test_wordnet_ids_are_imagenet_classes_and_labels_cross():
    tench, church = CLASSES[0], next(one for one in CLASSES if one.name == "church")
    space = label_space(f"{tench.wnid} tench, Tinca tinca\n{church.wnid}\n".encode(), "imagenette.txt")
    assert space.names == (tench.name, church.name)
    assert space.index_of(church.index, IMAGENET) == 1
    assert space.index_of(1, IMAGENET) is None
    assert space.index_of(0, MINI) is None
    assert IMAGENET.index_of(1, space) == church.index


@pytest.mark.parametrize("names", [[one.wnid for one in CLASSES], [one.name for one in CLASSES]], ids=["ids", "names"])
def test_imagenets_own_list_is_imagenet(names):
    assert label_space(json.dumps(names).encode(), "imagenet.json") is IMAGENET
    keras = {str(one.index): [one.wnid, one.name] for one in CLASSES}
    assert label_space(json.dumps(keras).encode(), "imagenet_class_index.json") is IMAGENET


def test_another_order_is_another_label_space():
    assert label_space(b"a\nb", "x.txt") != label_space(b"b\na", "x.txt")


def test_names_that_occur_twice_get_their_index():
    assert label_space(b"crane\ndog\ncrane", "birds.txt").names == ("crane (0)", "dog", "crane (2)")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "lists 0 classes"),
        (b"only", "lists 1 class;"),
        (b"a\n\nb", "Line 2 of classes.txt is empty"),
        (b"a\nb\x00", "Class 1 in classes.txt"),
        (b"a\n" + b"x" * 81, "Class 1 in classes.txt"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"[1, 2]", "JSON of another kind"),
        (b'{"0": "a", "2": "b"}', "JSON of another kind"),
        (b'{"a": 0, "b": 0}', "JSON of another kind"),
        (b'{"a": "b"}', "JSON of another kind"),
        (b'["a", "b"', "begins like JSON and is none"),
        (b"[" * 100_000, "begins like JSON and is none"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(BadInput, match=sentence):
        label_space(data, "classes.txt")


def test_a_file_that_is_not_there_or_too_large(tmp_path):
    with pytest.raises(BadInput, match="missing.txt cannot be read"):
        read_label_space(tmp_path / "missing.txt")
    (tmp_path / "large.txt").write_bytes(b"a\n" * (3 * 2**20))
    with pytest.raises(BadInput, match="larger than 5 MB"):
        read_label_space(tmp_path / "large.txt")


@bounded
@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_classes_or_a_sentence(data):
    try:
        space = label_space(data, "classes.txt")
    except BadInput:
        return
    assert len(set(space.names)) == len(space.names) >= 2
