"""Attacks against each other from the door: names as people write them, and what is refused before anything runs."""

import numpy as np
import pytest
from torch import nn

import robust_core as rc
from robust_core.attacks.config import AttackConfig
from robust_core.door.attack_configs import attack_called, configs_of
from robust_core.errors import BadInput, UnknownName
from robust_core.studies.attack_comparison import AttackStanding

GREY = np.full((2, 40, 40, 3), 127, np.uint8)


@pytest.fixture(scope="module")
def model():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    return rc.wrap(net, preprocess=None, name="mine", device="cpu", classes=["a", "b", "c"])


@pytest.mark.parametrize("name", ["AutoAttack", "autoattack", "Auto Attack", "auto-attack"])
def test_an_attack_is_found_however_it_is_written(name):
    assert attack_called(name) == "autoattack"


def test_a_search_for_the_smallest_change_is_run_once_and_others_in_every_ball():
    made = configs_of(["PGD", "fmn"], (0.1, 0.2), "L∞", None, 3)
    assert made == (
        AttackConfig("pgd", "linf", 0.1, 50, 3),
        AttackConfig("pgd", "linf", 0.2, 50, 3),
        AttackConfig("fmn", "linf", None, 100, 3),
    )


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"attacks": "autoatack"}, UnknownName, "attack"),
        ({"attacks": 3}, BadInput, "names of attacks"),
        ({"attacks": [3]}, BadInput, "name of an attack"),
        ({"attacks": []}, BadInput, "no attack"),
        ({"norm": "l7"}, UnknownName, "norm"),
        ({"norm": 2}, BadInput, "norm must be"),
        ({"attacks": "pgd", "norm": "l0"}, BadInput, "searches in"),
        ({"eps": "4"}, BadInput, "at most 1"),
        ({"attacks": "pgd", "eps": None}, BadInput, "eps must be above 0"),
        ({"steps": 0}, BadInput, "steps"),
        ({"seed": -1}, BadInput, "seed"),
        ({"precision": "float16"}, UnknownName, "precision"),
        ({"precision": 32}, BadInput, "precision must be one of float32_folded"),
        ({"precision": "bfloat16_float32_stem"}, BadInput, "for PGD step by step alone"),
    ],
)
def test_what_does_not_fit_is_a_sentence(model, arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        rc.compare_attacks(model, rc.load_images(GREY, labels=None), progress=False, **arguments)


def test_the_network_as_it_is_is_named(model):
    found = rc.compare_attacks(
        model, rc.load_images(GREY, labels=None), "pgd", steps=2, precision="float32", progress=False
    )
    assert found.frame["attack"].tolist() == ["PGD-2 (not folded)"]
    assert found.frame["protocol"][0].endswith("seed 0; batch norm not folded")


def test_labels_of_other_classes_are_refused_before_anything_is_attacked(model):
    events = rc.stream.compare_attacks(model, rc.load_images("foolbox", 1), "pgd")
    seen: list = []
    with pytest.raises(BadInput, match="None of the labels is a class of mine"):
        seen.extend(iter(events))
    assert not [event for event in seen if isinstance(event, AttackStanding)]
