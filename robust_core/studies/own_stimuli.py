"""Stimuli made to order: a synthetic one, an image in the texture of another, and any image with one of its cues taken
away.

All are images of 8 bits at a model's input size, so that what is shown, stored and predicted is the same.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.data.stimulus_sets import StimulusImage
from robust_core.data.synthetic import mask_of, read_synthetic, synthetic_id
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import true_label
from robust_core.studies.request import Request

if TYPE_CHECKING:  # torch comes with the first image, not with the first page
    from torch import Tensor

    from robust_core.cue_conflict.style_transfer import StyleSettings, Stylised, StylisedSoFar
    from robust_core.events import Progress


def synthetic(scene: str, shape: str, texture: str, seed: int) -> StimulusImage:
    """The image `mini/<scene>/<shape>/<texture>/<seed>` with its mask; raises UnknownName as
    `data.synthetic.read_synthetic` does.
    """
    sample_id = synthetic_id(scene, shape, texture, seed)
    image = read_synthetic(sample_id)
    return StimulusImage(Stimulus(sample_id, image.name, shape, texture), image, mask_of(sample_id))


def from_image(image: LabelledImage, spec: ModelSpec) -> StimulusImage:
    """`image` as `spec`'s publisher prescribes it, shape and texture of its own category; raises BadInput as
    `to_pixels` does.
    """
    own = true_label(image, MINI)
    category = None if own is None else NAMES[own]
    seen = as_image(to_pixels(image, spec.preprocess)[None], image)
    return StimulusImage(Stimulus(seen.digest, image.name, category, category), seen, None)


def without_cue(stimulus_image: StimulusImage, distortion: str, strength: float, seed: int) -> StimulusImage:
    """The same stimulus after `distortions.distort`, which says what is raised; the mask is used where there is one."""
    import torch

    from robust_core.cue_conflict.distortions import distort

    mask = None if stimulus_image.mask is None else torch.from_numpy(stimulus_image.mask)[None]
    pixels = distort(_stored(stimulus_image.image)[None], distortion, strength, mask=mask, seed=seed)
    return replace(stimulus_image, image=as_image(pixels, stimulus_image.image))


@dataclass(frozen=True, eq=False)
class StyleTransferRequest(Request):
    """The image of `shape` in the texture of `texture`, by the features of one model."""

    study: ClassVar[str] = "style_transfer"

    shape: LabelledImage
    texture: LabelledImage
    settings: "StyleSettings"


def stylise(request: StyleTransferRequest) -> "Generator[Progress | StylisedSoFar, None, Stylised]":
    """Make the stimulus; yields and returns what `style_transfer.transfer` does.

    Raises UnknownName, WeightsUnavailable, and BadInput for a model that cannot or an image that cannot become its
    input.
    """
    from robust_core.cue_conflict.style_transfer import transfer
    from robust_core.models.pool import shared_pool

    spec = request.spec
    with shared_pool().use(spec.key) as model:
        shape, texture = (to_pixels(one, spec.preprocess)[None] for one in (request.shape, request.texture))
        return (yield from transfer(model, shape, texture, request.settings))


def as_image(pixels: "Tensor", like: LabelledImage) -> LabelledImage:
    """Pixels (1,3,H,W) in [0, 1] at a model's input size, rounded to 8 bits, with name, label and source of `like`."""
    return replace(like, centre_crop_only=True).with_pixels(to_rgb(pixels)[0])


def _stored(image: LabelledImage) -> "Tensor":
    """The image's own pixels (3,H,W) in [0, 1], at the size that it has."""
    import torch

    return torch.from_numpy(image.rgb.copy()).permute(2, 0, 1).float() / 255
