import pytest

from robust_core.data.uploads.class_folders import class_called, class_of_path
from robust_core.labels import CLASSES


@pytest.mark.parametrize(
    ("word", "index"),
    [
        *(("n02099601", 207), ("207", 207), ("0", 0), ("999", 999), ("007", 7)),
        *(
            ("golden retriever", 207),
            ("Golden_Retriever", 207),
            ("GOLDEN  RETRIEVER", 207),
            ("goldfish", 1),
            ("Carassius auratus", 1),
        ),
        *(("1000", None), ("-1", None), ("²", None), ("", None), ("holiday", None), ("n00000000", None)),
        *(("crane", None), ("maillot", None), ("crane bird", 134), ("n02012849", 134)),
    ],
)
def test_a_word_names_a_class_only_where_it_names_one(word, index):
    assert class_called(word) == index


def test_every_wnid_and_every_index_names_its_class():
    assert (
        [class_called(one.wnid) for one in CLASSES]
        == [class_called(str(one.index)) for one in CLASSES]
        == list(range(1000))
    )


def test_every_name_that_is_taken_is_its_own():
    assert all(class_called(one.name) in (one.index, None) for one in CLASSES)


@pytest.mark.parametrize(
    ("folders", "index"),
    [
        ([], None),
        (["n01440764"], 0),
        (["mine", "n01440764"], 0),
        (["train", "n01440764", "images"], 0),
        (["10", "beach"], None),
        (["n01440764", "1"], 1),
    ],
)
def test_the_innermost_folder_counts_and_further_out_only_a_wnid(folders, index):
    assert class_of_path(folders) == index
