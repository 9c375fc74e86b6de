import re

from robust_core.models.catalogue import list_models
from robust_core.ui.colours import FAMILY_HUES, model_colours


def test_every_model_has_a_colour_and_every_family_a_hue():
    colours = model_colours()
    assert set(colours) == {spec.key for spec in list_models()}
    assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in colours.values())
    assert {spec.family for spec in list_models()} <= set(FAMILY_HUES)


def test_the_models_of_the_paper_are_told_apart():
    colours = model_colours()
    paper = [colours[spec.key] for spec in list_models()[:5]]
    assert len(set(paper)) == 5
