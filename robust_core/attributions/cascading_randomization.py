"""The sanity check of Adebayo et al. 2018 (section 3.1, cascading): the map while layers, from the top, lose what
they learned.

A map that stays as it was does not show what the network learned.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import Value, get_method
from robust_core.attributions.quality import rank_correlation
from robust_core.attributions.shared_copies import shared_copy
from robust_core.attributions.targets import Target
from robust_core.checks import whole
from robust_core.events import Progress, mapped
from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class CascadingRandomization:
    """One map per stage: `layers` random layers (0 first), down to the layer called `lowest` ("" for none).

    `correlation` is Spearman's, with the map of the trained network; None where a map is the same everywhere.
    """

    layers: tuple[int, ...]
    lowest: tuple[str, ...]
    maps: tuple[Attribution, ...]
    correlation: tuple[float | None, ...]


def layers_from_the_top(network: nn.Module) -> list[str]:
    """The names of the layers with weights of their own, the one nearest to the logits first, as the modules stand in
    the network.
    """
    return [name for name, module in network.named_modules() if list(module.parameters(recurse=False))][::-1]


def randomised(model: LoadedModel, layers: int, seed: int) -> LoadedModel:
    """A copy that shares weights whose top `layers` layers hold random weights: normal, with the mean and spread that
    each tensor had, drawn on the CPU.

    Raises BadInput for more layers than there are.
    """
    duplicate = shared_copy(model)
    names = layers_from_the_top(duplicate.network)
    layers = whole("layers", layers, 0, len(names))
    for number, name in enumerate(names[:layers]):
        rng, module = np.random.default_rng([seed, number]), duplicate.network.get_submodule(name)
        for key, parameter in list(module.named_parameters(recurse=False)):
            setattr(module, key, nn.Parameter(_like(parameter, rng), requires_grad=False))
    return duplicate


def randomize(
    model: LoadedModel,
    pixels: Tensor,
    method: str,
    target: int,
    settings: Mapping[str, Value],
    *,
    stages: int,
    seed: int,
) -> Generator[Progress, None, CascadingRandomization]:
    """The map of class `target` on `pixels` (1,3,H,W) with none, then ever more, and at last all layers random, in
    `stages` equal steps. A method that draws has another seed at each stage, so that no two maps share their draws.

    Raises BadInput for no stages, and what `explain` raises.
    """
    stages = whole("stages", stages, 1)
    names = layers_from_the_top(model.network)
    counts = sorted({round(len(names) * stage / stages) for stage in range(stages + 1)})
    maps: list[Attribution] = []
    for stage, count in enumerate(counts):
        chosen = get_method(method).with_other_seed(settings, stage)
        work = explain(randomised(model, count, seed), pixels, method, Target("class", target), **chosen)
        found = yield from mapped(work, lambda _: Progress(len(maps), len(counts), "stages", "randomising"))
        maps.append(found)
    return CascadingRandomization(
        layers=tuple(counts),
        lowest=tuple(names[count - 1].removeprefix("body.") if count else "" for count in counts),
        maps=tuple(maps),
        correlation=tuple(rank_correlation(one.map, maps[0].map) for one in maps),
    )


def _like(parameter: Tensor, rng: np.random.Generator) -> Tensor:
    draws = torch.from_numpy(rng.standard_normal(tuple(parameter.shape), dtype=np.float32)).to(parameter)
    drawn = parameter.mean() + parameter.std(correction=0) * draws
    return drawn.contiguous(memory_format=torch.channels_last) if parameter.ndim == 4 else drawn
