import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from robust_core.models.catalogue import list_models
from robust_core.ui.benchmarks.models import NEUTRAL
from robust_core.ui.colours import FAMILY_COLOURS, model_colours

THEME = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
COLOURS = sorted({*chain(*FAMILY_COLOURS.values()), NEUTRAL})
ENOUGH = 2.0


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return sum(weight * (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4) for weight, x in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_model_has_a_colour_and_every_family_its_shades():
    colours = model_colours()
    assert set(colours) == {spec.key for spec in list_models()}
    assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in COLOURS)
    assert {spec.family for spec in list_models()} <= set(FAMILY_COLOURS)


def test_the_models_of_the_paper_are_told_apart():
    colours = model_colours()
    paper = [colours[spec.key] for spec in list_models()[:5]]
    assert len(set(paper)) == 5


def test_no_colour_stands_for_two_families():
    first = dict.fromkeys(FAMILY_COLOURS.values())
    assert len(set(chain(*first))) == len(list(chain(*first)))


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_every_colour_can_be_seen_on_both_grounds(ground):
    faint = {colour: contrast(colour, THEME[ground]["backgroundColor"]) for colour in COLOURS}
    assert {colour: ratio for colour, ratio in faint.items() if ratio < ENOUGH} == {}


def test_contrast_is_that_of_the_standard():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
