import numpy as np
import pytest

from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.data.stimulus_sets import Exhibit
from robust_core.data.synthetic import read_drawn
from robust_core.errors import BadInput, UnknownName
from robust_core.events import result_of
from robust_core.labels import CATEGORIES
from robust_core.models.catalogue import get_spec
from robust_core.studies import own_stimuli
from tests.made_images import picture

RESNET = get_spec("resnet50")


def test_a_drawn_one_is_the_picture_of_its_id_with_the_mask_of_its_shape():
    exhibit = own_stimuli.drawn("clean", "elephant", "clock", 7)
    assert exhibit.image.digest == read_drawn("mini/clean/elephant/clock/7").digest
    assert (exhibit.stimulus.shape, exhibit.stimulus.texture) == ("elephant", "clock")
    another = own_stimuli.drawn("clean", "elephant", "dog", 7)
    np.testing.assert_array_equal(exhibit.mask, another.mask, "another texture keeps shape and pose")
    assert exhibit.image.digest != another.image.digest
    with pytest.raises(UnknownName):
        own_stimuli.drawn("clean", "zebra", "dog", 7)


def test_a_photograph_has_the_size_of_the_models_input_and_its_own_category():
    exhibit = own_stimuli.photograph(picture(0, CATEGORIES["oven"][0], (300, 260)), RESNET)
    assert exhibit.image.rgb.shape == (224, 224, 3)
    assert exhibit.stimulus.shape == exhibit.stimulus.texture == "oven"
    unknown = own_stimuli.photograph(picture(1, None, (300, 260)), RESNET)
    assert unknown.stimulus.shape is None
    assert not unknown.stimulus.is_conflict


def test_one_of_input_size_keeps_its_pixels_through_no_distortion_at_all():
    exhibit = Exhibit(Stimulus("", "", "cat", "dog"), picture(0, size=(64, 64)), None)
    same = own_stimuli.without_cue(exhibit, "greyscale", 0.0, seed=0)
    np.testing.assert_array_equal(same.image.rgb, exhibit.image.rgb)
    assert same.stimulus == exhibit.stimulus


def test_a_distortion_changes_the_picture_and_not_its_cues():
    exhibit = own_stimuli.drawn("clean", "elephant", "clock", 7)
    silhouette = own_stimuli.without_cue(exhibit, "silhouette", 1.0, seed=0)
    assert set(np.unique(silhouette.image.rgb[exhibit.mask > 0.999])) == {0}
    assert silhouette.image.digest != exhibit.image.digest
    assert silhouette.stimulus == exhibit.stimulus
    with pytest.raises(BadInput, match="mask"):
        own_stimuli.without_cue(Exhibit(exhibit.stimulus, exhibit.image, None), "silhouette", 1.0, seed=0)


def test_style_transfer_runs_on_two_pictures_and_ends_with_one():
    shape, texture = (read_drawn(f"mini/clean/{name}/{name}/3") for name in ("boat", "cat"))
    from robust_core.cue_conflict.style_transfer import StyleSettings, Stylised

    made = result_of(own_stimuli.stylise("mini_resnext", shape, texture, StyleSettings(0.5, 3, 0)))
    assert isinstance(made, Stylised)
    assert made.pixels.shape == (1, 3, 64, 64)
    image = own_stimuli.as_image(made.pixels, shape)
    assert image.name == shape.name
    assert image.digest != shape.digest
