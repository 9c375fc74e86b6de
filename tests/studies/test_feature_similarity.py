"""Similarity of features of networks that are the same, rotated or unrelated."""

import numpy as np
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core.downstream.cka import linear_cka
from robust_core.errors import BadInput
from robust_core.studies.feature_similarity import cka_with_bounds

IMAGES = rc.draw_images("mini", 24)


def network(features):
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), features, nn.Linear(12, 4))


def linear(weight):
    layer = nn.Linear(12, 12, bias=False)
    layer.weight.data = torch.as_tensor(weight, dtype=torch.float32)
    return layer


def test_a_rotation_of_features_is_the_same_and_the_bounds_hold_it():
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))
    models = [
        rc.wrap(network(linear(weight)), preprocess=None, name=name)
        for name, weight in {"plain": np.eye(12), "rotated": 3 * rotation, "one": np.diag([1.0] + [0] * 11)}.items()
    ]
    found = rc.feature_similarity(models, IMAGES, progress=False)
    cka = {(one.first.title, one.second.title): one for one in found.pairs}
    assert cka["plain", "rotated"].cka == pytest.approx(1, abs=1e-4)
    assert cka["plain", "one"].cka < 0.99
    assert found.matrix()[0][1] == found.matrix()[1][0]
    assert np.diag(found.matrix()).tolist() == [1, 1, 1]
    assert (found.frame["low"] <= found.frame["cka"]).all()
    assert found.frame["n"].tolist() == [24] * 6
    pivoted = found.frame.pivot(index="model", columns="other_model", values="cka")
    assert pivoted.loc["plain", "rotated"] == pivoted.loc["rotated", "plain"] == found.matrix()[0][1]
    assert "plain and rotated" in found.sentences()[0]
    assert found.figure().data


def test_the_interval_covers_the_similarity_of_many_images():
    """Of two features that share a part: in most samples of 60 images the interval holds the CKA of 4,000."""
    rng = np.random.default_rng(0)

    def sample(n):
        shared = rng.normal(size=(n, 3))
        return shared, 0.6 * shared + rng.normal(size=(n, 3))

    truth, held = linear_cka(*sample(4_000)), 0
    for _ in range(40):
        _, low, high = cka_with_bounds(*sample(60))
        held += low <= truth <= high
    assert held >= 33


@pytest.mark.parametrize(
    ("models", "images", "sentence"),
    [
        (["mini_resnext"], IMAGES, "at least two models"),
        (["mini_resnext", "mini_resnext_wsl"], IMAGES[:8], "at least 20 images; got 8"),
    ],
)
def test_what_cannot_be_compared_is_said(models, images, sentence):
    with pytest.raises(BadInput, match=sentence):
        rc.feature_similarity(models, images, progress=False)
