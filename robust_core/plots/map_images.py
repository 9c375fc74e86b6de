"""Maps for the eye: a signed map on a diverging, colour-blind safe scale over the image in grey, and its legend."""

from collections.abc import Sequence

import numpy as np

# Okabe and Ito's blue and vermillion, darkened
AGAINST, NOTHING, IN_FAVOUR = ((0, 82, 136), (250, 250, 250), (196, 78, 0))
GREY_WEIGHTS = (0.299, 0.587, 0.114)
FADED_GREY, FADED = 190, 0.25


def scale_limit(maps: Sequence[np.ndarray], percentile: float) -> float:
    """The value at which the scale ends both ways: the percentile of the sizes of all values; above 0, also for empty
    maps.
    """
    sizes = np.abs(np.concatenate([one.ravel() for one in maps]))
    return float(np.percentile(sizes, percentile)) or float(sizes.max()) or 1.0


def heat(values: np.ndarray, limit: float) -> np.ndarray:
    """(H,W,3) uint8 colours of `values` (H,W): white at 0, full colour at ±limit and beyond."""
    share = np.clip(values / limit, -1, 1)[..., None].astype(np.float32)
    in_favour, against, nothing = np.asarray([IN_FAVOUR, AGAINST, NOTHING], np.float32)
    end = np.where(share > 0, in_favour, against)
    return _to_bytes(nothing + np.abs(share) * (end - nothing))


def overlay(rgb: np.ndarray, values: np.ndarray, limit: float, opacity: float, *, faded: bool = False) -> np.ndarray:
    """(H,W,3) uint8: the heat of `values` (H,W) over the image (H,W,3) in grey; `opacity` 1 hides the image,
    `faded` greys all.
    """
    grey = (rgb @ np.asarray(GREY_WEIGHTS, np.float32))[..., None].repeat(3, axis=-1)
    mixed = (1 - opacity) * grey + opacity * heat(values, limit)
    return _to_bytes(FADED_GREY + FADED * (mixed - FADED_GREY) if faded else mixed)


def legend_html(limit: float, percentile: float, scope: str) -> str:
    """The scale as a bar with its ends and its middle, large enough for a lecture hall; `scope` says for which maps it
    holds.
    """
    colours = ", ".join(f"rgb{colour}" for colour in (AGAINST, NOTHING, IN_FAVOUR))
    return (
        "<div style='max-width:38rem;font-size:1rem'>"
        "<div style='height:1.1rem;border:1px solid #888;border-radius:3px;background:linear-gradient(to right, "
        f"{colours})'></div>"
        "<div style='display:flex;justify-content:space-between'>"
        f"<span>≤ −{limit:.2g} against</span><span>0</span><span>in favour ≥ {limit:.2g}</span></div>"
        f"<div style='opacity:.75'>{scope}; the ends are the {percentile:g}th percentile of size, larger values are "
        "clipped.</div></div>"
    )


def curves_svg(insertion: np.ndarray, deletion: np.ndarray, controls: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """Insertion and deletion curves of a map, small, with those of random maps thin behind them, as an SVG for light
    and dark pages.
    """
    random = "".join(_polyline(curve, "#858f9e", 0.8) for pair in controls for curve in pair)
    own = _polyline(insertion, "#D55E00", 2.2) + _polyline(deletion, "#0072B2", 2.2)
    frame = "<rect x='1' y='1' width='158' height='68' fill='none' stroke='#858f9e' stroke-width='0.8'/>"
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 70' width='100%' height='90' "
        f"preserveAspectRatio='none'>{frame}{random}{own}</svg>"
    )


def _polyline(heights: np.ndarray, colour: str, width: float) -> str:
    across, down = np.linspace(2, 158, len(heights)).tolist(), (68 - 66 * heights).tolist()
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    return f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='{width}'/>"


def _to_bytes(colours: np.ndarray) -> np.ndarray:
    return np.clip(np.round(colours), 0, 255).astype(np.uint8)
