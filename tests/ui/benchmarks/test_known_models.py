import pytest

from robust_core.models.catalogue import TABLE
from robust_core.results import published, published_tables
from robust_core.ui.benchmarks.known_models import NEUTRAL, PEOPLE, UNKNOWN, families, family_colour, who
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
        ("senet154", UNKNOWN),
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
    known = who([number(name) for name in ("senet154", "10 people", "resnext101_32x8d_wsl", "resnet50")])
    assert families(known.values()) == ["ImageNet-trained", "Weakly supervised (WSL)", PEOPLE, UNKNOWN]
    assert family_colour(UNKNOWN) == NEUTRAL
