"""What is cut out of a photo whose object is known, and where it goes."""

import numpy as np
import pytest

from robust_core.edits.backdrops import BACKDROPS, backdrop, without_object
from robust_core.edits.boxes import Box
from robust_core.edits.cutout import MOST_PIXELS, WORKING_PX, Cutout, cut_out, soft_edged
from robust_core.edits.masks import object_mask
from robust_core.edits.object_edit import PHOTO_BACKGROUNDS, UNEDITED, ObjectEdit
from robust_core.errors import BadInput
from tests.edits.photos import BOX, CENTRE_PX, HEIGHT_PX, RADIUS_PX, WIDTH_PX, disc_photo

BLACK = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)


def disc_on_black() -> Cutout:
    """The disc with its true mask and nothing behind it, so that what is not black is the object."""
    rgb, disc = disc_photo()
    return Cutout(rgb, soft_edged(disc), BLACK)


def centre(rgb: np.ndarray) -> np.ndarray:
    """Where what is not black has its middle (x, y)."""
    rows, columns = np.nonzero(rgb.max(2) > 40)
    return np.array([columns.mean(), rows.mean()])


@pytest.mark.parametrize("seed", range(3))
def test_the_mask_of_a_disc_is_the_disc(seed):
    rgb, disc = disc_photo(seed)
    mask = object_mask(rgb, BOX)
    assert (mask & disc).sum() / (mask | disc).sum() >= 0.95


def test_a_large_photo_is_cut_as_its_small_one_is():
    rgb, disc = disc_photo()
    large = np.kron(rgb, np.ones((4, 4, 1), np.uint8))
    cutout = cut_out(large, Box(4 * BOX.x0, 4 * BOX.y0, 4 * BOX.x1, 4 * BOX.y1))
    assert cutout.rgb.shape == (WORKING_PX, round(WORKING_PX * WIDTH_PX / HEIGHT_PX), 3)
    assert (cutout.alpha > 0.5).mean() == pytest.approx(disc.mean(), rel=0.05)


def test_a_panorama_is_made_small_enough_to_be_cut_at_once():
    large = np.kron(disc_photo()[0], np.ones((3, 3, 1), np.uint8))
    wide = np.hstack([large, np.tile(large[:, :150], (1, 26, 1))])
    cutout = cut_out(wide, Box(3 * BOX.x0, 3 * BOX.y0, 3 * BOX.x1, 3 * BOX.y1))
    assert cutout.rgb.size / 3 <= 1.01 * MOST_PIXELS
    assert cutout.rgb.shape[1] / cutout.rgb.shape[0] == pytest.approx(wide.shape[1] / wide.shape[0], rel=0.01)


def test_behind_an_object_that_is_nearly_all_of_the_photo_something_is_filled_in():
    rgb, _ = disc_photo()
    mask = np.ones(rgb.shape[:2], bool)
    mask[:, :20] = False
    filled = without_object(rgb, mask)
    assert np.abs(filled[mask].mean(0) - rgb[:, :10].mean((0, 1))).max() < 25


def test_a_cut_repeats_bit_for_bit_whatever_was_drawn_before():
    import cv2

    rgb, _ = disc_photo()
    first = cut_out(rgb, BOX)
    cv2.setRNGSeed(99)
    second = cut_out(rgb, BOX)
    assert np.array_equal(first.alpha, second.alpha)
    edit = ObjectEdit(0.7, 10, -5, 30, 60, "noise")
    assert np.array_equal(first.edited(edit), second.edited(edit))


def test_no_edit_before_the_untouched_photo_is_the_photo_itself():
    rgb, disc = disc_photo()
    assert np.array_equal(Cutout(rgb, soft_edged(disc), rgb).edited(UNEDITED), rgb)


def test_the_control_differs_from_the_photo_at_the_object_s_rim_alone():
    rgb, disc = disc_photo()
    cutout = cut_out(rgb, BOX)
    changed = (cutout.edited(UNEDITED) != rgb).any(2)
    rows, columns = np.nonzero(changed)
    from_centre = np.hypot(columns - CENTRE_PX[0], rows - CENTRE_PX[1])
    assert changed.any()
    assert from_centre.min() > RADIUS_PX - 6
    assert from_centre.max() < RADIUS_PX + 8


def test_behind_the_object_its_surroundings_go_on():
    rgb, disc = disc_photo()
    filled = without_object(rgb, disc)
    inside = filled[disc].mean(0)
    assert np.abs(inside - rgb[~disc].mean(0)).max() < 12
    assert np.abs(inside - rgb[disc].mean(0)).max() > 50
    far = np.hypot(*(np.mgrid[:HEIGHT_PX, :WIDTH_PX] - np.array(CENTRE_PX)[::-1, None, None])) > RADIUS_PX + 10
    assert np.array_equal(filled[far], rgb[far])


@pytest.mark.parametrize(("right_px", "down_px"), [(36, 0), (-27, 9), (0, -18)])
def test_a_move_moves_the_centre_by_just_that(right_px, down_px):
    cutout = disc_on_black()
    shorter = min(HEIGHT_PX, WIDTH_PX)
    edit = ObjectEdit(right_percent=100 * right_px / shorter, down_percent=100 * down_px / shorter)
    moved, before = cutout.edited(edit), cutout.edited(UNEDITED)
    assert np.array_equal(moved, np.roll(before, (down_px, right_px), (0, 1)))


def test_a_zoom_scales_the_area_by_its_square_and_keeps_the_centre():
    cutout = disc_on_black()
    before = cutout.edited(UNEDITED)
    for zoom in (0.5, 1.5):
        after = cutout.edited(ObjectEdit(zoom=zoom))
        area = after.sum() / before.sum()
        assert area == pytest.approx(zoom**2, rel=0.02)
        assert np.abs(centre(after) - centre(before)).max() < 0.7


def test_a_rotation_is_clockwise_and_four_quarters_are_none():
    rgb = np.zeros((101, 101, 3), np.uint8)
    mask = np.zeros((101, 101), bool)
    mask[46:55, 30:71] = True  # a bar, white on its right
    rgb[46:55, 30:71] = 90
    rgb[46:55, 60:71] = 255
    cutout = Cutout(rgb, soft_edged(mask), np.zeros_like(rgb))
    turned = cutout.edited(ObjectEdit(rotation_degrees=90))
    rows, _ = np.nonzero(turned[..., 0] > 200)
    assert rows.mean() == pytest.approx(65, abs=1.5), "the white end points down"
    whole = cutout.edited(ObjectEdit(rotation_degrees=360)).astype(int)
    assert np.abs(whole - cutout.edited(UNEDITED)).max() <= 1


def test_half_a_turn_of_the_hue_twice_is_none_and_once_is_the_opposite():
    cutout = disc_on_black()
    whole = np.ones(cutout.alpha.shape, np.float32)
    once = Cutout(cutout.rgb, whole, BLACK).edited(ObjectEdit(hue_degrees=180))
    twice = Cutout(once, whole, BLACK).edited(ObjectEdit(hue_degrees=180)).astype(int)
    assert np.abs(twice - cutout.rgb).max() <= 2
    x, y = CENTRE_PX
    assert cutout.rgb[y, x].argmax() == 0, "reddish"
    assert once[y, x].argmin() == 0, "bluish green"


def test_what_leaves_the_photo_is_lost_and_what_is_seen_of_it_is_counted():
    cutout = disc_on_black()
    assert cutout.visible_share(UNEDITED, (0, 0, 1, 1)) == pytest.approx(1)
    assert cutout.visible_share(UNEDITED, (0, 0, CENTRE_PX[0] / WIDTH_PX, 1)) == pytest.approx(0.5, abs=0.02)
    away = ObjectEdit(right_percent=100)
    assert cutout.visible_share(away, (0, 0, 1, 1)) == 0
    assert not cutout.edited(away).any()


def test_the_outline_goes_around_the_object():
    (outline,) = disc_on_black().outlines
    from_centre = np.hypot(*((outline * (WIDTH_PX, HEIGHT_PX) - 0.5 - CENTRE_PX).T))
    assert np.abs(from_centre - RADIUS_PX).max() < 3


def test_backgrounds_are_those_of_the_table_and_lie_behind_the_object_alone():
    assert set(BACKDROPS) == {"", *PHOTO_BACKGROUNDS}
    rgb, disc = disc_photo()
    cutout = Cutout(rgb, soft_edged(disc), without_object(rgb, disc))
    whole = cutout.alpha == 1
    far = cutout.alpha == 0
    for kind in PHOTO_BACKGROUNDS:
        shown = cutout.edited(ObjectEdit(background=kind))
        assert np.array_equal(shown[whole], rgb[whole])
        assert np.array_equal(shown[far], backdrop(kind, cutout.background)[far])
        assert (shown[far] != rgb[far]).any()


@pytest.mark.parametrize(
    ("paint", "box", "sentence"),
    [
        (lambda rgb: rgb, Box(0, 0, WIDTH_PX, HEIGHT_PX), "covers the whole image"),
        (lambda rgb: rgb, Box(10, 10, 16, 100), "at least 8 px a side"),
        (lambda rgb: rgb, Box(10, 10, WIDTH_PX + 1, 100), "does not lie in the image"),
        (np.zeros_like, BOX, "GrabCut"),
    ],
)
def test_what_cannot_be_cut_is_refused_in_a_sentence(paint, box, sentence):
    rgb, _ = disc_photo()
    with pytest.raises(BadInput, match=sentence):
        cut_out(paint(rgb), box)


def test_a_square_that_fills_its_box_is_refused():
    rgb = np.full((120, 120, 3), 40, np.uint8) + np.random.default_rng(0).integers(0, 20, (120, 120, 3), np.uint8)
    rgb[30:80, 30:80] += 180
    with pytest.raises(BadInput, match="whole box"):
        cut_out(rgb, Box(30, 30, 80, 80))
    assert (cut_out(rgb, Box(20, 20, 90, 90)).alpha > 0.5).sum() == pytest.approx(2500, rel=0.1)
