"""The attribution methods, as a table: what each one is, what can be set, and where it holds. No tensor is touched
here.

Who computes a row is in explain.py. Screens draw their controls from `parameters`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from robust_core.checks import finite, whole
from robust_core.errors import UnknownName
from robust_core.models.spec import Architecture

if TYPE_CHECKING:
    import numpy as np

BASELINES = ("black", "mean grey", "blurred")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
Value = int | float | str
Claim = Literal["slope", "contribution", "order"]
SIGNED_SUM, LARGEST_SIZE = "signed sum", "largest size"
LARGEST_GAP_FRACTION = 0.1  # of the change of the score; a map that misses more is greyed


@dataclass(frozen=True)
class Number:
    """A parameter between `low` and `high`; whole where `default` is."""

    key: str
    title: str
    default: int | float
    low: int | float
    high: int | float
    step: int | float
    meaning: str

    def checked(self, value: Value) -> int | float:
        """`value` as a number of the right kind; raises BadInput where it is none within the limits."""
        if isinstance(self.default, int):
            return whole(self.key, value, int(self.low), int(self.high))
        return finite(self.key, value, self.low, self.high)


@dataclass(frozen=True)
class Choice:
    """A parameter with a few named values; with `or_colour`, a colour "#RRGGBB" is one as well."""

    key: str
    title: str
    default: str
    options: tuple[str, ...]
    meaning: str
    or_colour: bool = False

    def checked(self, value: Value) -> str:
        """`value` itself; raises UnknownName unless `value` is one of the options, or a colour where one is allowed."""
        if value not in self.options and not (self.or_colour and COLOUR.fullmatch(str(value))):
            raise UnknownName(self.key, str(value), self.options)
        return str(value)


@dataclass(frozen=True)
class Method:
    """One attribution method.

    unit        what the map's values are
    claims      what the numbers say: "slope", how much the score changes with a value; "contribution", how much of the
                score is lost when a value becomes the baseline's; "order", which places matter more, on no scale
    complete    whether the map sums up to the score minus the baseline's score, so that it has a completeness gap
    covered_by  the baseline that its numbers refer to, where it is no parameter
    holds_on    whether it is valid on an architecture
    limit       why it does not hold elsewhere, as a sentence
    """

    key: str
    title: str
    sentence: str
    parameters: tuple[Number | Choice, ...]
    unit: str
    claims: Claim
    complete: bool
    holds_on: Callable[[Architecture], bool]
    limit: str
    source: str
    covered_by: str = "mean grey"

    @property
    def draws(self) -> bool:
        """Whether its map depends on a seed."""
        return _SEED in self.parameters

    def claim(self, settings: Mapping[str, Value]) -> Claim:
        """What the map that is shown claims: sizes alone claim an order."""
        return "order" if settings.get("colours") == LARGEST_SIZE else self.claims

    def baseline(self, settings: Mapping[str, Value]) -> str:
        """What a place becomes when it is covered, by the method's own meaning."""
        return str(settings.get("baseline", self.covered_by))

    def shown(self, values: "np.ndarray", settings: Mapping[str, Value]) -> "np.ndarray":
        """(H,W) the map that is shown, of `values` (C,H,W)."""
        return abs(values).max(0) if settings.get("colours") == LARGEST_SIZE else values.sum(0)

    def with_other_seed(self, settings: Mapping[str, Value], number: int) -> dict[str, Value]:
        """The settings with the `number`-th seed after their own, for draws that are independent of the map's; the same
        settings where the method does not draw.
        """
        if not self.draws:
            return dict(settings)
        return {**settings, "seed": (int(settings["seed"]) + number) % (int(_SEED.high) + 1)}

    def why_not(self, architecture: Architecture) -> str:
        """Why it does not hold on `architecture`, in sentences; "" where it does."""
        if self.holds_on(architecture):
            return ""
        spatial = self.holds_on in (_on_spatial, _on_spatial_relu) and not _on_spatial(architecture)
        if spatial and not architecture.cam_layer:
            return "It needs a last layer with channels over places; no layer of this network has any."
        return _ONLY_SPATIAL if spatial else " ".join(filter(None, (self.limit, architecture.nonlinear_note)))

    def settings(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """All parameters with their values, the defaults where `given` has none; raises UnknownName or BadInput."""
        rows = {row.key: row for row in self.parameters}
        chosen: dict[str, Value] = {name: row.default for name, row in rows.items()}
        for name, value in given.items():
            if name not in rows:
                raise UnknownName(f"parameter of {self.title}", name, rows)
            chosen[name] = rows[name].checked(value)
        return chosen


_ONLY_RELU = (
    "It changes the backward pass of ReLU modules, and is meaningless where other non-linearities, or ReLUs "
    "outside modules, do the work."
)
_ONLY_RESCALABLE = (
    "Its rule covers ReLU, ReLU6 and max pooling in modules; other layers, such as attention, gates and "
    "layer norms, have no rule."
)
_ONLY_SPATIAL = "It needs a last layer with channels over places, which a network of tokens lacks."


def _on_all(_architecture: Architecture) -> bool:
    return True


def _on_relu(architecture: Architecture) -> bool:
    return architecture.nonlinear == "relu"


def _on_rescalable(architecture: Architecture) -> bool:
    return architecture.nonlinear in ("relu", "relu6")


def _on_spatial(architecture: Architecture) -> bool:
    return bool(architecture.cam_layer) and not architecture.tokens


def _on_spatial_relu(architecture: Architecture) -> bool:
    return _on_spatial(architecture) and _on_relu(architecture)


_BASELINE = Choice(
    "baseline",
    "Baseline",
    "black",
    BASELINES,
    "What counts as nothing there; the map explains the way from it to the image.",
    or_colour=True,
)
_REPLACED_BY = Choice(
    "baseline", "Replaced by", "mean grey", BASELINES, "What stands where the image is covered.", or_colour=True
)
_SEED = Number("seed", "Seed", 0, 0, 9_999, 1, "Of the random draws.")
_NOISE = Number(
    "noise", "Noise σ", 0.15, 0.01, 0.5, 0.01, "Standard deviation of the Gaussian noise, in pixel units (0 to 1)."
)
_SAMPLES = Number(
    "samples",
    "Samples, at most",
    1_024,
    4,
    4_096,
    4,
    "Noisy copies of the image. Drawing ends when another seed would give nearly the same map.",
)

_ROWS = (
    Method(
        key="saliency",
        title="Saliency",
        sentence="How fast the score would change if a pixel became brighter.",
        parameters=(
            Choice(
                "colours",
                "Over colours",
                SIGNED_SUM,
                (SIGNED_SUM, LARGEST_SIZE),
                "How the three colours become one number.",
            ),
        ),
        unit="logits per unit of brightness",
        claims="slope",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Simonyan et al. 2014, section 3; they take the largest size over the colours",
    ),
    Method(
        key="input_x_gradient",
        title="Input × Gradient",
        sentence="The gradient times the pixel: a first-order guess of what each pixel adds, compared with black.",
        parameters=(),
        unit="logits per pixel",
        claims="contribution",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Shrikumar et al. 2017, section 2.2.2",
        covered_by="black",
    ),
    Method(
        key="integrated_gradients",
        title="Integrated Gradients",
        sentence="The gradient times the change, averaged along the straight line from the baseline to the image.",
        parameters=(
            _BASELINE,
            Number(
                "steps",
                "Steps",
                64,
                8,
                256,
                8,
                "How finely the way is cut; more steps make the completeness gap smaller.",
            ),
        ),
        unit="logits per pixel",
        claims="contribution",
        complete=True,
        holds_on=_on_all,
        limit="",
        source="Sundararajan et al. 2017, section 3",
    ),
    Method(
        key="smoothgrad",
        title="SmoothGrad",
        sentence="The mean of the gradient over noisy copies of the image.",
        parameters=(_SAMPLES, _NOISE, _SEED),
        unit="logits per unit of brightness",
        claims="slope",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Smilkov et al. 2017, section 2",
    ),
    Method(
        key="vargrad",
        title="VarGrad",
        sentence="The variance of the gradient over noisy copies of the image; it has no sign.",
        parameters=(_SAMPLES, _NOISE, _SEED),
        unit="squared logits per unit of brightness",
        claims="order",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Adebayo et al. 2018 (Local explanation methods for deep neural networks lack sensitivity to parameter "
        "values), section 2",
    ),
    Method(
        key="guided_backprop",
        title="Guided Backprop",
        sentence="The gradient, with everything dropped that would lower the score at any ReLU. Sharp, but it may "
        "ignore what the network learned.",
        parameters=(),
        unit="changed gradient",
        claims="slope",
        complete=False,
        holds_on=_on_relu,
        limit=_ONLY_RELU,
        source="Springenberg et al. 2015, section 3.4",
    ),
    Method(
        key="deeplift",
        title="DeepLift",
        sentence="The change of the score against the baseline, handed back layer by layer in proportion to the "
        "change of each unit.",
        parameters=(_BASELINE,),
        unit="logits per pixel",
        claims="contribution",
        complete=True,
        holds_on=_on_rescalable,
        limit=_ONLY_RESCALABLE,
        source="Shrikumar et al. 2017, section 3.5.2 (rescale rule)",
    ),
    Method(
        key="gradient_shap",
        title="GradientShap",
        sentence="The gradient times the change, averaged over random places on the way from the baseline to noisy "
        "copies of the image.",
        parameters=(
            _BASELINE,
            Number(
                "samples",
                "Samples, at most",
                512,
                8,
                2_048,
                8,
                "Random places. Drawing ends when another seed would give nearly the same map and it adds up.",
            ),
            Number("noise", "Noise σ", 0.0, 0.0, 0.5, 0.01, _NOISE.meaning),
            _SEED,
        ),
        unit="logits per pixel",
        claims="contribution",
        complete=True,
        holds_on=_on_all,
        limit="",
        source="Lundberg and Lee 2017; as in Captum's GradientShap, with places spread evenly from a random start",
    ),
    Method(
        key="occlusion",
        title="Occlusion",
        sentence="How much the score falls when a square window is covered, averaged over the windows that cover a "
        "pixel.",
        parameters=(
            Number("window_percent", "Window, % of the side", 14, 5, 50, 1, "Side of the square that is covered."),
            Number("stride_percent", "Stride, % of the side", 7, 3, 50, 1, "How far the window moves each time."),
            _REPLACED_BY,
        ),
        unit="logits lost when covered",
        claims="order",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Zeiler and Fergus 2014, section 4.2",
    ),
    Method(
        key="superpixel_ablation",
        title="Superpixel ablation",
        sentence="How much the score falls when one piece of the image, cut along its colours, is covered.",
        parameters=(Number("pieces", "Pieces", 48, 8, 200, 4, "About how many pieces."), _REPLACED_BY),
        unit="logits lost when covered",
        claims="order",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Captum's FeatureAblation over superpixels in the manner of Achanta et al. 2012 (SLIC)",
    ),
    Method(
        key="grad_cam",
        title="Grad-CAM",
        sentence="The last spatial layer's channels, weighted by how much each raises the score; coarse, and kept "
        "signed.",
        parameters=(),
        unit="weighted activation",
        claims="order",
        complete=False,
        holds_on=_on_spatial,
        limit=_ONLY_SPATIAL,
        source="Selvaraju et al. 2017, section 3, without the last ReLU",
    ),
    Method(
        key="guided_grad_cam",
        title="Guided Grad-CAM",
        sentence="Guided Backprop where Grad-CAM is positive.",
        parameters=(),
        unit="changed gradient × weighted activation",
        claims="order",
        complete=False,
        holds_on=_on_spatial_relu,
        limit=_ONLY_RELU,
        source="Selvaraju et al. 2017, section 3.2",
    ),
    Method(
        key="rise",
        title="RISE",
        sentence="How the probability goes up and down with what random masks leave visible.",
        parameters=(
            Number(
                "masks",
                "Masks, at most",
                4_000,
                50,
                8_000,
                50,
                "Drawing ends when another seed would give nearly the same map; the paper takes 4,000 to 8,000.",
            ),
            Number("cells", "Cells per side", 7, 3, 16, 1, "How coarse the masks are."),
            Number("visible_fraction", "Visible", 0.5, 0.1, 0.9, 0.1, "Chance that a cell stays visible."),
            _REPLACED_BY,
            _SEED,
        ),
        unit="probability",
        claims="order",
        complete=False,
        holds_on=_on_all,
        limit="",
        source="Petsiuk et al. 2018, section 3; the mean score is subtracted, which makes the map signed and less "
        "noisy",
    ),
)

METHODS: dict[str, Method] = {row.key: row for row in _ROWS}


def get_method(key: str) -> Method:
    """The row called `key`; raises UnknownName, which names the nearest."""
    if key not in METHODS:
        raise UnknownName("attribution method", key, METHODS)
    return METHODS[key]


def methods_for(architecture: Architecture) -> tuple[Method, ...]:
    """The methods that hold on this architecture, in the table's order."""
    return tuple(row for row in METHODS.values() if row.holds_on(architecture))
