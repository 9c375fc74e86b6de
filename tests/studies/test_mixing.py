"""Mixtures measured: the ends are the models alone, the attack goes through the mixture, and every row says how."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.search import attack
from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, UnknownName
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI, own_label_space
from robust_core.mixing.table import MIX_KINDS, ladder
from robust_core.models.catalogue import get_spec
from robust_core.recordings import codec
from robust_core.studies import mixing
from robust_core.studies.mixing import MixingRequest
from robust_core.studies.mixing_outcomes import MixPoint
from tests.attacks.networks import constant, shifted
from tests.outcomes import events_and_result
from tests.tiny import as_model, images

PGD = AttackConfig.of("pgd", "linf", 4 / 255, 10)
NOISE = Condition("gaussian_noise", 3, 0)


SIDE_PX = 32  # the smallest that can be corrupted


def convolutional(seed):
    """A small curved network with random weights and batch-norm statistics that are not its images'."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        body = nn.Sequential(
            nn.Conv2d(3, 8, 5, stride=2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(3),
            nn.Flatten(),
            nn.Linear(72, 5),
        )
        body[1].running_mean.uniform_(-0.2, 0.2)
        body[-1].weight.data *= 30
    model = as_model(body)
    model.spec = replace(model.spec, preprocess=replace(model.spec.preprocess, crop=SIDE_PX))
    return model


def noise(n=8, seed=0):
    return images(n, seed, SIDE_PX)


def named(model, name, **changes):
    model.spec = replace(model.spec, key=name, title=name, **changes)
    return model


def image_set(pixels, labels=0):
    levels = (pixels * 255).round().byte().permute(0, 2, 3, 1).numpy()
    labels = [labels] * len(levels) if labels is None or isinstance(labels, int) else labels
    return ImageSet.of(
        [
            LabelledImage(rgb, label, f"image {at}", "a test", f"{at} {rgb.sum()}", MINI)
            for at, (rgb, label) in enumerate(zip(levels, labels, strict=True))
        ]
    )


def even(n=3):
    return image_set(torch.full((n, 3, 8, 8), 127 / 255))


@pytest.fixture
def pair(held):
    return [held(named(convolutional(seed=seed), f"net{seed}")) for seed in (0, 1)]


@pytest.fixture
def labelled():
    """Images with the labels that the first network gives them."""
    return image_set(noise(), convolutional(seed=0).logits(noise()).argmax(1).tolist())


def asked(specs, of, kind="probabilities", mixes=((1, 0), (0.5, 0.5), (0, 1)), **rest):
    return MixingRequest(tuple(specs), of, kind, tuple(mixes), **rest)


def test_the_ends_are_the_models_alone_and_so_is_what_an_attack_leaves_of_them(pair, labelled):
    for kind in MIX_KINDS:
        found = result_of(mixing.run(asked(pair, labelled, kind, condition=NOISE, attack=PGD)))
        for place in (0, 1):
            model, point = convolutional(seed=place), found.part(place)
            labels = torch.tensor([image.label for image in labelled])
            assert point.correct["clean"].tolist() == (model.logits(noise()).argmax(1) == labels).tolist()
            white_box = result_of(attack(model, noise(), labels.tolist(), PGD))
            assert point.correct["attacked"].tolist() == (~white_box.broken).tolist()
            assert set(point.correct) == {"clean", "corrupted", "attacked"}
        assert found.part(0).correct["clean"].all()


def test_the_attack_goes_through_the_mixture(held):
    """Class 1 from a mean of 1/255 on, or from 9/255: averaged logits put the border at 3/255 for α = 1/4, which a
    ball of 4/255 crosses, and at 7/255 for α = 3/4, which it does not. An attack on either part would not know.
    """
    specs = [held(named(shifted(margin / 255), f"at {margin}")) for margin in (1, 9)]
    mixes = ((1, 0), (0.75, 0.25), (0.25, 0.75), (0, 1))
    found = result_of(mixing.run(asked(specs, even(), "logits", mixes, attack=PGD)))
    assert [int(point.correct["attacked"].sum()) for point in found.points] == [0, 0, 3, 3]
    assert all(point.correct["clean"].all() for point in found.points)


def test_an_event_for_each_mix_comes_as_soon_as_it_is_there_and_progress_counts_through(pair, labelled):
    request = asked(pair, labelled, attack=PGD)
    events, result = events_and_result(mixing.run(request))
    points = mixing.points_so_far(events)
    assert points == list(result.points)
    assert [point.alphas for point in points] == list(request.mixes)
    told = [event for event in events if isinstance(event, Progress) and event.unit == "steps"]
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert {event.total for event in told} == {30}
    assert events.index(points[0]) < next(at for at, one in enumerate(events) if one == told[-1])


def test_every_row_has_its_n_interval_and_protocol(pair, labelled):
    found = result_of(mixing.run(asked(pair, labelled, condition=NOISE, attack=PGD)))
    frame = found.frame
    assert len(frame) == 9
    assert set(frame["n"]) == {8}
    assert (
        (frame["low_percent"] <= frame["accuracy_percent"]) & (frame["accuracy_percent"] <= frame["high_percent"])
    ).all()
    said = dict(zip(frame["images"], frame["protocol"], strict=True))
    assert "through the mixture" in said["attacked"]
    assert "PGD, untargeted, L∞ 4/255, 10 steps, seed 0" in said["attacked"]
    assert "Gaussian noise, severity 3, seed 0" in said["corrupted"]
    assert all("grid of 32 × 32 px, net0's input" in one for one in said.values())
    assert frame["mix"].tolist()[3] == "0.50 × net0 + 0.50 × net1"
    assert frame[["alpha_1", "alpha_2"]].iloc[-1].tolist() == [0, 1]


def test_batch_norm_is_recomputed_on_the_stated_images_between_the_ends_alone(pair, labelled):
    kinds = {"averaged": None, "others": image_set(noise(seed=3)), "measured": labelled}
    found = {
        name: result_of(mixing.run(asked(pair, labelled, "weights", norm_images=its))) for name, its in kinds.items()
    }
    assert "averaged like the weights" in found["averaged"].batch_norm
    assert "recomputed on 8 images" in found["others"].batch_norm
    assert "none of them measured" in found["others"].batch_norm
    assert "8 of them among those measured" in found["measured"].batch_norm
    for place in (0, 1):
        assert len({tuple(one.part(place).correct["clean"]) for one in found.values()}) == 1
    assert all(one.batch_norm in one.frame["protocol"].iloc[0] for one in found.values())
    assert result_of(mixing.run(asked(pair, labelled))).batch_norm == ""


def test_what_the_best_mix_gains_is_paired_and_said():
    """Two of ten images more when clean, one less under attack, all others alike."""

    def point(alphas, clean, attacked):
        return MixPoint(alphas, {"clean": np.arange(10) < clean, "attacked": np.arange(10) < attacked}, 1.0)

    robust, mix = point((0.0, 1.0), 7, 5), point((0.1, 0.9), 9, 4)
    gain = mix.gain(robust, "clean")
    assert gain.estimate == pytest.approx(0.2)
    assert gain.low < 0.2 < gain.high
    assert mix.gain(robust, "attacked").estimate == pytest.approx(-0.1)


def test_the_sentence_of_the_best_mix_names_it_and_the_most_robust_model(held):
    specs = [held(named(shifted(1 / 255), "near")), held(named(constant(), "never"))]
    found = result_of(mixing.run(asked(specs, even(), "logits", ((1, 0), (0.001, 0.999), (0, 1)), attack=PGD)))
    assert found.most_robust() is found.part(1)
    assert "is not shown to gain over never alone at n = 3" in found.sentences()[-1]
    assert "0.00 × near" not in found.sentences()[-1], "nothing supports a winner"

    def point(alphas, clean, attacked):
        return MixPoint(alphas, {"clean": np.arange(100) < clean, "attacked": np.arange(100) < attacked}, 1.0)

    ends = point((1.0, 0.0), 95, 0), point((0.0, 1.0), 70, 50)
    for clean, attacked in ((90, 48), (71, 75)):
        found = replace(found, points=(ends[0], point((0.1, 0.9), clean, attacked), ends[1]))
        assert "0.10 × near + 0.90 × never, chosen on these images" in found.sentences()[-1]
        assert f"Against never alone, in points: clean +{clean - 70}.0 [" in found.sentences()[-1]
    found = replace(found, points=(ends[0], point((0.1, 0.9), 71, 30), ends[1]))
    assert "is not shown to gain over never alone at n = 100" in found.sentences()[-1], "a loss is no gain"


def test_a_recorded_result_is_read_back_as_it_was(pair, labelled):
    request = asked(pair, labelled, "weights", condition=NOISE, attack=PGD, norm_images=labelled)
    found = result_of(mixing.run(request))
    found = replace(found, models=(get_spec("mini_resnext"), get_spec("mini_resnext_at8")))  # of the table
    again = codec.from_bytes(codec.to_bytes(found))
    assert again.frame.equals(found.frame)
    assert again.sentences() == found.sentences()


def test_images_without_a_label_are_refused(pair):
    with pytest.raises(BadInput, match="needs true labels; 3 of the 3"):
        result_of(mixing.run(asked(pair, image_set(noise(3), None))))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mixes": ()}, "at least one mix"),
        ({"mixes": ((1, 0), (1.0, 0.0))}, "each once"),
        ({"mixes": ((0.5, 0.6),)}, "sum to 1"),
        ({"attack": AttackConfig.of("fmn", "linf")}, "with an eps"),
        ({"norm_images": even()}, "where weights are averaged"),
        ({"specs": 1}, "2 or 3 models"),
        ({"specs": 4}, "2 or 3 models"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(pair, changes, sentence):
    specs = [replace(pair[0], key=f"net{number}") for number in range(changes.pop("specs", 2))]
    with pytest.raises(BadInput, match=sentence):
        asked(specs, even(), **({"mixes": ladder(2)} | changes))


def test_models_that_cannot_be_mixed_are_named(pair):
    other = replace(pair[1], label_space=own_label_space("mine", ["a", "b"]))
    with pytest.raises(BadInput, match="net1 has other classes than net0"):
        asked([pair[0], other], even())
    with pytest.raises(BadInput, match="asked for twice"):
        asked([pair[0], pair[0]], even())
    apart = replace(pair[1], architecture=replace(pair[1].architecture, name="another"))
    with pytest.raises(BadInput, match="within one architecture"):
        asked([pair[0], apart], even(), "weights")
    with pytest.raises(UnknownName, match="kind of mixture"):
        asked(pair, even(), "votes")


def test_a_request_is_its_mixes_kind_and_images(pair):
    one = asked(pair, even())
    assert one.key == asked(pair, even(), mixes=[[1.0, 0.0], [0.5, 0.5], [0, 1]]).key
    assert one.key != asked(pair, even(), "logits").key
    assert one.for_mixes(ladder(2)).mixes == ladder(2)
