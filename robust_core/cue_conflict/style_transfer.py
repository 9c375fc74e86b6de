"""Style transfer: the shape of one image in the texture of another, by optimising pixels (Gatys, Ecker and Bethge
2016).

The published cue-conflict set was made in this way with VGG-19 (Geirhos et al. 2019). What other networks make is not
that set, and a network is no fair judge of images made with its own features: of three by SqueezeNet, it took all for
their textures, MobileNet none.

Where this differs from the paper: all errors are relative, so that one weight serves every network; networks keep their
own pooling; the start is the shape image, from which few steps are enough, not noise; and Adam optimises a pyramid of
changes, so that a large area changes its colour as fast as a pixel does. Tried with SqueezeNet on two pairs: pixels
alone become grainy, and 80 evaluations of L-BFGS on the same pyramid leave a higher loss than 60 of Adam.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from robust_core.checks import check_pixels, finite, set_whole
from robust_core.cue_conflict.distortions import SMALLEST_PX
from robust_core.errors import BadInput, DeviceOutOfMemory
from robust_core.events import Progress
from robust_core.models.batches import ran_out
from robust_core.models.finite import require_finite
from robust_core.models.loading import LoadedModel
from robust_core.models.spec import ModelSpec

PREVIEW_EVERY_STEPS = 10
STYLE_WEIGHT = 10.0  # of style against content at strength 0.5; chosen by eye
LEARNING_RATE = 0.01  # in pixel units, for each level of the pyramid
PYRAMID_LEVELS = 5
START_NOISE_STD = 0.02
TINY = 1e-12


@dataclass(frozen=True)
class StyleLayers:
    """Which layers of an architecture say what is in an image (`content`) and how its surfaces look (`style`).

    They are children of the module `trunk` ("" is the network itself), whose children run one after another that far.
    """

    architecture: str
    trunk: str
    content: str
    style: tuple[str, ...]


# VGG: the rectified conv4_2, and conv1_1 to conv5_1, as in the paper. The others have layers at about the same depths,
# chosen by eye for squeezenet1_0, mobilenet_v2 and mini_resnext, by analogy for alexnet, squeezenet1_1 and
# mini_resnext_wide.
_ROWS = (
    StyleLayers("vgg16", "features", content="20", style=("1", "6", "11", "18", "25")),
    StyleLayers("vgg19", "features", content="22", style=("1", "6", "11", "20", "29")),
    StyleLayers("alexnet", "features", content="7", style=("1", "4", "7", "9")),
    StyleLayers("squeezenet1_0", "features", content="7", style=("1", "4", "7", "9")),
    StyleLayers("squeezenet1_1", "features", content="6", style=("1", "4", "6", "9")),
    StyleLayers("mobilenet_v2", "features", content="6", style=("0", "1", "3", "6", "10")),
    StyleLayers("mini_resnext", "", content="layer1", style=("relu", "layer1", "layer2", "layer3")),
    StyleLayers("mini_resnext_wide", "", content="layer1", style=("relu", "layer1", "layer2", "layer3")),
)

STYLE_LAYERS: dict[str, StyleLayers] = {row.architecture: row for row in _ROWS}


@dataclass(frozen=True)
class StyleSettings:
    """How a style transfer is run.

    strength  0 gives the shape image back, bit for bit; 1 asks for the texture alone
    steps     of the optimisation
    seed      of the noise at the start: another seed makes another image of the same pair

    Raises BadInput for a number out of range.
    """

    strength: float
    steps: int
    seed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "strength", finite("strength", self.strength, 0, 1))
        set_whole(self, "steps", 1)
        set_whole(self, "seed", 0)


DEFAULT = StyleSettings(strength=0.5, steps=80, seed=0)


@dataclass(frozen=True, eq=False)
class StylisedSoFar:
    """The image after `step` steps: pixels (1,3,H,W), float32 in [0, 1], on the CPU.

    Both losses are relative squared errors: of the content layer against the shape image, and of the Gram matrices
    against those of the texture image, averaged over the style layers.
    """

    step: int
    pixels: Tensor
    content_loss: float
    style_loss: float


@dataclass(frozen=True, eq=False)
class Stylised(StylisedSoFar):
    """The finished image."""


def can_style(spec: ModelSpec) -> bool:
    """Whether the model has layers in the table."""
    return spec.architecture.name in STYLE_LAYERS


def transfer(
    model: LoadedModel, shape_pixels: Tensor, texture_pixels: Tensor, settings: StyleSettings
) -> Generator[Progress | StylisedSoFar, None, Stylised]:
    """The shape of one image in the texture of another; each (1,3,H,W), float32 in [0, 1], H and W >= 32, in sizes of
    their own.

    Yields a Progress after every step and a StylisedSoFar every ten steps. The model is only read: no
    hook, no gradient of a parameter, also when the generator is closed half-way. Raises BadInput at once for a model
    without style layers and for other pixels, later DeviceOutOfMemory, and NotFinite for NaN or infinite features.
    """
    if not can_style(model.spec):
        name = model.spec.architecture.name
        raise BadInput(
            f"{model.spec.title} has the architecture {name}; style transfer needs one of {', '.join(STYLE_LAYERS)}."
        )
    for pixels in (shape_pixels, texture_pixels):
        check_pixels(pixels, least_px=SMALLEST_PX)
        if len(pixels) != 1:
            raise BadInput(f"Style transfer takes one image of each; got the shape {tuple(pixels.shape)}.")
    return _within_memory(model, shape_pixels.detach().clone(), texture_pixels.detach().clone(), settings)


def gram_matrix(features: Tensor) -> Tensor:
    """(C,C): how the channels of `features` (1,C,H,W) go together, averaged over the places; what is where does not
    matter.
    """
    channels = features[0].flatten(1)
    return channels @ channels.mT / channels.shape[1]


def _within_memory(
    model: LoadedModel, shape: Tensor, texture: Tensor, settings: StyleSettings
) -> Generator[Progress | StylisedSoFar, None, Stylised]:
    try:
        return (yield from _Transfer(model, shape, texture, settings).run())
    except RuntimeError as error:
        if not ran_out(error):
            raise
        raise DeviceOutOfMemory(
            "The device ran out of memory during a style transfer; choose a smaller model."
        ) from error


class _Transfer:
    """The state of one optimisation: the changes to the shape image, in levels from fine to coarse."""

    def __init__(self, model: LoadedModel, shape: Tensor, texture: Tensor, settings: StyleSettings):
        self.model, self.layers = model, STYLE_LAYERS[model.spec.architecture.name]
        self.strength = settings.strength
        self.steps = settings.steps if settings.strength else 0
        self.shape = shape.to(model.device)
        with torch.no_grad():
            self.content = self._answers(self.shape)[self.layers.content]
            style = self._answers(texture.to(model.device))
            self.grams = {name: gram_matrix(style[name]) for name in self.layers.style}
        self.levels = self._start(settings.seed)
        self.optimiser = torch.optim.Adam(self.levels, lr=LEARNING_RATE)

    def run(self) -> Generator[Progress | StylisedSoFar, None, Stylised]:
        for step in range(self.steps):
            if step and step % PREVIEW_EVERY_STEPS == 0:
                yield StylisedSoFar(step, *self._look())
            self._step()
            yield Progress(step + 1, self.steps, "steps", "style transfer")
        return Stylised(self.steps, *self._look())

    def _start(self, seed: int) -> list[Tensor]:
        height, width = self.shape.shape[2:]
        rng = torch.Generator().manual_seed(seed)
        std = START_NOISE_STD if self.steps else 0.0
        sizes = [(height >> level, width >> level) for level in range(PYRAMID_LEVELS)]
        return [
            (std * torch.randn(1, 3, *size, generator=rng)).to(self.shape.device).requires_grad_() for size in sizes
        ]

    @torch.enable_grad()
    def _step(self) -> None:
        content_loss, style_loss = self._losses(self._image())
        loss = (1 - self.strength) * content_loss + self.strength * STYLE_WEIGHT * style_loss
        for level, gradient in zip(self.levels, torch.autograd.grad(loss, self.levels), strict=True):
            level.grad = gradient
        self.optimiser.step()

    @torch.no_grad()
    def _look(self) -> tuple[Tensor, float, float]:
        pixels = self._image().clamp(0, 1)
        losses = torch.stack(self._losses(pixels)).cpu()
        # no logits here, where every pass is checked
        require_finite(self.model.spec.title, "features", losses.isfinite().all()[None])
        return pixels.cpu(), *losses.tolist()

    def _image(self) -> Tensor:
        """The image in [0, 1] up to rounding; what is clipped keeps its gradient, or it could never come back."""
        size = self.shape.shape[2:]
        changed = self.shape + sum(functional.interpolate(level, size=size, mode="bilinear") for level in self.levels)
        return changed + (changed.clamp(0, 1) - changed).detach()

    def _losses(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        answers = self._answers(pixels)
        errors = [_relative_error(gram_matrix(answers[name]), gram) for name, gram in self.grams.items()]
        return _relative_error(answers[self.layers.content], self.content), torch.stack(errors).mean()

    def _answers(self, pixels: Tensor) -> dict[str, Tensor]:
        """What each wanted layer answers; the network runs no further than to the last of them."""
        network, missing, answers = self.model.network, {self.layers.content, *self.layers.style}, {}
        answer = (pixels - network.mean) / network.std
        for name, layer in network.body.get_submodule(self.layers.trunk).named_children():
            answer = layer(answer)
            if name in missing:
                answers[name] = answer
                missing.remove(name)
            if not missing:
                break
        return answers


def _relative_error(found: Tensor, wanted: Tensor) -> Tensor:
    return (found - wanted).square().sum() / wanted.square().sum().clamp_min(TINY)
