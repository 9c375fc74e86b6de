"""One colour per model, the same on every page: a hue by training regime, a shade by place in the family and world."""

from collections import Counter

from robust_core.models.catalogue import list_models

# The first of each family is Okabe and Ito's colour-blind safe set; the neutral one is for models trained on ImageNet alone. The shades
# that follow stay so near its lightness that families keep apart and all of them can be seen on the light and on the dark ground.
_NEUTRAL = ("#64748B", "#8896A9", "#4D596A", "#76859A", "#58677C")
FAMILY_COLOURS = {
    "ImageNet-trained": _NEUTRAL,
    "Trained on few drawn pictures": _NEUTRAL,
    "Weakly supervised (WSL)": ("#0072B2", "#0093E5", "#005787", "#0082CB", "#00659D"),
    "Semi-weakly supervised (SWSL)": ("#56B4E9", "#70BFEC", "#2EA2E4", "#64BAEB", "#45ACE7"),
    "Semi-supervised (SSL)": ("#CC79A7", "#DBA0C1", "#AF437F", "#D388B1", "#BE548F"),
    "Pre-trained on ImageNet-22k": ("#8A6BBE", "#9D83C8", "#7650B3", "#9377C3", "#805EB9"),
    "Contrastively pre-trained (CLIP)": ("#8E7A1F", "#A18B23", "#776619", "#97821F", "#836F1C"),
    "Noisy Student": ("#5B8A72", "#6B9C83", "#4A7560", "#63937A", "#527F69"),
    "Stylised": ("#009E73", "#00C18C", "#007354", "#00AF80", "#008460"),
    "Adversarially trained": ("#D55E00", "#FC6F00", "#934100", "#E96700", "#B65000"),
    "Imported": ("#E69F00", "#C68900", "#A87400", "#D99600", "#B77E00"),
}


def model_colours() -> dict[str, str]:
    """The colour of every model in the table, by key, as #RRGGBB; a family with more models than shades begins again."""
    colours, places = {}, Counter()
    for spec in list_models():
        kin, shades = (spec.family, spec.label_space), FAMILY_COLOURS[spec.family]
        colours[spec.key] = shades[places[kin] % len(shades)]
        places[kin] += 1
    return colours
