"""Alignment of gradients that are known: a linear network's is its weight row."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.simplicity.alignment import edge_strength
from robust_core.studies import gradient_alignment, input_gradient
from robust_core.studies.gradient_alignment import GradientAlignmentRequest
from robust_core.studies.input_gradient import InputGradientRequest
from tests import tiny
from tests.outcomes import events_and_result
from tests.studies.test_feature_visualization import Rooted

SIDE = tiny.SIDE_PX


def image_set(n=5, side=SIDE):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (side, side, 3), dtype=np.uint8) for _ in range(n)]
    return ImageSet.of([LabelledImage(rgb, None, f"i{at}", "", f"{at}", MINI) for at, rgb in enumerate(images)])


def linear(rows, name):
    """Logits whose gradients are `rows` (K,3,8,8)."""
    model = tiny.linear(rows.flatten(1))
    model.spec = replace(model.spec, key=name, title=name)
    return model


def row(seed):
    return torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def run(*specs, of=None):
    return result_of(gradient_alignment.run(GradientAlignmentRequest(specs, of or image_set())))


def test_a_gradient_is_aligned_with_itself_and_opposed_to_its_negative(held):
    found = run(*(held(linear(scale * row(0), name)) for scale, name in ((1, "one"), (3, "same"), (-2, "opposite"))))
    cosines = {(pair.first.key, pair.second.key): pair.cosine for pair in found.pairs}
    np.testing.assert_allclose(cosines["one", "same"], 1, rtol=1e-6)
    np.testing.assert_allclose(cosines["one", "opposite"], -1, rtol=1e-6)
    np.testing.assert_allclose(cosines["same", "opposite"], -1, rtol=1e-6)


def test_two_linear_networks_have_the_cosine_of_their_weights_on_every_image(held):
    found = run(held(linear(row(1), "one")), held(linear(row(2), "other")))
    expected = torch.cosine_similarity(row(1).flatten(), row(2).flatten(), dim=0).item()
    np.testing.assert_allclose(found.pairs[0].cosine, expected, rtol=1e-5)
    record = found.frame.to_dict("records")[-1]
    assert (record["model"], record["with"], record["n"], record["n_same_class"]) == ("one", "other", 5, 5)
    assert np.isnan(record["low"]), "images that say the same tell nothing about others"


def test_a_network_of_one_images_edges_follows_these_and_no_others(held):
    images = image_set()
    drawn = edge_strength(images[2].rgb[None] / np.float32(255))[0]
    weights = torch.tensor(np.repeat(drawn[None, None] * np.array([1, -1, 0.5])[None, :, None, None], 1, 0)).float()
    found = run(held(linear(weights, "edges")), of=images).edges[0]
    assert found.cosine[2] == pytest.approx(1, abs=1e-6), "sign and colour do not matter"
    assert (np.delete(found.cosine, 2) < 0.99).all()
    assert found.chance[2] == pytest.approx(
        np.mean([_edges(images, place) @ _edges(images, 2) for place in (0, 1, 3, 4)]), rel=1e-6
    )


def _edges(images, place):
    drawn = edge_strength(images[place].rgb[None] / np.float32(255)).ravel()
    return drawn / np.linalg.norm(drawn)


def test_it_is_the_gradient_of_the_features_page(held):
    """The cosine with edges of one image is that of `input_gradient`."""
    from robust_core.simplicity.alignment import cosine, sensitivity

    spec, images = held(tiny.convolutional()), image_set(1)
    found = run(spec, of=images).edges[0]
    one = result_of(input_gradient.run(InputGradientRequest((spec,), images[0])))
    expected = cosine(sensitivity(one.gradient[None]), edge_strength(one.rgb[None] / np.float32(255)))
    np.testing.assert_allclose(found.cosine, expected, rtol=1e-5)
    assert np.isnan(found.chance).all(), "one image alone has no others"


def test_a_network_without_a_gradient_has_no_direction(held):
    found = run(held(linear(0 * row(0), "zero")), held(linear(row(0), "one")))
    assert found.frame["n"].to_list() == [0, 5, 0]
    assert np.isnan(found.frame["cosine"].to_list()[0])


def test_models_of_other_sizes_share_the_smallest_grid(held):
    """Resizing a mean leaves a mean: on the grid of 8 px both gradients are flat, and so alike."""
    small, large = (tiny.as_model(Mean(), name) for name in ("small", "large"))
    large.spec = replace(large.spec, preprocess=replace(large.spec.preprocess, crop=12))
    found = run(held(large), held(small), of=image_set(3, 12))
    assert found.grid_px == (SIDE, SIDE)
    assert found.frame["protocol"].str.contains("grid of 8 x 8 px").all()
    np.testing.assert_allclose(found.pairs[0].cosine, 1, rtol=1e-3)


class Mean(nn.Module):
    def forward(self, pixels):
        mean = pixels.mean((1, 2, 3))
        return torch.stack([mean, -mean], 1)


def test_the_table_has_n_intervals_and_protocol(held):
    specs = [held(tiny.convolutional(seed=seed)) if not seed else held(_named(seed)) for seed in (0, 1)]
    request = GradientAlignmentRequest(tuple(specs), image_set(12))
    events, found = events_and_result(gradient_alignment.run(request))
    assert all(isinstance(event, Progress) for event in events)
    frame = found.frame
    assert frame["with"].to_list() == ["edges", "edges", "convolutional 1"]
    assert ((frame["low"] < frame["cosine"]) & (frame["cosine"] < frame["high"])).all()
    assert frame["n"].to_list() == [12] * 3
    assert frame["chance_cosine"].notna().to_list() == [True, True, False]
    assert len(found.figure().data) == 2
    assert found.provenance.request == request.identity


def _named(seed):
    model = tiny.convolutional(seed=seed)
    model.spec = replace(model.spec, key=f"convolutional {seed}", title=f"convolutional {seed}")
    return model


def test_no_gradient_is_left_in_the_model(held):
    model = tiny.convolutional()
    run(held(model))
    assert all(one.grad is None and not one.requires_grad for one in model.network.parameters())


def test_gradients_that_are_not_finite_are_none(held):
    black = ImageSet.of([LabelledImage(np.zeros((SIDE, SIDE, 3), np.uint8), None, "black", "", "b", MINI)])
    with pytest.raises(NotFinite, match="NaN or infinite gradients"):
        run(held(tiny.as_model(Rooted())), of=black)


def test_what_cannot_be_asked_is_a_sentence(held):
    spec = held(tiny.convolutional())
    for models, images, sentence in (
        ((), image_set(), "no model"),
        ((spec, spec), image_set(), "asked for twice"),
        ((spec,), ImageSet.of([]), "no images"),
    ):
        with pytest.raises(BadInput, match=sentence):
            GradientAlignmentRequest(models, images)
