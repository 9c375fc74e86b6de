"""`corrupt`, the one door to the corruptions: it checks, draws, calls the core and cuts to 8 bits."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from robust_core.checks import check_pixels, whole
from robust_core.corruptions import (
    blur,
    caustics,
    colour,
    coloured_noise,
    digital,
    frost,
    glass,
    noise,
    sparkles,
    spatter,
    waves,
    weather,
)
from robust_core.corruptions.levels import rounded, truncated
from robust_core.corruptions.table import CORRUPTIONS, STORED_JPEG_QUALITY
from robust_core.errors import BadInput, UnknownName

Sampler = Callable[[int, int, np.random.Generator], tuple[np.ndarray, ...]]

SMALLEST_PX = 32


def draw_nothing(height: int, width: int, rng: np.random.Generator) -> tuple[()]:
    """The sampler of a corruption that leaves nothing to chance."""
    return ()


# A sampler makes one image's draws, the same for every severity: sampler(height, width, generator) -> arrays. A core
# is deterministic and may leave [0, 1]: core(pixels, settings of the severity, *draws of all images) -> pixels.
SAMPLERS_AND_CORES: dict[str, tuple[Sampler, Callable[..., Tensor]]] = {
    "gaussian_noise": (noise.draw_normal, noise.gaussian_noise),
    "shot_noise": (noise.draw_uniform, noise.shot_noise),
    "impulse_noise": (noise.draw_hits_and_colours, noise.impulse_noise),
    "defocus_blur": (draw_nothing, blur.defocus_blur),
    "glass_blur": (glass.draw_glass, glass.glass_blur),
    "motion_blur": (blur.draw_motion_angle, blur.motion_blur),
    "zoom_blur": (draw_nothing, blur.zoom_blur),
    "snow": (weather.draw_snow, weather.snow),
    "frost": (frost.draw_frost, frost.frost),
    "fog": (weather.draw_fog, weather.fog),
    "brightness": (draw_nothing, colour.brightness),
    "contrast": (draw_nothing, colour.contrast),
    "elastic_transform": (digital.draw_elastic, digital.elastic_transform),
    "pixelate": (draw_nothing, digital.pixelate),
    "jpeg_compression": (draw_nothing, digital.jpeg_compression),
    "speckle_noise": (noise.draw_normal, noise.speckle_noise),
    "gaussian_blur": (draw_nothing, blur.gaussian_blur),
    "spatter": (spatter.draw_spatter, spatter.spatter),
    "saturate": (draw_nothing, colour.saturate),
    "caustic_refraction": (caustics.draw_water, caustics.caustic_refraction),
    "inverse_sparkles": (sparkles.draw_one_star, sparkles.inverse_sparkles),
    "sparkles": (sparkles.draw_stars, sparkles.sparkles),
    "perlin_noise": (coloured_noise.draw_lattice, coloured_noise.perlin_noise),
    "blue_noise_sample": (coloured_noise.draw_grey_phases, coloured_noise.blue_noise_sample),
    "plasma_noise": (waves.draw_plasma, waves.plasma_noise),
    "checkerboard_cutout": (waves.draw_checkerboard, waves.checkerboard_cutout),
    "cocentric_sine_waves": (waves.draw_rings, waves.cocentric_sine_waves),
    "single_frequency_greyscale": (waves.draw_plane_wave, waves.single_frequency_greyscale),
    "brownish_noise": (coloured_noise.draw_colour_phases, coloured_noise.brownish_noise),
}


@torch.no_grad()
def corrupt(pixels: Tensor, name: str, severity: int, seed: int | Sequence[int], *, as_stored: bool = False) -> Tensor:
    """`pixels` (B, 3, H, W) float32 in [0, 1], H and W >= 32, under corruption `name` at `severity` 1 to 5.

    `seed` is one number >= 0 per image, or one for the first, from which the others count up: image i of seed s is
    what it would be alone with seed s + i, whatever its neighbours. All severities share their draws, so that only the
    strength changes between them; CPU and CUDA share them too.

    The image is first rounded to 8 bits and the result truncated to 8 bits, as in the reference. `as_stored` adds the
    JPEG of quality 85 through which the stored ImageNet-C and ImageNet-C-bar went; their crop to 224 px is the
    caller's matter.

    Returns the shape, dtype and device of `pixels`. Raises UnknownName for a name and BadInput for anything else amiss.
    Sources: hendrycks/robustness @8190fe3, ImageNet-C/create_c/make_imagenet_c.py, and for ImageNet-C-bar
    facebookresearch/augmentation-corruption @ba4d5a5e, imagenet_c_bar/corrupt.py.
    """
    if name not in CORRUPTIONS:
        raise UnknownName("corruption", name, CORRUPTIONS)
    severity = whole("severity", severity, 1, 5)
    check_pixels(pixels, least_px=SMALLEST_PX)
    seeds = _one_seed_per_image(seed, len(pixels))
    sampler, core = SAMPLERS_AND_CORES[name]
    device = "cpu" if pixels.device.type == "mps" else pixels.device  # mps has no float64
    image = rounded(pixels.to(device).contiguous())
    draws = draw_for_each(sampler, seeds, image)
    result = truncated(core(image, CORRUPTIONS[name].settings[severity - 1], *draws))
    return (digital.jpeg_compression(result, STORED_JPEG_QUALITY) if as_stored else result).to(pixels.device)


def _one_seed_per_image(seed: int | Sequence[int], images: int) -> list[int]:
    if not isinstance(seed, Sequence) or isinstance(seed, str):
        first = whole("seed", seed, 0)
        return list(range(first, first + images))
    if len(seed) != images:
        raise BadInput(f"There must be one seed for each of {images} images, but {len(seed)} came.")
    return [whole("Each seed", one, 0) for one in seed]


def draw_for_each(sampler: Sampler, seeds: Sequence[int], like: Tensor) -> list[Tensor]:
    """What `sampler` draws from each seed for an image of the size of `like`, stacked, on the device of `like`."""
    height, width = like.shape[-2:]
    per_image = [sampler(height, width, np.random.default_rng(seed)) for seed in seeds]
    return [torch.from_numpy(np.stack(fields)).to(like.device) for fields in zip(*per_image, strict=True)]
