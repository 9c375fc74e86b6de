from dataclasses import replace

from robust_core.attacks.threat import PAPER, ThreatModel
from robust_core.ui.pgd_steps.attack_controls import describe, settings_of

OWN = ThreatModel.relative(
    norm="linf",
    eps=4 / 255,
    step_fraction=0.1,
    steps=50,
    aim="untargeted",
    start="clean",
    restarts=1,
    stop_at_success=False,
    seed=0,
)


def test_an_attack_in_one_line_with_its_units():
    assert describe(OWN) == "L∞, ε 4/255, step 0.4/255, 50 steps, untargeted, from the clean image, seed 0"


def test_an_l2_attack_is_in_pixel_units():
    attack = replace(OWN, norm="l2", eps=0.5, step_size=0.05, aim="least_likely", start="random", restarts=3, seed=7)
    assert (
        describe(attack)
        == "L2, ε 0.5, step 0.05, 50 steps, targeted (least likely class), from a random start, 3 restarts, seed 7"
    )


def test_the_papers_attack():
    assert (
        describe(PAPER)
        == "L∞, ε 15.3/255, step 2/255, 10 steps, targeted (random class), from a random start, not clipped, stops at "
        "success, seed 0"
    )


def test_a_chosen_class_is_named():
    assert "targeted (chosen class)" in describe(replace(OWN, aim="chosen"))
    assert "targeted (zebra)" in describe(replace(OWN, aim="chosen"), "zebra")


def test_the_usual_precision_goes_without_saying_and_another_is_said():
    assert settings_of(OWN)["precision"] == "float32, batch norm folded"
    unfolded = replace(OWN, precision="float32")
    assert describe(unfolded) == f"{describe(OWN)}; batch norm not folded"
    assert settings_of(unfolded) == settings_of(OWN) | {"precision": "float32"}
