import math

import numpy as np
import pytest
import torch
from PIL import Image

from robust_core.corruptions.sequences import PERTURBATIONS, flip_probability, frames, top5_distance
from robust_core.errors import BadInput, UnknownName


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    """(3, 96, 110), smooth colours with edges, at 8 bits."""
    rows, columns = np.mgrid[0:96, 0:110]
    levels = np.stack([rows * 2, columns * 2, 255 - rows - columns])
    levels[:, 30:60, 20:50] = 255 - levels[:, 30:60, 20:50]
    return torch.from_numpy(levels).float() / 255


def levels_of(pixels: torch.Tensor) -> np.ndarray:
    return (pixels * 255).round().numpy().astype(int)


@pytest.mark.parametrize("row", PERTURBATIONS.values(), ids=lambda row: row.name)
def test_every_row_makes_its_sequence(row, pixels):
    before = pixels.clone()
    sequence = frames(pixels, row.name, seed=0, crop_px=64)
    assert sequence.shape == (row.frames, 3, 64, 64)
    assert row.frames == (41 if row.name == "translate" else 31)
    assert row.reference == ("first" if "noise" in row.name else "previous")
    assert torch.equal(sequence, torch.from_numpy(levels_of(sequence)).float() / 255)
    assert torch.equal(sequence, frames(pixels, row.name, seed=0, crop_px=64))
    assert frames(pixels, row.name, seed=0).shape == (row.frames, 3, 96, 110)
    standing = sum(torch.equal(one, other) for one, other in zip(sequence, sequence[1:], strict=False))
    assert standing <= 1  # a blur at -92 degrees reads the same pixels as at -88
    assert torch.equal(pixels, before)


# The frame in which nothing has moved yet, where there is one.
STILL = {"gaussian_noise": 0, "shot_noise": 0, "zoom_blur": 0, "brightness": 15, "translate": 20, "scale": 24}


@pytest.mark.parametrize(("name", "still"), STILL.items())
def test_the_still_frame_is_the_image(name, still, pixels):
    crop = pixels[:, 16:80, 23:87]
    assert np.abs(levels_of(frames(pixels, name, seed=3, crop_px=64)[still]) - levels_of(crop)).max() <= 1


def test_noise_is_drawn_anew_for_each_frame_and_from_the_seed(pixels):
    sequence = frames(pixels * 0.5 + 0.25, "gaussian_noise", seed=0)
    noise = sequence[1:] - sequence[0]
    assert noise.std() == pytest.approx(0.03, rel=0.02)
    assert torch.corrcoef(noise.flatten(1)).fill_diagonal_(0).abs().max() < 0.05
    assert not torch.equal(frames(pixels, "gaussian_noise", seed=1)[1], frames(pixels, "gaussian_noise", seed=0)[1])


def test_translate_moves_whole_pixels_and_brings_the_outside_into_view(pixels):
    sequence = frames(pixels, "translate", seed=0, crop_px=64)
    for step in range(41):
        left = 23 - (step - 20)  # an image moved to the right shows what lay further left
        assert torch.equal(sequence[step], pixels[:, 16:80, left : left + 64])
    uncropped = frames(pixels, "translate", seed=0)
    assert torch.equal(uncropped[25][:, :, 5:], pixels[:, :, :-5])
    assert not uncropped[25][:, :, :5].any()


def test_rotate_and_scale_are_torchvision_0_2s(pixels):
    """Its matrix, from the definition: the inverse of translation(centre) rotation scale translation(-centre)."""
    image = Image.fromarray(levels_of(pixels).transpose(1, 2, 0).astype(np.uint8))
    centre = np.array([[1, 0, 110 / 2 + 0.5], [0, 1, 96 / 2 + 0.5], [0, 0, 1]])
    for name, motions in (
        ("rotate", [(i - 15, 1) for i in range(31)]),
        ("scale", [(0, 0.4 + 0.025 * i) for i in range(31)]),
    ):
        sequence = levels_of(frames(pixels, name, seed=0))
        for step in (0, 7, 30):
            angle, scale = math.radians(motions[step][0]), motions[step][1]
            turn = (
                np.array(
                    [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1 / scale]]
                )
                * scale
            )
            matrix = np.linalg.inv(centre @ turn @ np.linalg.inv(centre))
            expected = image.transform(
                image.size, Image.Transform.AFFINE, matrix.flatten()[:6], Image.Resampling.BILINEAR
            )
            assert np.abs(sequence[step] - np.asarray(expected).transpose(2, 0, 1)).max() <= 1


def test_zoom_blur_is_a_running_mean(pixels):
    """The centre pixel of an image that is symmetric about it hardly changes; the edge moves towards the centre's
    colour.
    """
    sequence = frames(pixels, "zoom_blur", seed=0, crop_px=64)
    spread = [frame.std().item() for frame in sequence]
    assert (sequence[1:] - sequence[:-1]).abs().mean(
        (1, 2, 3)
    ).argmax() < 3  # each frame weighs less in the mean than the last
    assert spread[-1] < spread[0]


def test_brightness_is_the_corruption_with_a_moving_delta(pixels):
    sequence = frames(pixels, "brightness", seed=0)
    value = pixels.amax(0)
    for step in (0, 30):
        expected = (value + (step - 15) * 0.02).clamp(0, 1)
        assert torch.allclose(sequence[step].amax(0), expected, atol=1.01 / 255)


def test_tilt_is_opencvs(pixels):
    cv2 = pytest.importorskip("cv2")
    image = levels_of(pixels).transpose(1, 2, 0).astype(np.uint8)
    sequence = levels_of(frames(pixels, "tilt", seed=0))
    for step in (0, 10, 30):
        angle, diagonal = math.radians(step - 15), math.hypot(110, 96)
        cosine, sine = math.cos(angle), math.sin(angle)
        turned = np.array(
            [[cosine, 0, -sine], [-sine * sine, cosine, -sine * cosine], [sine * cosine, sine, cosine * cosine]]
        )  # Rx Ry
        flat = np.array([[1, 0, -110 / 2], [0, 1, -96 / 2], [0, 0, 1]])
        # A point of the image lies at (x, y, 1) before it is turned, as in the reference, and one diagonal away
        # after.
        homography = (
            np.array([[diagonal, 0, 55], [0, diagonal, 48], [0, 0, 1]])
            @ (turned + np.array([[0, 0, 0], [0, 0, 0], [0, 0, diagonal]]))
            @ flat
        )
        expected = cv2.warpPerspective(image, homography, (110, 96)).transpose(2, 0, 1)
        difference = np.abs(sequence[step] - expected.astype(int))
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.02


def test_snow_falls_while_the_flakes_stay(pixels):
    sequence = frames(pixels, "snow", seed=0)
    flakes = sequence.mean((1, 2, 3))
    assert flakes.min() > pixels.mean()
    assert flakes.std() < 0.01


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rotates", 0, None), "rotate"),
        (("rotate", -1, None), "seed"),
        (("rotate", 0.5, None), "seed"),
        (("rotate", 0, 97), "crop"),
        (("rotate", 0, 31), "crop"),
    ],
)
def test_misuse_of_frames_is_refused(arguments, sentence, pixels):
    name, seed, crop_px = arguments
    with pytest.raises(BadInput, match=sentence) as caught:
        frames(pixels, name, seed, crop_px=crop_px)
    assert isinstance(caught.value, UnknownName) == (name == "rotates")


def test_a_batch_is_refused(pixels):
    with pytest.raises(BadInput, match="shape"):
        frames(pixels[None], "rotate", 0)


def test_flip_probability_by_hand():
    predictions = torch.tensor([[4, 4, 5, 5, 4], [7, 7, 7, 7, 7]])
    assert flip_probability(predictions, "previous").tolist() == [2 / 4, 0]
    assert flip_probability(predictions, "first").tolist() == [2 / 4, 0]
    assert flip_probability(torch.tensor([[1, 2, 2, 2]]), "first").tolist() == [1]
    assert flip_probability(torch.tensor([[1, 2, 2, 2]]), "previous").tolist() == [1 / 3]


def published_top5_distance(logits: np.ndarray, against_first: bool) -> float:
    """ImageNet-P/test.py, loop by loop: cumulative counts of the five first ranks."""
    counts = np.cumsum([0, 1, 1, 1, 1, 1] + [0] * (logits.shape[1] - 6))
    ranks = [np.argsort(np.argsort(-one, kind="stable"), kind="stable") + 1 for one in logits]
    distances, before = [], np.argsort(ranks[0])
    for now in ranks[1:]:
        moved = now[before]
        distances.append(np.abs(counts[:5] - counts[moved - 1][:5]).sum())
        before = before if against_first else np.argsort(now)
    return float(np.mean(distances))


@pytest.mark.parametrize("reference", ["first", "previous"])
def test_top5_distance_is_the_published_loop(reference):
    logits = np.random.default_rng(0).standard_normal((7, 31, 1000)).cumsum(1).round(1)  # rounding makes ties
    ours = top5_distance(torch.from_numpy(logits), reference)
    assert ours.tolist() == pytest.approx([published_top5_distance(one, reference == "first") for one in logits])


def test_top5_distance_ends():
    still = torch.arange(20.0).repeat(1, 3, 1)
    assert top5_distance(still, "previous").tolist() == [0]
    reversed_after = torch.cat([still[:, :1], still[:, :1].flip(2)], dim=1)
    assert top5_distance(reversed_after, "previous").tolist() == [15]


@pytest.mark.parametrize("reference", ["last", None])
def test_another_reference_is_refused(reference):
    with pytest.raises(BadInput, match="'first' or the 'previous'"):
        flip_probability(torch.zeros(1, 3), reference)


def test_too_few_frames_or_classes_are_refused():
    with pytest.raises(BadInput, match="at least 2 frames"):
        flip_probability(torch.zeros(3, 1), "first")
    with pytest.raises(BadInput, match="5 classes"):
        top5_distance(torch.zeros(3, 4, 4), "first")
    with pytest.raises(BadInput, match="shape"):
        top5_distance(torch.zeros(3, 1000), "first")
