"""One colour per model, the same on every page: a hue by training regime, a shade by place in the family and world."""

import colorsys
from collections import Counter

from robust_core.models.catalogue import list_models

# Hues of Okabe and Ito's colour-blind safe set; the neutral one is for models trained on ImageNet alone.
FAMILY_HUES = {
    "ImageNet-trained": "#64748B",
    "Trained on few drawn pictures": "#64748B",
    "Weakly supervised (WSL)": "#0072B2",
    "Semi-weakly supervised (SWSL)": "#56B4E9",
    "Semi-supervised (SSL)": "#CC79A7",
    "Stylised": "#009E73",
    "Adversarially trained": "#D55E00",
    "Imported": "#E69F00",
}
SHADES = (0.0, 0.13, -0.11, 0.22, -0.18)  # added to the hue's lightness, in the table's order


def model_colours() -> dict[str, str]:
    """The colour of every model in the table, by key, as #RRGGBB."""
    colours, places = {}, Counter()
    for spec in list_models():
        kin = (spec.family, spec.label_space)
        colours[spec.key] = _shade(FAMILY_HUES[spec.family], SHADES[places[kin] % len(SHADES)])
        places[kin] += 1
    return colours


def _shade(colour: str, lighter: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    shaded = colorsys.hls_to_rgb(hue, min(max(lightness + lighter, 0.15), 0.85), saturation)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in shaded)
