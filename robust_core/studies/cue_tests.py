"""The tests that take a cue away, as a table, and an image under one of them."""

from dataclasses import dataclass

import numpy as np

from robust_core.cue_conflict.distortions import CHEN, DISTORTIONS
from robust_core.data.synthetic import NAMES, in_texture, is_scene, mask_of, read_synthetic
from robust_core.images import LabelledImage, to_pixels
from robust_core.models.spec import ModelSpec
from robust_core.studies.own_stimuli import as_image

STYLISED = "stylised"
ROWS = {row.key: row for row in DISTORTIONS}


@dataclass(frozen=True)
class CueTest:
    """One test: which cue it `keeps` and which it `removes`, and how; `takes_shape` where that is the shape, None where
    it takes nothing.

    `distortion` is a row of the table of distortions at its own strength; "" for the clean images, and for those that
    wear another category's texture, which only Mini can draw.
    """

    key: str
    title: str
    keeps: str
    removes: str
    distortion: str
    protocol: str
    takes_shape: bool | None


def _distorted(key: str, title: str, removes: str, distortion: str) -> CueTest:
    row = ROWS[distortion]
    protocol = f"{row.title.lower()}, {row.parameter} {row.default:g} ({row.source})"
    return CueTest(key, title, row.keeps, removes, distortion, protocol, takes_shape=removes == "shape")


CLEAN = CueTest("clean", "Clean", "all cues", "nothing", "", "the images as they are", takes_shape=None)
CUE_TESTS = (
    CLEAN,
    _distorted("scrambled", "Scrambled", "shape", "patch_scrambled"),
    CueTest(
        STYLISED,
        "Stylised",
        "shape",
        "texture",
        "",
        f"the same scene, its object in the texture of another category, drawn by the seed (after {CHEN})",
        takes_shape=False,
    ),
    _distorted("silhouette", "Silhouette", "texture and colour", "silhouette"),
    _distorted("two_tone", "Two tones", "texture and colour", "two_tone"),
    _distorted("edges", "Edges", "texture and colour", "edges"),
)


def shown(image: LabelledImage, spec: ModelSpec, test: CueTest, seed: int) -> LabelledImage | None:
    """`image` at the input size of `spec` under `test`, in 8 bits; None where it cannot be made of this image."""
    seen = as_image(to_pixels(image, spec.preprocess_for(image.centre_crop_only))[None], image)
    if test == CLEAN:
        return seen
    if test.key == STYLISED:
        return _stylised(image, seed)
    from robust_core.cue_conflict.distortions import distort

    row, mask = ROWS[test.distortion], None
    if row.needs_mask:
        import torch

        if not is_scene(image.sample_id):
            return None
        mask = torch.from_numpy(mask_of(image.sample_id))[None]
        if tuple(mask.shape[1:]) != seen.rgb.shape[:2]:
            return None
    pixels = to_pixels(seen, spec.preprocess_for(True))[None]
    return as_image(distort(pixels, row.key, row.default, mask=mask, seed=seed), seen)


def _stylised(image: LabelledImage, seed: int) -> LabelledImage | None:
    """The same scene, its object in the texture of another category than that of its shape."""
    if not is_scene(image.sample_id):
        return None
    others = [name for name in NAMES if image.label is None or name != NAMES[image.label]]
    number = int(image.sample_id.rpartition("/")[2])
    return read_synthetic(in_texture(image.sample_id, str(np.random.default_rng([seed, number]).choice(others))))
