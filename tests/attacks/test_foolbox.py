"""Step for step the same images as Foolbox, from the same start."""

import pytest
import torch

from robust_core.attacks.balls import BALLS
from robust_core.attacks.draws import random_starts
from tests.attacks.threats import attack, threat
from tests.tiny import convolutional, images

foolbox = pytest.importorskip("foolbox")
eagerpy = pytest.importorskip("eagerpy")

ATTACKS = {
    "linf": foolbox.attacks.LinfProjectedGradientDescentAttack,
    "l2": foolbox.attacks.L2ProjectedGradientDescentAttack,
}
EPS, STEP_SIZE, STEPS = {"linf": 8 / 255, "l2": 0.5}, {"linf": 1.5 / 255, "l2": 0.11}, 8
LABELS, TARGETS = torch.tensor([0, 1, 2, 3, 4, 0]), torch.tensor([1, 2, 3, 4, 0, 2])


def _foolbox_pixels(norm, steps, start, targeted):
    class FromOurStart(ATTACKS[norm]):
        def get_random_start(self, x0, epsilon):
            return eagerpy.astensor(
                random_starts(x0.raw, BALLS[norm], epsilon, seed=0, indices=range(len(x0)), restart=0)
            )

    model = foolbox.PyTorchModel(convolutional().network, bounds=(0, 1), device="cpu")
    criterion = (
        foolbox.criteria.TargetedMisclassification(TARGETS) if targeted else foolbox.criteria.Misclassification(LABELS)
    )
    attack_there = FromOurStart(abs_stepsize=STEP_SIZE[norm], steps=steps, random_start=start == "random")
    return attack_there.run(model, images(6), criterion, epsilon=EPS[norm])


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("start", ["clean", "random"])
@pytest.mark.parametrize("targeted", [False, True])
def test_every_step_equals_foolbox(norm, start, targeted):
    threat_model = threat(
        norm=norm,
        eps=EPS[norm],
        step_size=STEP_SIZE[norm],
        steps=STEPS,
        start=start,
        aim="chosen" if targeted else "untargeted",
    )
    ours = attack(convolutional(), images(6), LABELS, threat_model, TARGETS if targeted else None, keep=range(6))
    for step in ours[1:]:
        assert (step.pixels - _foolbox_pixels(norm, step.step, start, targeted)).abs().max() <= 1e-6
