"""A mixture of loaded models as a loaded model: `BUILDERS` says what each row of the table makes of networks."""

import copy
from collections.abc import Callable, Sequence

import torch

from robust_core.attacks.grids import resizing
from robust_core.errors import BadInput
from robust_core.mixing.outputs import Combine, MixedOutputs, mixed_logits, mixed_probabilities
from robust_core.mixing.table import MixKind, checked_alphas, part_of, require_one_architecture
from robust_core.mixing.weights import averaged
from robust_core.models.loading import LoadedModel

Builder = Callable[[Sequence[LoadedModel], Sequence[float]], LoadedModel]


def _of_outputs(combine: Combine) -> Builder:
    def build(models: Sequence[LoadedModel], alphas: Sequence[float]) -> LoadedModel:
        twin = copy.copy(models[0])
        amounts = torch.tensor(alphas, device=models[0].device)
        twin.network = MixedOutputs([model.network for model in models], amounts, combine)
        return twin

    return build


BUILDERS: dict[str, Builder] = {
    "probabilities": _of_outputs(mixed_probabilities),
    "logits": _of_outputs(mixed_logits),
    "weights": averaged,
}


def mixed(
    kind: MixKind, models: Sequence[LoadedModel], alphas: Sequence[float], inputs_px: Sequence[tuple[int, int]]
) -> LoadedModel:
    """The mixture of `models` as one model under the first's row; they stay as they are.

    A model of α = 0 is left out; one that is left alone is its network itself, bit for bit. `inputs_px` is the (height,
    width) to which each resizes inside itself what the mixture is given. Raises BadInput for alphas that do not sum to
    1, models on several devices, or models that cannot be averaged.
    """
    alphas = checked_alphas(alphas, len(models))
    # "cuda" is the first GPU, unless a program has chosen another one
    if len({(model.device.type, model.device.index or 0) for model in models}) > 1:
        raise BadInput(f"A mixture is on one device; got {', '.join(str(model.device) for model in models)}.")
    if kind.one_architecture:
        require_one_architecture([model.spec for model in models])
    models = [model.unfolded() for model in models]  # whose weights may be averaged, and whose outputs are compared
    on_grid = [resizing(model, *px) for model, px in zip(models, inputs_px, strict=True)]
    only = part_of(alphas)
    if only is not None:
        return on_grid[only]
    inside = [place for place, alpha in enumerate(alphas) if alpha > 0]
    parts = [models[place] if kind.one_architecture else on_grid[place] for place in inside]
    made = BUILDERS[kind.key](parts, [alphas[place] for place in inside])
    return resizing(made, *inputs_px[inside[0]]) if kind.one_architecture else made
