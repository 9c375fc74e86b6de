import numpy as np
import pytest

from robust_core import data
from robust_core.data import synthetic
from robust_core.data.synthetic import LARGEST_SEED, NAMES, SCENES, read_synthetic, synthetic_id
from robust_core.errors import UnknownName
from robust_core.images import to_pixels
from robust_core.labels import MINI
from robust_core.models.registry_mini import MINI_REGISTRY


def test_an_id_draws_the_same_image_every_time():
    sample_id = synthetic_id("wide", "bear", "keyboard", 11)
    first, second = data.read(sample_id), read_synthetic(sample_id)
    np.testing.assert_array_equal(first.rgb, second.rgb)
    assert first.digest == second.digest
    assert (first.label, first.label_space) == (NAMES.index("bear"), MINI)
    assert first.name == "bear with the texture of keyboard"
    assert first.rgb.shape == (64, 64, 3)
    assert not first.rgb.flags.writeable


def test_every_part_of_an_id_changes_the_image():
    ids = [
        synthetic_id("clean", "bear", "bear", 1),
        synthetic_id("hard", "bear", "bear", 1),
        synthetic_id("clean", "dog", "bear", 1),
    ]
    ids += [synthetic_id("clean", "bear", "dog", 1), synthetic_id("clean", "bear", "bear", 2)]
    assert len({read_synthetic(one).digest for one in ids}) == len(ids)


def test_a_mini_model_sees_the_image_unchanged():
    image = read_synthetic(synthetic_id("clean", "car", "car", 3))
    pixels = to_pixels(image, MINI_REGISTRY[0].preprocess)
    np.testing.assert_array_equal((pixels * 255).round().permute(1, 2, 0).numpy(), image.rgb)


@pytest.mark.parametrize("scene", SCENES)
def test_the_name_of_an_image_that_agrees_with_itself_is_one_word(scene):
    assert read_synthetic(synthetic_id(scene, "oven", "oven", 0)).name == "oven"


@pytest.mark.parametrize(
    "sample_id",
    [
        "mini/clean/bear/bear",
        "mini/murky/bear/bear/1",
        "mini/clean/unicorn/bear/1",
        "mini/clean/bear/unicorn/1",
        "mini/clean/bear/bear/-1",
        "mini/clean/bear/bear/1.5",
        f"mini/clean/bear/bear/{LARGEST_SEED + 1}",
        "mini/../../etc/passwd",
        "mini/clean/bear/bear/1/2",
    ],
)
def test_any_other_id_is_refused(sample_id):
    with pytest.raises(UnknownName):
        data.read(sample_id)


def test_a_scene_keeps_its_outline_in_another_texture():
    sample_id = synthetic.synthetic_id("wide", "dog", "dog", 11)
    other = synthetic.in_texture(sample_id, "clock")
    assert other == "mini/wide/dog/clock/11"
    outline = synthetic.mask_of(sample_id)
    assert outline.shape == (64, 64)
    assert 0 <= outline.min() < 0.01 < 0.99 < outline.max() <= 1 + 1e-6
    np.testing.assert_array_equal(synthetic.mask_of(other), outline)
    outline[:] = 0
    assert synthetic.mask_of(sample_id).any(), "what is handed out is a copy"


def test_only_scenes_have_known_parts():
    assert synthetic.is_scene("mini/clean/dog/cat/7")
    assert not any(map(synthetic.is_scene, ("mini/test/3", "foolbox/03", "")))
    for made in (synthetic.mask_of, lambda one: synthetic.in_texture(one, "cat")):
        for sample_id in ("mini/test/3", "foolbox/03", "mini/clean/zebra/cat/7", "mini/clean/dog/cat/x"):
            with pytest.raises(UnknownName):
                made(sample_id)
