import re
import tomllib
from itertools import chain, combinations
from math import dist
from pathlib import Path

import pytest

from robust_core.models.catalogue import list_models
from robust_core.plots.board_charts import LINE_COLOUR
from robust_core.plots.cue_axis import CUE_COLOURS
from robust_core.ui.benchmarks.known_models import NEUTRAL
from robust_core.ui.colours import FAMILY_COLOURS, model_colours, told_apart

THEME = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
COLOURS = sorted(
    {*chain(*FAMILY_COLOURS.values()), *CUE_COLOURS.values(), *THEME["chartCategoricalColors"], NEUTRAL, LINE_COLOUR}
)
ENOUGH = 3.0  # WCAG 2.2, 1.4.11, for what is no text
FAMILY_APART, IMPORTED_APART = 0.05, 0.15  # distances in OKLab, where 0.02 is just seen


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return sum(
        weight * (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4)
        for weight, x in zip((0.2126, 0.7152, 0.0722), channels, strict=True)
    )


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


def lab(colour):
    """OKLab as Ottosson defined it in 2020."""
    red, green, blue = (
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        for x in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    return lightness, a, 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short


def apart(colours):
    """How near the two nearest of `colours` are."""
    return min(dist(lab(one), lab(other)) for one, other in combinations(colours, 2))


@pytest.mark.parametrize("family", FAMILY_COLOURS)
def test_the_models_of_a_family_are_told_apart_and_imported_ones_at_a_glance(family):
    assert apart(FAMILY_COLOURS[family]) >= (IMPORTED_APART if family == "Imported" else FAMILY_APART)


def test_oklab_is_that_of_its_author():
    assert lab("#FFFFFF") == pytest.approx((1, 0, 0), abs=1e-6)
    assert lab("#FF0000") == pytest.approx((0.62796, 0.22486, 0.12585), abs=1e-4)


def test_no_two_models_chosen_together_share_a_colour():
    specs = [spec for spec in list_models() if spec.family == "ImageNet-trained"]
    for chosen in (specs[:8], specs[::5][:8], specs[4:12]):
        colours = told_apart([spec.title for spec in chosen])
        assert len({colours[spec.key] for spec in chosen}) == len(chosen)
        assert colours[chosen[0].key] == told_apart([])[chosen[0].key], "the first keeps its own"


@pytest.mark.parametrize(
    "ground", [(look, of) for look in ("light", "dark") for of in ("backgroundColor", "secondaryBackgroundColor")]
)
def test_every_colour_can_be_seen_on_both_grounds(ground):
    look, of = ground
    faint = {colour: contrast(colour, THEME[look][of]) for colour in COLOURS}
    assert {colour: ratio for colour, ratio in faint.items() if ratio < ENOUGH} == {}


def test_contrast_is_that_of_the_standard():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
