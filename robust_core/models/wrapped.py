"""Anybody's network as a model like any other: a frozen copy behind its own normalisation, with a row made by looking
at it.

The caller's network is never changed: not its mode, not its gradients, not its hooks. What it learns later is not seen;
wrap it again.
"""

import copy
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from robust_core.errors import BadInput, NotFinite, UnknownName
from robust_core.images import Preprocess
from robust_core.labels import CATEGORIES, CLASSES, IMAGENET, MINI, LabelSpace, own_label_space, unnamed_label_space
from robust_core.models.architectures import explored, layer_outputs, takes
from robust_core.models.finite import FiniteCheck
from robust_core.models.loading import LoadedModel, first_not_finite, freeze
from robust_core.models.repairs import plain
from robust_core.models.spec import WRAPPED, Architecture, ModelSpec, WeightFile

TRIED_PX = (224, 32, 28, 64, 96, 128, 160, 192, 256, 299, 336, 384, 448, 512)  # input sizes, until one is taken
FAULTS = (
    RuntimeError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    KeyError,
)
# the first is faster; some networks reshape in a way that needs the second
LAYOUTS = (torch.channels_last, torch.contiguous_format)


def wrap_network(
    network: nn.Module,
    preprocess: Preprocess | None,
    classes: Sequence[str] | None,
    cam_layer: str | None,
    name: str | None,
    device: torch.device,
) -> LoadedModel:
    """A copy of `network` as a model on `device`; arguments and errors are those of `robust_core.wrap`."""
    body = _copied(network)
    title = name or type(body).__name__
    if fault := first_not_finite(body):
        raise NotFinite(
            f"{title} holds NaN or infinite values, first in {fault}, so none of its numbers would count; wrap a "
            "network with sound weights."
        )
    taken = preprocess or as_they_are(body, title)
    layout, logits = _prediction(body, taken, title)
    space = _label_space(title, logits, classes)
    architecture = _architecture(type(body).__name__, body, _grey(taken), cam_layer)
    spec = _row(title if name else None, body, architecture, taken, space)
    return LoadedModel(spec, body, device, layout)


def as_they_are(body: nn.Module, title: str) -> Preprocess:
    """The preprocessing that hands pixels on as they are; the size is the one that the network takes, None where it
    takes several.

    Raises BadInput when none of TRIED_PX is taken.
    """
    with torch.device("meta"):
        bare, two = _without_memory(body), torch.empty(2, 3, 1, 1)
        taken = [size_px for size_px in TRIED_PX if takes(bare, two, size_px)]
    if not taken:  # its forward pass may look at values
        taken = [size_px for size_px in TRIED_PX if takes(body, torch.zeros(2, 3, 1, 1), size_px)]
    if not taken:
        raise BadInput(
            f"{title} takes RGB images of none of the usual sizes ({', '.join(map(str, sorted(TRIED_PX)))} px); "
            "say how images become its input with preprocess=rc.Preprocess(...)."
        )
    return Preprocess(
        None, taken[0] if len(taken) == 1 else None, "bilinear", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
    )


def _copied(network: nn.Module) -> nn.Module:
    """A frozen float32 copy on the CPU, out of what training wraps around a network."""
    if not isinstance(network, nn.Module):
        raise BadInput(f"Expected a torch.nn.Module; got {type(network).__name__}.")
    if isinstance(network, torch.jit.ScriptModule):
        raise BadInput(f"{type(network).__name__} is a TorchScript module; wrap the network that it was made from.")
    while True:
        inner = getattr(network, "_orig_mod", None) or (
            getattr(network, "module", None)
            if type(network).__name__ in ("DataParallel", "DistributedDataParallel")
            else None
        )
        if inner is None:
            break
        network = inner
    try:
        body = copy.deepcopy(network).cpu().float()
        body.zero_grad(set_to_none=True)
        return freeze(body)
    except FAULTS as error:
        raise BadInput(
            f"{type(network).__name__} cannot be copied ({_first_line(error)}); wrap a network that copy.deepcopy "
            "takes."
        ) from error


def _without_memory(body: nn.Module) -> nn.Module:
    """The network with tensors that have shapes and no values, so that running it costs next to nothing."""
    tensors = (*body.parameters(), *body.buffers())
    bare = {
        id(one): nn.Parameter(one.to("meta"), requires_grad=False) if isinstance(one, nn.Parameter) else one.to("meta")
        for one in tensors
    }
    return copy.deepcopy(body, bare)


def _grey(preprocess: Preprocess) -> Tensor:
    """Two images as the network itself sees them: grey, and a little lighter."""
    side_px = preprocess.crop or preprocess.resize or TRIED_PX[0]
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preprocess.mean, preprocess.std))
    return (torch.tensor([0.5, 0.6]).view(2, 1, 1, 1).expand(2, 3, side_px, side_px) - mean) / std


def _prediction(body: nn.Module, preprocess: Preprocess, title: str) -> tuple[torch.memory_format, Tensor]:
    """The memory layout in which the network takes its input, and its logits (2,K) for two grey images; raises BadInput
    for other outputs.
    """
    images = _grey(preprocess)
    for layout in LAYOUTS:
        try:
            with torch.no_grad():
                logits = body.to(memory_format=layout)(images.contiguous(memory_format=layout))
            break
        except FAULTS as error:
            fault = error
    else:
        raise BadInput(
            f"{title} cannot predict an RGB image of {images.shape[-1]} px ({_first_line(fault)}); say how "
            "images become its input with "
            "preprocess=rc.Preprocess(...), or None for pixels in [0, 1] as they are."
        ) from fault
    if (
        not isinstance(logits, Tensor)
        or logits.ndim != 2
        or len(logits) != 2
        or logits.shape[1] < 2
        or not logits.is_floating_point()
    ):
        what = f"a tensor of shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
        raise BadInput(
            f"{title} gives {what} for two images; expected logits, a tensor (2, classes) with at least 2 classes."
        )
    FiniteCheck(title).watch(logits)
    if logits.min() >= 0 and torch.allclose(logits.sum(1), torch.ones(2), atol=1e-4):
        raise BadInput(
            f"{title} gives probabilities; expected logits: wrap the network without its last softmax, which would "
            "hide its gradients from attacks."
        )
    return layout, logits


def _label_space(title: str, logits: Tensor, classes: Sequence[str] | None) -> LabelSpace:
    count = logits.shape[1]
    if classes is None:
        return IMAGENET if count == len(CLASSES) else unnamed_label_space(f"the classes of {title}", count)
    names = [classes] if isinstance(classes, str) else list(classes)
    if not all(isinstance(one, str) and one.strip() for one in names):
        raise BadInput("Classes are names or WordNet ids, one for each logit in their order.")
    if len(names) != count:
        raise BadInput(f"{title} has {count:,} logits; got {len(names):,} classes.")
    own = own_label_space(f"the classes of {title}", names)
    if own.imagenet == IMAGENET.imagenet or own.names == IMAGENET.names:
        return IMAGENET
    return MINI if tuple(names) == tuple(CATEGORIES) else own


def _architecture(name: str, body: nn.Module, images: Tensor, cam_layer: str | None) -> Architecture:
    def build() -> nn.Module:
        return copy.deepcopy(body)

    try:
        with torch.device("meta"):
            network, pixels = _without_memory(body), images.to("meta")
            found = explored(name, build, network, pixels)
    except FAULTS:  # its forward pass looks at values
        network, pixels = body, images
        found = explored(name, build, network, pixels)
    return found if cam_layer is None else _with_cam_layer(found, cam_layer, dict(layer_outputs(network, pixels)))


def _with_cam_layer(found: Architecture, cam_layer: str, shapes: dict[str, tuple[int, ...]]) -> Architecture:
    if cam_layer not in shapes:
        raise UnknownName("layer with an output that lasts", cam_layer, shapes)
    if len(shapes[cam_layer]) != 4:
        raise BadInput(f"The layer {cam_layer} gives {shapes[cam_layer]}; expected channels over places, (B, C, H, W).")
    return replace(found, cam_layer=cam_layer, tokens=False)


def _row(
    name: str | None, body: nn.Module, architecture: Architecture, preprocess: Preprocess, space: LabelSpace
) -> ModelSpec:
    """The row of a wrapped network; its key tells apart what differs in name, class, values, preprocessing or
    classes.
    """
    sha256 = digest(body)
    title = name or f"{architecture.name}-{sha256[:6]}"
    slug = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_") or "network"
    rest = hashlib.sha256(
        repr((title, type(body).__qualname__, sha256, preprocess, space.key, architecture.cam_layer)).encode()
    ).hexdigest()
    return ModelSpec(
        key=f"{slug}-{rest[:12]}",
        title=title,
        family=WRAPPED,
        training_data="not known: the user's own network",
        architecture=architecture,
        weights=WeightFile("", sha256, None, "the user's own network", "wrapped in this process"),
        preprocess=preprocess,
        label_space=space,
        repair=plain,
        published=None,
        note="Your own network.",
    )


def digest(network: nn.Module) -> str:
    """The SHA-256 of names, shapes and float32 values of all parameters and buffers, in the network's order."""
    found = hashlib.sha256()
    for name, tensor in (
        *network.named_parameters(remove_duplicate=False),
        *network.named_buffers(remove_duplicate=False),
    ):
        found.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
