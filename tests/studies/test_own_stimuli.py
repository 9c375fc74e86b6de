import numpy as np
import pytest

from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.data.stimulus_sets import StimulusImage
from robust_core.data.synthetic import read_synthetic
from robust_core.errors import BadInput, UnknownName
from robust_core.events import result_of
from robust_core.labels import CATEGORIES
from robust_core.models.catalogue import get_spec
from robust_core.studies import own_stimuli
from robust_core.studies.own_stimuli import StyleTransferRequest
from tests.made_images import make_image

RESNET = get_spec("resnet50")


def test_a_synthetic_one_is_the_image_of_its_id_with_the_mask_of_its_shape():
    stimulus_image = own_stimuli.synthetic("clean", "elephant", "clock", 7)
    assert stimulus_image.image.digest == read_synthetic("mini/clean/elephant/clock/7").digest
    assert (stimulus_image.stimulus.shape, stimulus_image.stimulus.texture) == ("elephant", "clock")
    another = own_stimuli.synthetic("clean", "elephant", "dog", 7)
    np.testing.assert_array_equal(stimulus_image.mask, another.mask, "another texture keeps shape and pose")
    assert stimulus_image.image.digest != another.image.digest
    with pytest.raises(UnknownName):
        own_stimuli.synthetic("clean", "zebra", "dog", 7)


def test_an_image_has_the_size_of_the_models_input_and_its_own_category():
    stimulus_image = own_stimuli.from_image(make_image(0, CATEGORIES["oven"][0], (300, 260)), RESNET)
    assert stimulus_image.image.rgb.shape == (224, 224, 3)
    assert stimulus_image.stimulus.shape == stimulus_image.stimulus.texture == "oven"
    unknown = own_stimuli.from_image(make_image(1, None, (300, 260)), RESNET)
    assert unknown.stimulus.shape is None
    assert not unknown.stimulus.is_conflict


def test_one_of_input_size_keeps_its_pixels_through_no_distortion_at_all():
    stimulus_image = StimulusImage(Stimulus("", "", "cat", "dog"), make_image(0, size=(64, 64)), None)
    same = own_stimuli.without_cue(stimulus_image, "greyscale", 0.0, seed=0)
    np.testing.assert_array_equal(same.image.rgb, stimulus_image.image.rgb)
    assert same.stimulus == stimulus_image.stimulus


def test_a_distortion_changes_the_image_and_not_its_cues():
    stimulus_image = own_stimuli.synthetic("clean", "elephant", "clock", 7)
    silhouette = own_stimuli.without_cue(stimulus_image, "silhouette", 1.0, seed=0)
    assert set(np.unique(silhouette.image.rgb[stimulus_image.mask > 0.999])) == {0}
    assert silhouette.image.digest != stimulus_image.image.digest
    assert silhouette.stimulus == stimulus_image.stimulus
    with pytest.raises(BadInput, match="mask"):
        own_stimuli.without_cue(
            StimulusImage(stimulus_image.stimulus, stimulus_image.image, None), "silhouette", 1.0, seed=0
        )


def test_style_transfer_runs_on_two_images_and_ends_with_one():
    shape, texture = (read_synthetic(f"mini/clean/{name}/{name}/3") for name in ("boat", "cat"))
    from robust_core.cue_conflict.style_transfer import StyleSettings, Stylised

    request = StyleTransferRequest((get_spec("mini_resnext"),), shape, texture, StyleSettings(0.5, 3, 0))
    made = result_of(own_stimuli.stylise(request))
    assert isinstance(made, Stylised)
    assert made.pixels.shape == (1, 3, 64, 64)
    image = own_stimuli.as_image(made.pixels, shape)
    assert image.name == shape.name
    assert image.digest != shape.digest
