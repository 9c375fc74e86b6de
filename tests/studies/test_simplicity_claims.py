"""What agrees with the paper and what contradicts it: intervals decide, and Mini's known differences are found."""

from types import SimpleNamespace

import pytest

import robust_core as rc
from robust_core.models.catalogue import get_spec
from robust_core.studies.layer_biases import Estimate
from robust_core.studies.simplicity_claims import CLAIMS, Verdict, verdicts

ROBUST, STANDARD = get_spec("mini_resnext_at8"), get_spec("mini_resnext")


def verdict(robust, standard):
    return Verdict(CLAIMS[0], ROBUST, STANDARD, Estimate(*robust), Estimate(*standard))


@pytest.mark.parametrize(
    ("robust", "standard", "says"),
    [
        ((0.5, 0.4, 0.6), (0.8, 0.7, 0.9), "agrees"),
        ((0.8, 0.7, 0.9), (0.5, 0.4, 0.6), "contradicts"),
        ((0.5, 0.4, 0.75), (0.8, 0.7, 0.9), "undecided"),
        ((0.8, 0.55, 0.9), (0.5, 0.4, 0.6), "undecided"),
        ((0.5,), (0.8,), "undecided"),
    ],
)
def test_intervals_that_do_not_overlap_decide(robust, standard, says):
    assert verdict(robust, standard).says == says


def test_a_verdict_is_a_sentence_with_both_numbers():
    assert str(verdict((0.5, 0.4, 0.6), (0.8, 0.7, 0.9))) == (
        "This agrees with Chen et al. 2020 (the first kernels are smoother after adversarial training): roughness of "
        "the first kernels, first layer, 0.50 [0.40, 0.60] in mini_resnext_at8 and 0.80 [0.70, 0.90] in mini_resnext."
    )


def test_without_a_pair_nothing_is_compared():
    robust = SimpleNamespace(spec=ROBUST)
    assert not list(verdicts(SimpleNamespace(by_model=(robust,))))


def test_mini_agrees_on_noise_and_contradicts_on_the_last_layers_classes():
    found = rc.simplicity_biases(["mini_resnext", "mini_resnext_at8"], rc.draw_images("mini", 64), progress=False)
    says = {one.claim.key: one.says for one in verdicts(found)}
    assert says["kernels"] == says["maps"] == says["noise"] == "agrees"
    assert says["last_classes"] == "contradicts"
    assert len(found.sentences()) == len(CLAIMS)
