"""Trajectories written down by hand."""

import torch

from robust_core.attacks.goals import Goal
from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.threat import ThreatModel
from tests.attacks.threats import threat


def trajectory(
    labels: list[int],
    predicted: list[list[int]],
    *,
    targets: list[int] | None = None,
    loss: list[list[float]] | None = None,
    zero_gradient: list[list[bool]] | None = None,
    known: list[bool] | None = None,
    threat_model: ThreatModel | None = None,
) -> list[AttackStep]:
    """One AttackStep for each row of `predicted` classes, for images with these `labels`; what is not given is
    uneventful.
    """
    n, last = len(labels), len(predicted) - 1
    threat_model = threat_model or threat(steps=last, aim="untargeted" if targets is None else "chosen")
    goal = Goal(
        torch.tensor(labels), torch.tensor(known or [True] * n), None if targets is None else torch.tensor(targets)
    )
    return [
        AttackStep(
            step=k,
            threat=threat_model,
            goal=goal,
            label=torch.tensor(predicted[k]),
            probability=torch.ones(n),
            true_probability=torch.ones(n),
            loss=torch.tensor(loss[k]) if loss else torch.zeros(n),
            distance=torch.zeros(n),
            zero_gradient=torch.tensor(zero_gradient[k]) if zero_gradient else torch.zeros(n, dtype=torch.bool),
            pixels=torch.zeros(0, 3, 1, 1),
        )
        for k in range(last + 1)
    ]
