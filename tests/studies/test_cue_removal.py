"""Cues that are taken away from networks which look at one thing alone."""

import numpy as np
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import mask_of, read_synthetic
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies import cue_removal
from robust_core.studies.cue_removal import CueGap, CueRemovalRequest, ModelCues
from robust_core.studies.cue_tests import CLEAN, CUE_TESTS, shown
from robust_core.studies.simplicity_claims import tally
from tests import tiny
from tests.outcomes import events_and_result
from tests.studies.test_simplicity_biases import behind

BY_KEY = {test.key: test for test in CUE_TESTS}
SPEC = get_spec("mini_resnext")


def mini(n=16):
    return rc.draw_images("mini", n)


class Brightness(nn.Module):
    """Class 0 of a dark image, class 1 of a bright one, by the mean alone: where things are does not matter."""

    def forward(self, pixels):
        mean = pixels.mean((1, 2, 3))
        return torch.stack([0.5 - mean, mean - 0.5] + [torch.full_like(mean, -9)] * 14, 1)


class Constant(nn.Module):
    def forward(self, pixels):
        return torch.eye(16)[torch.zeros(len(pixels), dtype=torch.long)]


def model_of_64(body, name):
    model = behind(nn.Identity(), name=name)
    model.network.body = body
    return model


def run(*specs, of=None, **options):
    return result_of(cue_removal.run(CueRemovalRequest(specs, of or mini(), **options)))


def test_what_looks_at_the_mean_alone_keeps_all_when_patches_are_scrambled(held):
    unlabelled = ImageSet.of([LabelledImage.of_pixels(image.rgb.copy(), image.name, "") for image in mini(8)])
    (model,) = run(held(model_of_64(Brightness(), "bright")), of=unlabelled).by_model
    assert not model.known.any(), "so that its own clean predictions count"
    assert model.accuracy(CLEAN).estimate == 1
    assert model.accuracy(BY_KEY["scrambled"]).estimate == 1
    assert model.kept(BY_KEY["scrambled"]).n == 8
    assert model.accuracy(BY_KEY["edges"]).estimate < 1, "line drawings are bright"


def test_a_constant_network_has_the_share_of_its_class_everywhere(held):
    (model,) = run(held(model_of_64(Constant(), "constant")), of=mini(32)).by_model
    assert {test.key: model.accuracy(test).estimate for test in CUE_TESTS} == dict.fromkeys(BY_KEY, 1 / 16)
    assert [model.kept(test).estimate for test in CUE_TESTS] == [1.0] * len(CUE_TESTS)


def test_a_silhouette_is_the_known_outline_and_a_stylised_image_the_same_scene():
    image = read_synthetic("mini/clean/elephant/elephant/7")
    silhouette = shown(image, SPEC, BY_KEY["silhouette"], 0)
    outline = mask_of(image.sample_id)
    assert set(np.unique(silhouette.rgb[outline > 0.999])) == {0}
    assert set(np.unique(silhouette.rgb[outline == 0])) == {255}
    stylised = shown(image, SPEC, BY_KEY["stylised"], 0)
    assert stylised.label == image.label
    assert stylised.sample_id.startswith("mini/clean/elephant/")
    assert stylised.sample_id.split("/")[3] != "elephant"
    np.testing.assert_array_equal(mask_of(stylised.sample_id), outline)
    assert shown(image, SPEC, CLEAN, 0).pixels_sha256 == image.pixels_sha256


def test_textures_are_drawn_by_the_seed_and_are_never_the_shapes_own():
    images = list(mini(32))
    textures = [
        [shown(one, SPEC, BY_KEY["stylised"], seed).sample_id.split("/")[3] for one in images] for seed in (0, 1)
    ]
    assert textures[0] != textures[1]
    assert all(texture != MINI.names[one.label] for row in textures for texture, one in zip(row, images, strict=True))


def test_what_photos_do_not_allow_is_left_out_and_said(held):
    photos = ImageSet.of(
        [
            LabelledImage(
                np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8), 3, "p", "", str(seed), MINI
            )
            for seed in range(3)
        ]
    )
    found = run(held(model_of_64(Constant(), "constant")), of=photos)
    assert found.frame["test"].to_list() == ["clean", "scrambled", "two_tone", "edges"]
    assert found.sentences() == (
        "Left out: stylised and silhouette, which take a known outline or another texture of the same scene (Mini).",
    )


def test_the_table_has_n_intervals_and_what_each_test_does():
    request = CueRemovalRequest((SPEC, get_spec("mini_resnext_stylised")), mini(32))
    events, found = events_and_result(cue_removal.run(request))
    assert all(isinstance(event, Progress) for event in events)
    assert len(found.frame) == 2 * len(CUE_TESTS)
    assert set(found.frame["n"]) == {32}
    assert (found.frame["low_percent"] <= found.frame["accuracy_percent"]).all()
    assert found.frame["protocol"].str.contains("in 8 bits").all()
    by = {(row["model"], row["test"]): row["accuracy_percent"] for row in found.frame.to_dict("records")}
    assert by["mini_resnext_stylised", "stylised"] > 60 + by["mini_resnext", "stylised"], "it was trained for that"
    assert len(found.figure().data) == 2


def test_what_cannot_be_asked_is_a_sentence():
    with pytest.raises(BadInput, match="no model"):
        CueRemovalRequest((), mini(1))
    with pytest.raises(BadInput, match="no images"):
        CueRemovalRequest((SPEC,), ImageSet.of([]))
    with pytest.raises(BadInput, match="seed"):
        CueRemovalRequest((SPEC,), mini(1), -1)


def test_a_model_of_other_classes_counts_its_own_predictions(held):
    model = tiny.convolutional()
    image = LabelledImage(np.full((40, 40, 3), 90, np.uint8), 5, "photo", "", "p", IMAGENET)
    spec = held(model)
    with pytest.raises(BadInput, match="at least 32 px"):
        run(spec, of=ImageSet.of([image]))


def gap(key, robust, standard):
    """Two models under a test, right about these images."""
    test = BY_KEY[key]
    models = [
        ModelCues(get_spec(name), "cpu", {key: np.array(correct)}, np.ones(len(correct), bool))
        for name, correct in (("mini_resnext_at8", robust), ("mini_resnext", standard))
    ]
    return CueGap(test, *models)


@pytest.mark.parametrize(
    ("key", "robust", "standard", "says"),
    [
        ("silhouette", [True] * 20, [False] * 20, "agrees"),
        ("silhouette", [False] * 20, [True] * 20, "contradicts"),
        ("scrambled", [False] * 20, [True] * 20, "agrees"),
        ("scrambled", [True] * 20, [False] * 20, "contradicts"),
        ("stylised", [True, False] * 10, [False, True] * 10, "undecided"),
    ],
)
def test_who_relies_on_shape_is_worse_without_it_and_better_without_texture(key, robust, standard, says):
    found = gap(key, robust, standard)
    assert found.says == says
    assert found.difference.estimate == np.mean(robust) - np.mean(standard)


def test_a_gap_is_a_sentence_with_its_interval():
    said = str(gap("scrambled", [False] * 20, [True] * 20))
    assert said.startswith("Scrambled: mini_resnext_at8 less mini_resnext −100.0 points [−100.0, −")
    assert "This agrees with Chen et al. 2020" in said


def test_how_many_agree_and_which_way_the_others_point():
    agrees, against = gap("scrambled", [False] * 20, [True] * 20), gap("scrambled", [True] * 20, [False] * 20)
    way = gap("scrambled", [False, True, True], [True, True, True])
    other = gap("stylised", [False, True, True], [True, True, True])
    even = gap("edges", [True], [True])
    assert [one.towards_paper > 0 for one in (agrees, against, way, other)] == [True, False, True, False]
    assert tally([agrees, against], "X") == ("Of 2 comparisons with X, 1 agrees and 1 contradicts.")
    assert tally([agrees, agrees, other], "X") == (
        "Of 3 comparisons with X, 2 agree and none contradicts; 1 is not decided. That one points the other way."
    )
    assert tally([way, way], "X").endswith("Those that are not decided point the paper's way.")
    assert tally([way, other, other, even], "X").endswith(
        "Those that are not decided: 1 the paper's way, 2 the other way, 1 neither way."
    )
