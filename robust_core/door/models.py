"""Models of the door: rows of the table, and anybody's networks. `model(x)` gives logits for float32 RGB pixels
(B,3,H,W) in [0, 1].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from robust_core.errors import BadInput
from robust_core.images import Preprocess
from robust_core.models import in_use, loading
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.device import KINDS, choose_device
from robust_core.models.loading import LoadedModel as Model
from robust_core.models.registry import RESIZE_256_BILINEAR
from robust_core.models.spec import ModelSpec
from robust_core.names import find

if TYPE_CHECKING:
    from robust_core.models.loading import LoadedModel

    Ref = str | LoadedModel
    Models = Ref | Iterable[Ref]

PREPROCESSINGS = {"imagenet": RESIZE_256_BILINEAR}


def load(key: str, *, device: "torch.device | str | None" = None) -> Model:
    """The model of the table called `key`, or by its title however written; `device` None is the best there is.

    Raises UnknownName, which names the nearest keys, WeightsUnavailable where the weights are not on this machine, and
    BadInput for a device that this machine lacks.

    >>> import robust_core as rc
    >>> model = rc.load("efficientnet_lite0")
    >>> photos = rc.load_images("foolbox", 4)
    >>> model(photos.pixels(model)).shape
    torch.Size([4, 1000])
    """
    return loading.load(key_of(key), _device(device))


def wrap(
    net: nn.Module,
    *,
    preprocess: 'Preprocess | Literal["imagenet"] | None' = "imagenet",
    classes: Sequence[str] | None = None,
    cam_layer: str | None = None,
    name: str | None = None,
    device: "torch.device | str | None" = None,
) -> Model:
    """Any network from RGB images to logits as a model like any other, on `device` (None: the best there is).

    It is a frozen copy in float32 and in evaluation mode, with its hooks: `net` itself keeps mode, gradients and hooks,
    and what it learns later is not seen; wrap it again.

    preprocess  how an image becomes its input: "imagenet" (shorter side to 256 px, centre 224 px, ImageNet's mean and
                std), None for pixels in [0, 1] as they are, without resizing, or a `Preprocess`
    classes     a name or WordNet id for each logit; None means ImageNet for 1,000 logits, else "class 0" and so on
    cam_layer   the layer that Grad-CAM reads; None finds the last one with channels over places, (B, C, H, W)
    name        what results call it; None makes one of its class and the SHA-256 of its parameters and buffers

    Raises BadInput for a network that cannot be copied, does not take such images or gives no logits, UnknownName for a
    layer it does not have, NotFinite where its weights or logits are NaN or infinite.

    >>> import robust_core as rc
    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    >>> rc.wrap(net, preprocess=None, classes=["cat", "dog"], name="mine")
    <Model mine: 2 classes, the whole image; mean 0 0 0, std 1 1 1, on cpu>
    """
    from robust_core.models.wrapped import wrap_network

    if isinstance(preprocess, str):
        preprocess = PREPROCESSINGS[find("preprocessing", preprocess, {key: key for key in PREPROCESSINGS})]
    if not (preprocess is None or isinstance(preprocess, Preprocess)):
        raise BadInput(f'preprocess must be "imagenet", None or an rc.Preprocess; got {type(preprocess).__name__}.')
    if name is not None and not (isinstance(name, str) and name.strip() and name.isprintable() and len(name) <= 80):
        raise BadInput(f"A name is 1 to 80 printable characters; got {name!r}.")
    return wrap_network(net, preprocess, classes, cam_layer, name, _device(device))


@dataclass(frozen=True)
class Chosen:
    """The models of one study, which it keeps alive, and their rows."""

    refs: "tuple[Ref, ...]"
    specs: tuple[ModelSpec, ...]


def choose(models: "Models") -> Chosen:
    """One model or several, each of which is found under its key from now on.

    Raises BadInput for none, for what is no model, and for two that results could not tell apart.
    """
    refs = [models] if isinstance(models, str | Model | nn.Module) else models
    if not isinstance(refs, Iterable):
        raise BadInput(f"Expected a model, its key or a list of them; got {type(models).__name__}.")
    refs = tuple(refs)
    if not refs:
        raise BadInput("There is no model; expected at least one.")
    specs = tuple(_spec(ref) for ref in refs)
    names = [spec.name for spec in specs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadInput(
            f"Two of the models are called {twice}; give wrapped networks names of their own with rc.wrap(..., "
            "name=...)."
        )
    return Chosen(refs, specs)


def choose_one(model: "Models") -> Chosen:
    """As `choose`; raises BadInput for several models."""
    chosen = choose(model)
    if len(chosen.specs) > 1:
        raise BadInput(f"This is asked of one model at a time; got {len(chosen.specs)}.")
    return chosen


def key_of(name: str) -> str:
    """The key of the table's row that `name` means; raises UnknownName."""
    if not isinstance(name, str):
        raise BadInput(f"Expected the key of a model; got {type(name).__name__}.")
    rows = list_models()
    return find("model", name, {spec.key: spec.title for spec in rows})


def _spec(ref: "Ref") -> ModelSpec:
    if isinstance(ref, Model):
        return get_spec(in_use.hold(ref))
    if isinstance(ref, nn.Module):
        raise BadInput(
            "A network has to be wrapped first, which says how images become its input: "
            f"rc.wrap({type(ref).__name__}(...))."
        )
    key = key_of(ref)
    in_use.release(key)  # a model that was loaded on some device is meant when it is named itself
    return get_spec(key)


def _device(device: "torch.device | str | None") -> torch.device:
    if device is None:
        return choose_device()
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise BadInput(f"There is no device called {device!r}; expected one of {', '.join(KINDS)}.") from error
    present = {
        "cuda": torch.cuda.device_count() > (chosen.index or 0),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if not present.get(chosen.type, False):
        raise BadInput(f"This machine has no device {device!r} that PyTorch sees.")
    return chosen
