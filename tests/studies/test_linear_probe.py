"""Linear probes on networks whose features are known: colours that tell the classes apart, and ones that do not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.images import LabelledImage
from robust_core.intervals import wilson
from robust_core.labels import own_label_space
from robust_core.models.catalogue import get_spec
from robust_core.models.training_eps import TrainingEps, training_eps
from robust_core.studies import linear_probe
from robust_core.studies.linear_probe import LinearProbeRequest
from robust_core.studies.penultimate_features import FeatureCache, penultimate_features
from robust_core.studies.probed_models import LinearProbe, ProbedModel
from tests.outcomes import events_and_result

SPACE = own_label_space("colours", ["dark", "light"])


def made(label, seed, space=SPACE):
    rng = np.random.default_rng(seed)
    rgb = (60 + 120 * label + rng.integers(0, 30, (8, 8, 3))).astype(np.uint8)
    return LabelledImage.of_pixels(rgb, f"{seed}.png", "made", label=label, label_space=space)


IMAGES = ImageSet.of([made(number % 2, number) for number in range(24)], "Colours")


def network(seed=0):
    """Means of the three colours, and a last layer that nobody needs."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))


@pytest.fixture(scope="module")
def found():
    model = rc.wrap(network(), preprocess=None, name="means")
    return rc.linear_probe(model, IMAGES, repeats=2, images_per_class=[3, 1, 50], draws=2, progress=False)


def test_colours_that_tell_classes_apart_are_perfect_with_an_interval_over_images(found):
    row = found.frame.iloc[0]
    whole = wilson(24, 24)
    assert (row["accuracy_percent"], row["n"], row["classes"], row["features"]) == (100, 24, 2, 3)
    assert row["low_percent"] == pytest.approx(100 * whole.low)
    assert row["chance_percent"] == 50
    assert "inner cross-validation" in row["protocol"]


def test_the_learning_curve_leaves_out_what_classes_have_not_twice(found):
    rows = found.frame[found.frame["measure"] == "learning curve"]
    assert rows["train_images_per_class"].tolist() == [1, 3]
    assert rows["n"].tolist() == [22, 18]
    assert (rows["accuracy_percent"] == 100).all()


def test_shuffled_labels_are_at_chance():
    model, accuracies = rc.wrap(network(), preprocess=None, name="means"), []
    for seed in range(5):
        labels = np.random.default_rng(seed).permutation(24) % 2
        shuffled = ImageSet.of([replace(image, label=int(one)) for image, one in zip(IMAGES, labels, strict=True)])
        found = rc.linear_probe(model, shuffled, repeats=1, images_per_class=(), progress=False)
        accuracies.append(found.frame.iloc[0]["accuracy_percent"])
    assert 35 <= np.mean(accuracies) <= 65


def test_it_yields_progress_over_every_fit_and_features_are_computed_once():
    spec, images = get_spec("mini_resnext"), rc.downstream_task("new_shapes", n=5)
    cache = FeatureCache()
    first, features = events_and_result(penultimate_features(spec, images, cache))
    again, same = events_and_result(penultimate_features(spec, images, cache))
    assert same is features
    assert features.shape == (50, 256)
    assert len(again) == 1 < len(first)
    with pytest.raises(ValueError, match="read-only"):
        features[0] = 0
    request = LinearProbeRequest((spec,), images, repeats=1, images_per_class=(1,), draws=2)
    events, _ = events_and_result(linear_probe.run(request))
    assert [event.done for event in events if event.unit == "fits"] == [1, 2, 3, 4, 5, 6, 7]


def test_the_cache_lets_the_oldest_go():
    cache = FeatureCache(most_bytes=20)
    for name in "abc":
        cache.put((name, "", ""), np.zeros(2, np.float32))
    assert [cache.get((name, "", "")) is not None for name in "abc"] == [False, True, True]
    cache.put(("large", "", ""), np.zeros(99, np.float32))
    assert cache.get(("large", "", "")) is None


@pytest.mark.parametrize(
    "layers",
    [
        (nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        (
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(3, 4),
            nn.Unflatten(1, (2, 2)),
            nn.AvgPool1d(2),
            nn.Flatten(),
        ),
    ],
    ids=["no linear layer", "another layer behind it"],
)
def test_a_network_that_does_not_end_with_a_linear_layer_is_told_so(layers):
    odd = rc.wrap(nn.Sequential(*layers), preprocess=None, name="odd")
    with pytest.raises(BadInput, match="does not end with a linear layer"):
        rc.linear_probe(odd, IMAGES, progress=False)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        ([made(0, number) for number in range(9)], "of one class"),
        ([made(number % 2, number) for number in range(8)], "at least 5 images of each class; dark has 4, light has 4"),
        ([replace(made(0, 1), label=None), made(1, 2)], "1.png has no label"),
        ([made(int(number > 5), number) for number in range(12)], "Ask for fewer folds"),
    ],
)
def test_images_that_do_not_fit_are_refused_in_a_sentence(images, sentence):
    model = rc.wrap(network(), preprocess=None, name="means")
    with pytest.raises(BadInput, match=sentence):
        rc.linear_probe(model, ImageSet.of(images), folds=10, progress=False)


@pytest.mark.parametrize("options", [{"folds": 1}, {"repeats": 0}, {"draws": 0}, {"images_per_class": 0}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(BadInput, match="must be a whole number"):
        rc.linear_probe("mini_resnext", IMAGES, progress=False, **options)


# Series over ε


def probed(key, right):
    """A model whose probe is right on the first `right` of every fold's images."""
    labels = np.zeros((2, 40), np.int16)
    fold_of = np.tile(np.arange(40) % 4, (2, 1)).astype(np.uint8)
    rng = np.random.default_rng(len(key))
    for repeat in range(2):
        wrong = rng.permutation(40)[right:]
        labels[repeat, wrong] = 1
    return ProbedModel(get_spec(key), 3, labels, fold_of, (1.0,) * 8, {}, 0.1)


def a_result(found, **rights):
    by_model = tuple(probed(f"mini_resnext_{key}", right) for key, right in rights.items())
    return LinearProbe(found.provenance, by_model, "Made", np.zeros(40, np.int16), ("a", "b"), 4, 2, 0)


@pytest.mark.parametrize(
    ("rights", "says", "best"),
    [
        ({"at0": 8, "at4": 36, "at16": 10}, "agrees", 4),
        ({"at0": 36, "at4": 8, "at16": 4}, "contradicts", 0),
        ({"at0": 20, "at4": 21, "at16": 19}, "undecided", 4),
    ],
)
def test_the_best_eps_is_named_and_compared_with_the_one_without_attacks(found, rights, says, best):
    result = a_result(found, **rights)
    (spot,) = result.sweet_spots()
    assert (spot.says, spot.best_eps, spot.reference.key) == (says, best, "mini_resnext_at0")
    assert f"{spot.best.title} is best" in result.sentences()[0]
    assert list(result.series()) == [("mini_resnext", "linf")]
    row = result.frame.iloc[1]
    assert row["reference"] == "mini_resnext_at0"
    assert row["difference_points"] == pytest.approx(100 * (rights["at4"] - rights["at0"]) / 40)
    assert [len(trace.x) for trace in result.figure().data] == [2, 3]


def test_what_a_model_was_trained_against_is_read_from_the_table():
    assert training_eps(get_spec("mini_resnext_at05")) == TrainingEps("mini_resnext", "linf", 0.5)
    assert training_eps(get_spec("mini_resnext")) is None
    assert training_eps(get_spec("salman_resnet18_l2_003")) == TrainingEps("salman_resnet18", "l2", 0.03)
    assert training_eps(get_spec("salman_wide_resnet50_2_linf_8")) == TrainingEps("salman_wide_resnet50_2", "linf", 8)
    assert training_eps(get_spec("resnet50")) is None


def test_models_probed_apart_join_into_one_result():
    images = rc.downstream_task("new_shapes", n=5)
    options = {"repeats": 1, "images_per_class": (), "progress": False}
    keys = ["mini_resnext_at0", "mini_resnext_at4"]
    whole = rc.linear_probe(keys, images, **options)
    first, second = (rc.linear_probe(key, images, **options) for key in keys)
    assert first.can_join(second)
    joined = first.joined([second])
    assert joined.frame.drop(columns="seconds").equals(whole.frame.drop(columns="seconds"))
    assert whole.frame["difference_points"].notna().tolist() == [False, True]
