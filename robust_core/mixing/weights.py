"""Models of one architecture as one network: the average of their weights (Wortsman et al. 2022, section 3), with its
own batch-norm statistics (Izmailov et al. 2018, section 3.2): those of the parts do not fit what it computes.
"""

import copy
import math
from collections.abc import Generator, Sequence

import torch
from torch import Tensor, nn

from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

BATCH_SIZE = 64  # at most, of the images that batch-norm statistics are of; these depend on it
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def averaged(models: Sequence[LoadedModel], alphas: Sequence[float]) -> LoadedModel:
    """A new model whose parameters and running statistics are the weighted mean of those of `models`; whole numbers,
    which count batches, are the first's. Raises BadInput for two whose parameters differ in names or shapes.
    """
    states = [model.network.body.state_dict() for model in models]
    for model, state in zip(models, states, strict=True):
        _require_same_parameters(models[0], states[0], model, state)
    mean = {name: _mean([state[name] for state in states], alphas) for name in states[0]}
    body = copy.deepcopy(models[0].network.body)
    body.load_state_dict(mean)
    first = models[0]
    return LoadedModel(first.spec, body, first.device, first.network.layout).unfolded().beside(first.make_room)


def has_batch_norm(model: LoadedModel) -> bool:
    """Whether it has running statistics to recompute."""
    return bool(_batch_norms(model.network.body))


def recompute_batch_norm(model: LoadedModel, pixels: Tensor) -> Generator[Progress, None, None]:
    """Make the running mean and variance of every batch-norm layer, in place, the mean over batches of `pixels`
    (N,3,H,W); nothing else of the network works as in training. A model without such layers stays as it is.
    """
    layers = _batch_norms(model.network.body)
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean over all batches
        layer.train()
    batches = pixels.tensor_split(math.ceil(len(pixels) / BATCH_SIZE))  # of nearly one size, as each counts the same
    for number, batch in enumerate(batches):
        yield Progress(number, len(batches), "batches", "batch-norm statistics")
        with torch.no_grad():
            model.logits(batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
        layer.eval()


def _batch_norms(body: nn.Module) -> list[nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d]:
    return [one for one in body.modules() if isinstance(one, BATCH_NORMS) and one.track_running_stats]


def _mean(tensors: Sequence[Tensor], alphas: Sequence[float]) -> Tensor:
    if not tensors[0].is_floating_point():
        return tensors[0]
    return torch.stack([alpha * tensor for alpha, tensor in zip(alphas, tensors, strict=True)]).sum(0)


def _require_same_parameters(
    first: LoadedModel, its: dict[str, Tensor], other: LoadedModel, others: dict[str, Tensor]
) -> None:
    differs = next(
        (
            name
            for name in [*its, *others]
            if name not in its or name not in others or its[name].shape != others[name].shape
        ),
        None,
    )
    if differs is not None:
        raise BadInput(
            f"Weights are averaged one by one, and {first.spec.title} and {other.spec.title} differ in {differs}; "
            "expected the same names and shapes."
        )
