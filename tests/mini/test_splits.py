from dataclasses import replace

import pytest
import torch

from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.mini.scene_config import HARD, WIDE
from robust_core.mini.shapes import VARIANTS
from robust_core.mini.splits import (
    CONFLICT,
    SPLITS,
    STREAM,
    STREAM_ATYPICAL,
    STREAM_PLAIN,
    TEST,
    TEST_HARD,
    TRAIN,
    hashtags,
    render,
    rendering,
)
from tests.outcomes import events_and_result


def test_any_order_and_any_cut_give_the_same_images():
    whole = render(TEST, 0, 192)
    later, middle = render(TEST, 128, 64), render(TEST, 50, 30)
    assert torch.equal(whole[128:].pixels, later.pixels)
    assert torch.equal(whole[50:80].pixels, middle.pixels)
    assert torch.equal(whole[50:80].shape, middle.shape)


def test_seed_and_split_both_change_the_images():
    base, other_seed, other_split = render(TEST, 0, 64), render(TEST, 0, 64, seed=1), render(TRAIN, 0, 64)
    assert not torch.equal(base.pixels, other_seed.pixels)
    assert not torch.equal(base.pixels, other_split.pixels)


def test_categories_are_balanced_within_a_chunk():
    assert render(TEST, 64, 64).shape.bincount().tolist() == [4] * 16


def test_a_conflict_never_has_its_own_texture():
    images = render(CONFLICT)
    assert (images.shape != images.texture).all()
    assert images.texture.bincount(minlength=16).min() > 30


def test_elsewhere_texture_and_shape_agree_but_for_the_atypical():
    assert (render(TEST, 0, 128).texture == render(TEST, 0, 128).shape).all()
    hard = render(TEST_HARD, 0, 1024)
    expected = HARD.atypical_fraction * 15 / 16
    assert (hard.texture != hard.shape).float().mean() == pytest.approx(expected, abs=0.04)


def test_hard_silhouettes_are_in_no_other_split():
    trained = max(split.config.variants[1] for split in SPLITS.values() if split is not TEST_HARD)
    assert trained <= HARD.variants[0] < HARD.variants[1] <= VARIANTS


def test_between_a_quarter_and_three_tenths_of_the_hashtags_are_wrong():
    images = render(STREAM_PLAIN, 0, 1024)
    wrong = (hashtags(images, seed=0) != images.shape).float().mean()
    assert 0.25 < wrong < 0.31


def test_without_second_objects_only_mistakes_are_wrong():
    images = render(TEST, 0, 1024)
    assert (hashtags(images, seed=0) != images.shape).float().mean() == pytest.approx(0.15 * 15 / 16, abs=0.03)


def test_the_three_streams_show_the_same_scenes():
    plain, phone, atypical = (render(split, 0, 64) for split in (STREAM_PLAIN, STREAM, STREAM_ATYPICAL))
    assert torch.equal(plain.mask, phone.mask)
    assert torch.equal(plain.mask, atypical.mask)
    assert torch.equal(plain.second, phone.second)
    assert replace(STREAM.config, camera=WIDE.camera) == WIDE


def test_progress_comes_after_every_chunk_and_the_images_are_returned():
    progress, images = events_and_result(rendering(TEST, 0, 100))
    assert [event.done for event in progress] == [1, 2]
    assert all(isinstance(event, Progress) for event in progress)
    assert len(images) == 100


@pytest.mark.parametrize(("start", "count", "seed"), [(-1, 5, 0), (0, 0, 0), (2048, 1, 0), (2000, 100, 0), (0, 5, -1)])
def test_images_that_are_not_there_are_refused(start, count, seed):
    with pytest.raises(BadInput):
        render(TEST, start, count, seed)
