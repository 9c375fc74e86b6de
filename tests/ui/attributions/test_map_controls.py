import pytest

from robust_core.attributions.methods import METHODS
from robust_core.labels import CATEGORIES, CLASSES, IMAGENET, MINI
from robust_core.ui.attributions.map_controls import FIRST_METHODS, class_options, describe
from robust_core.ui.attributions.map_grid import correlation_words


@pytest.mark.parametrize(("label_space", "classes"), [(IMAGENET, len(CLASSES)), (MINI, len(CATEGORIES))])
def test_every_class_can_be_chosen_by_a_name_of_its_own(label_space, classes):
    assert len(set(class_options(label_space))) == classes


def test_the_first_methods_exist():
    assert set(FIRST_METHODS) <= set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_settings_in_words(method):
    assert "_" not in describe(METHODS[method], METHODS[method].settings({}))


def test_a_correlation_that_is_not_there_is_said():
    assert correlation_words(None).startswith("not defined")
    assert correlation_words(-0.5) == "ρ = -0.50"
