import numpy as np
import pytest

from robust_core.benchmark.training import GROUPS, MORE_DATA, OTHER_ROBUST, SELF_SUPERVISED, published_training
from robust_core.models.catalogue import TABLE
from robust_core.results import published, published_tables
from robust_core.ui.benchmarks.known_models import NEUTRAL, PEOPLE, UNKNOWN, families, family_colour, tag_colour, who
from robust_core.ui.colours import FAMILY_COLOURS, model_colours
from tests.benchmark.finished_runs import number


def only(name):
    return who([number(name)])[name]


def test_a_model_of_the_table_has_its_title_training_and_colour():
    known = only("resnext101_32x48d_wsl")
    assert (known.title, known.family) == ("ResNeXt-101 32x48d WSL", "Weakly supervised (WSL)")
    assert known.colour == model_colours()["resnext101_32x48d_wsl"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("resnet50_linf_eps8_robust", "Adversarially trained"),
        ("SwinB AT (ARES)", "Adversarially trained"),
        ("VGG-16 SIN", "Stylised"),
        ("10 people", PEOPLE),
        ("person 3", PEOPLE),
        ("resnet50_simsiam", UNKNOWN),
        ("EfficientNet-L2 Noisy Student (475 px)", "Noisy Student"),
    ],
)
def test_a_published_name_says_what_it_says_and_no_more(name, family):
    known = only(name)
    assert (known.title, known.family, known.colour) == (name, family, FAMILY_COLOURS.get(family, (NEUTRAL,))[0])


def test_no_two_models_have_the_same_title():
    rows = [row for table in published_tables() for row in published(table)]
    known = who(rows)
    assert len({one.title for one in known.values()}) == len(known)
    taken = next(spec.title for spec in TABLE if spec.title in known)
    assert known[taken].title == f"{taken} (as published)"


def test_families_stand_in_the_order_of_their_colours_and_the_unknown_last():
    known = who(
        [number(name) for name in ("resnet50_simsiam", "senet154", "10 people", "resnext101_32x8d_wsl", "resnet50")]
    )
    assert families(known.values()) == ["ImageNet-trained", "Weakly supervised (WSL)", PEOPLE, UNKNOWN]
    assert family_colour(UNKNOWN) == NEUTRAL


@pytest.mark.parametrize(
    ("name", "family", "stated"),
    [
        ("senet154", "ImageNet-trained", "Standard training"),
        ("BiT-M-R50x1-ILSVRC2012", MORE_DATA, "Trained with more data"),
        ("resnet50_augmix", OTHER_ROBUST, "Other robustness intervention"),
        ("resnet50_dino", SELF_SUPERVISED, "contrastive"),
    ],
)
def test_training_is_what_a_publication_states(name, family, stated):
    known = only(name)
    assert (known.family, known.colour) == (family, family_colour(family))
    assert known.stated.startswith(f"“{stated}”: ")
    assert "@" in known.stated, "a file of a repository at a commit"


def test_every_stated_training_is_a_group_and_of_a_model_that_has_numbers():
    measured = {row.model for table in published_tables() for row in published(table)}
    for model, row in published_training().items():
        assert row.training in (*FAMILY_COLOURS, *GROUPS)
        assert model in measured
        assert model not in {spec.key for spec in TABLE}, "the model table knows better"


def test_white_words_can_be_read_on_every_tag():
    for family in (*FAMILY_COLOURS, *GROUPS, PEOPLE, UNKNOWN):
        colour = tag_colour(family)
        linear = [
            share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4
            for share in (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
        ]
        assert 1.05 / (np.dot((0.2126, 0.7152, 0.0722), linear) + 0.05) >= 4.5
