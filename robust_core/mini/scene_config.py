"""Every setting of a scene in one frozen dataclass, and three configurations: CLEAN, WIDE and HARD."""

from dataclasses import dataclass, replace

Range = tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """How good the images are: the share of them that is blurred, noisy or compressed, and by how much."""

    blur_fraction: float
    blur_px: Range
    noise_fraction: float
    noise_std: Range
    jpeg_fraction: float
    jpeg_quality: tuple[int, int]


@dataclass(frozen=True)
class SceneConfig:
    """One setting of the world. Lengths are in half images (the image is 2 x 2), colours in [0, 1].

    `variants` are the silhouettes in use (first, past the last); `texture_widening` stretches the parameter range of
    every texture by that share; `texture_contrast` and `background_saturation` shrink towards the mean colour and
    towards grey; `atypical_fraction` of the objects wear a texture drawn at random.
    """

    variants: tuple[int, int]
    scale: Range
    rotation_degrees: float
    translation: float
    shear: float
    occluder_fraction: float
    second_object_fraction: float
    backgrounds: tuple[str, ...]
    background_saturation: float
    texture_scale: Range
    texture_widening: float
    texture_contrast: Range
    hue_radians: float
    atypical_fraction: float
    light_gradient: float
    exposure: float
    colour_cast: float
    camera: Camera


PERFECT_CAMERA = Camera(0.0, (0.2, 0.7), 0.0, (0.0, 0.04), 0.0, (40, 95))
PHONE_CAMERA = Camera(0.4, (0.2, 0.7), 0.5, (0.0, 0.04), 0.5, (40, 95))

CLEAN = SceneConfig(
    variants=(0, 24),
    scale=(0.65, 0.95),
    rotation_degrees=15,
    translation=0.15,
    shear=0.10,
    occluder_fraction=0.20,
    second_object_fraction=0.0,
    backgrounds=("gradient", "horizon", "clouds", "pattern"),
    background_saturation=0.45,
    texture_scale=(0.85, 1.2),
    texture_widening=0.10,
    texture_contrast=(0.35, 0.85),
    hue_radians=0.7,
    atypical_fraction=0.0,
    light_gradient=0.30,
    exposure=0.15,
    colour_cast=0.05,
    camera=PERFECT_CAMERA,
)

WIDE = SceneConfig(
    variants=(0, 64),
    scale=(0.45, 1.1),
    rotation_degrees=35,
    translation=0.28,
    shear=0.20,
    occluder_fraction=0.35,
    second_object_fraction=0.35,
    backgrounds=("flat", "gradient", "horizon", "clouds", "clutter", "pattern"),
    background_saturation=0.60,
    texture_scale=(0.65, 1.5),
    texture_widening=0.60,
    texture_contrast=(0.28, 1.0),
    hue_radians=1.05,
    atypical_fraction=0.0,
    light_gradient=0.50,
    exposure=0.30,
    colour_cast=0.15,
    camera=PERFECT_CAMERA,
)

# The silhouettes 64 to 95 are in no training image.
HARD = replace(
    WIDE,
    variants=(64, 96),
    scale=(0.40, 0.90),
    rotation_degrees=50,
    occluder_fraction=0.50,
    second_object_fraction=0.50,
    backgrounds=("clouds", "clutter", "pattern"),
    atypical_fraction=0.25,
    light_gradient=0.60,
    exposure=0.35,
    colour_cast=0.20,
)

WORLDS = {"clean": CLEAN, "wide": WIDE, "hard": HARD}
