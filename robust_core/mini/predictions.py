"""Predictions of one network on many images, and what an attack makes of them; for the model card, not for the
dashboard.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from robust_core.attacks.balls import BALLS, ascend
from robust_core.events import Progress
from robust_core.mini.weights import normalised
from robust_core.models.finite import require_finite

BATCH = 64


@dataclass(frozen=True)
class Attack:
    """L-infinity PGD on the first `n` test images: `eps` in pixel units, from a random start, in steps of eps/10."""

    name: str
    eps: float
    n: int

    @property
    def step(self) -> float:
        """The step size in pixel units."""
        return self.eps / 10


# The largest eps makes every image another one: a model that survives it hides its gradients.
ATTACKS = (Attack("4/255", 4 / 255, 256), Attack("8/255", 8 / 255, 256), Attack("32/255", 32 / 255, 64))
RECORDED_STEPS = (0, 5, 10, 20, 50)


@torch.inference_mode()
def predict(network: nn.Module, pixels: Tensor) -> Tensor:
    """The category that the network predicts, (N,) int64, for pixels (N, 3, 64, 64) in [0, 1]; raises NotFinite for NaN
    or infinite logits.
    """
    return torch.cat([_logits(network, batch).argmax(1) for batch in pixels.split(BATCH)])


def attacked_correct(
    network: nn.Module, pixels: Tensor, labels: Tensor, attack: Attack, seed: int
) -> Generator[Progress, None, Mapping[int, int]]:
    """How many images are still predicted correctly after 0 (the clean image), 5, 10, 20 and 50 steps.

    The last iterate counts, not the best one: an upper bound on robust accuracy.
    """
    correct = dict.fromkeys(RECORDED_STEPS, 0)
    batches = list(zip(pixels.split(BATCH), labels.split(BATCH), strict=True))
    for number, (clean, truth) in enumerate(batches):
        random = torch.Generator().manual_seed(seed + number)
        for step, iterate in enumerate(_iterates(network, clean, truth, attack, random)):
            if step in correct:
                correct[step] += int((predict(network, iterate) == truth).sum())
            yield Progress(
                number * RECORDED_STEPS[-1] + step, len(batches) * RECORDED_STEPS[-1], "steps", f"PGD {attack.name}"
            )
    return correct


def _iterates(
    network: nn.Module, clean: Tensor, labels: Tensor, attack: Attack, random: torch.Generator
) -> Iterator[Tensor]:
    """The clean images, then every iterate up to the last recorded step (Madry et al. 2018, section 2)."""
    yield clean
    attacked = (clean + attack.eps * (2 * torch.rand(clean.shape, generator=random) - 1)).clamp(0, 1)
    for _ in range(RECORDED_STEPS[-1]):
        point = attacked.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(cross_entropy(_logits(network, point), labels, reduction="sum"), point)
        attacked = ascend(attacked, gradient, clean, BALLS["linf"], attack.step, attack.eps)
        yield attacked


def _logits(network: nn.Module, pixels: Tensor) -> Tensor:
    logits = network(normalised(pixels).contiguous(memory_format=torch.channels_last))
    require_finite("This network", "logits", logits.detach().isfinite().all(1).cpu())
    return logits
