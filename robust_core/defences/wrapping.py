"""A loaded model behind a defence, for users and for attackers, and the vote of its draws. The model itself stays as
it is.
"""

import copy
from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor, nn

from robust_core.attacks.passes import Passes
from robust_core.defences.layers import LAYERS
from robust_core.defences.table import Defence
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel, Normalised


class Defended(Normalised):
    """A network behind a layer; its logits (B,K) are the mean over `draws` passes, each with draws of its own."""

    def __init__(self, network: Normalised, defence: Defence, known: bool, draws: int, seed: tuple[int, ...]):
        nn.Module.__init__(self)  # what Normalised holds, `network` has already
        self.network, self.draws = network, draws
        self.body, self.finite = network.body, network.finite
        layer = LAYERS[defence.layer]
        self.run = layer.known if known else layer.as_it_is
        self.random = torch.Generator().manual_seed(int(np.random.default_rng(seed).integers(2**63)))

    def forward(self, pixels: Tensor) -> Tensor:
        """Its logits (B,K)."""
        total = self.run(self.network, pixels, self.random)
        for _ in range(self.draws - 1):
            total = total + self.run(self.network, pixels, self.random)
        return total / self.draws


def defended(
    model: LoadedModel, defence: Defence, *, known: bool = False, draws: int = 1, seed: tuple[int, ...] = (0,)
) -> LoadedModel:
    """The same model behind `defence`, sharing its weights.

    known  whether gradients are those of an attacker who knows of the defence, and of its layer's `known`
    draws  how many passes the logits are the mean of (expectation over transformation, Athalye et al. 2018, section
           4.2)
    seed   of the draws, which go on from pass to pass; whoever is not to share them has another
    """
    twin = copy.copy(model)
    twin.network = Defended(model.serving, defence, known, draws, seed)
    return twin


def vote(
    model: LoadedModel, defence: Defence, pixels: Tensor, seed: tuple[int, ...]
) -> Generator[Progress, None, Tensor]:
    """(B,) the class that most of the defence's draws give each of `pixels` (B,3,H,W), on whatever device; the first of
    equals.
    """
    passes, pixels = Passes(defended(model, defence, seed=seed), *pixels.shape[2:]), pixels.to(model.device)
    counts: Tensor | int = 0
    for _ in range(defence.draws):
        logits = yield from passes.forward(pixels)
        counts = counts + nn.functional.one_hot(logits.argmax(1), logits.shape[1])
    assert isinstance(counts, Tensor)  # every defence looks at least once
    return counts.argmax(1)
