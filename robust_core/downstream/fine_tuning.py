"""All weights of a network trained on for other classes (Salman et al. 2020, section 2: full-network transfer
learning), on a copy: the model itself stays bit for bit what it was.

SGD with momentum, its learning rate falling to zero along a cosine; batches are mirrored or not. Batch normalisation
learns its statistics anew from the batches, or keeps them `frozen`.
"""

import copy
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from robust_core.errors import NotFinite

if TYPE_CHECKING:
    from robust_core.models.loading import LoadedModel

MOMENTUM, WEIGHT_DECAY = 0.9, 5e-4  # those of the paper
PREDICTED_AT_ONCE = 64


@dataclass(frozen=True)
class Schedule:
    """`steps` of batches of `batch_size`, the learning rate beginning at `learning_rate`."""

    steps: int
    learning_rate: float
    batch_size: int
    frozen_batch_norm: bool
    seed: int


class FineTuner:
    """A copy of a network with a new last layer for `classes`, and its optimiser; `last_layer` names the old one."""

    def __init__(self, model: "LoadedModel", last_layer: str, classes: int, schedule: Schedule):
        self.schedule, self.device, self.title = schedule, model.device, model.spec.title
        self.random = torch.Generator().manual_seed(schedule.seed)
        self.network = copy.deepcopy(model.network).requires_grad_(True)
        old = self.network.body.get_submodule(last_layer)
        self.network.body.set_submodule(last_layer, self._new_layer(old, classes))
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), schedule.learning_rate, MOMENTUM, weight_decay=WEIGHT_DECAY
        )
        self.rate = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimiser, schedule.steps)

    def steps(self, pixels: Tensor, labels: Tensor) -> Generator[float, None, None]:
        """Train on images (N,3,H,W) and their labels (N,); yields the loss of each step. Raises NotFinite where it is
        NaN or infinite.
        """
        for batch in self._batches(len(pixels)):
            yield self._step(pixels[batch], labels[batch])

    def seconds_each(self, pixels: Tensor, labels: Tensor, steps: int = 2) -> float:
        """How long one step takes, measured on `steps` of them after one that warms up; the network is trained by
        them, so that this is for a copy that is thrown away.
        """
        batches = self._batches(len(pixels))
        self._step(pixels[(first := next(batches))], labels[first])
        started = time.perf_counter()
        for _ in range(steps):
            self._step(pixels[(batch := next(batches))], labels[batch])
        return (time.perf_counter() - started) / steps

    @torch.no_grad()
    def predictions(self, pixels: Tensor) -> np.ndarray:
        """The class of each image (N,)."""
        self.network.eval()
        return torch.cat(
            [self.network(part.to(self.device)).argmax(1).cpu() for part in pixels.split(PREDICTED_AT_ONCE)]
        ).numpy()

    def _step(self, pixels: Tensor, labels: Tensor) -> float:
        self.network.train()
        if self.schedule.frozen_batch_norm:
            for module in self.network.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        mirrored = (torch.rand(len(pixels), generator=self.random) < 0.5)[:, None, None, None]
        shown = torch.where(mirrored, pixels.flip(3), pixels).to(self.device)
        loss = cross_entropy(self.network(shown), labels.to(self.device))
        if not loss.isfinite():
            raise NotFinite(
                f"Fine-tuning {self.title} diverged at a learning rate of {self.schedule.learning_rate:g}; try a "
                "smaller one."
            )
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.rate.step()
        return float(loss.detach())

    def _batches(self, count: int) -> Iterator[Tensor]:
        """As many as there are steps, every image once before any comes again."""
        order = torch.empty(0, dtype=torch.long)
        size = min(self.schedule.batch_size, count)
        for _ in range(self.schedule.steps):
            if len(order) < size:
                order = torch.cat([order, torch.randperm(count, generator=self.random)])
            yield order[:size]
            order = order[size:]

    def _new_layer(self, old: nn.Module, classes: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.schedule.seed)
            if isinstance(old, nn.Conv2d):
                made: nn.Module = nn.Conv2d(old.in_channels, classes, (old.kernel_size[0], old.kernel_size[1]))
            else:
                assert isinstance(old, nn.Linear)  # as `without_last_layer` has seen
                made = nn.Linear(old.in_features, classes)
        return made.to(self.device)
