import numpy as np
import pytest

from robust_core import labels
from robust_core.errors import BadInput
from robust_core.mini.canvas import SIDE_PX, Canvas
from robust_core.mini.shapes import CATEGORIES, VARIANTS, silhouette


def test_categories_are_those_of_the_paper():
    assert tuple(labels.CATEGORIES) == CATEGORIES


@pytest.mark.parametrize("category", range(len(CATEGORIES)), ids=CATEGORIES)
def test_a_silhouette_fills_some_of_its_square_and_has_shaded_parts(category):
    coverage, shade = silhouette(category, 0)
    assert coverage.shape == shade.shape == (SIDE_PX, SIDE_PX)
    assert 0.08 < (coverage > 128).mean() < 0.75
    assert len(np.unique(shade[coverage == 255])) > 2


@pytest.mark.parametrize("category", range(len(CATEGORIES)), ids=CATEGORIES)
def test_variants_differ_and_are_drawn_alike_again(category):
    first = silhouette(category, 0).copy()
    assert (first != silhouette(category, 1)).mean() > 0.01
    silhouette.cache_clear()
    assert np.array_equal(first, silhouette(category, 0))


@pytest.mark.parametrize(("category", "variant"), [(16, 0), (-1, 0), (0, VARIANTS), (0, -1)])
def test_what_is_not_in_the_bank_is_refused(category, variant):
    with pytest.raises(BadInput):
        silhouette(category, variant)


def test_an_unwarped_box_covers_exactly_its_pixels():
    canvas = Canvas(np.random.default_rng(0), warp=0.0)
    canvas.box(-0.5, -0.5, 0.5, 0.5, shade=0.5)
    coverage, shade = canvas.planes()
    inside = slice(SIDE_PX // 4 + 1, 3 * SIDE_PX // 4 - 1)
    assert (coverage[inside, inside] == 255).all()
    assert (shade[inside, inside] == 64).all()
    assert coverage.sum() / 255 == pytest.approx((SIDE_PX / 2) ** 2, rel=0.03)


def test_a_detail_never_changes_the_outline():
    canvas = Canvas(np.random.default_rng(0))
    canvas.detail([(-0.5, -0.5), (0.5, -0.5), (0, 0.5)], 2.0)
    coverage, shade = canvas.planes()
    assert coverage.max() == 0
    assert shade.max() == 255
