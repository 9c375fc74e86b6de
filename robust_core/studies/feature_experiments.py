"""The experiments on what excites a network, as a table, and the ascent that one of them is asked for; knows no model
and no tensor.

Who computes them is features.py.
"""

from dataclasses import dataclass
from typing import Literal

from robust_core.attacks.threat import ThreatModel
from robust_core.checks import set_whole
from robust_core.errors import UnknownName

NO_LIMIT = 1.0
STEP_SIZE = 1 / 255
PAPER_STEPS = 500
PAPER_UNITS = (1062, 236, 1933, 1097, 1792, 906)  # numpy.random.seed(1); numpy.random.choice(range(1, 2048), 6)
Start = Literal["image", "noise"]


@dataclass(frozen=True)
class Experiment:
    """One way to ask a network for an image.

    maximizes    what is maximized: a feature "unit" or a "class"; "nothing" where only the gradient is looked at
    objective    "cross_entropy" with the target, of a softmax over all units or classes, which is lowered; or the
                 target's own "activation", which is maximized; None where nothing is
    starts       from what it may start
    stops_above  the softmax's share of the target above which it ends before its last step; None to take all steps
    shows        what the image shows, and what it does not
    """

    key: str
    title: str
    maximizes: Literal["unit", "class", "nothing"]
    objective: Literal["cross_entropy", "activation"] | None
    starts: tuple[Start, ...]
    stops_above: float | None
    shows: str
    source: str


_NO_MEANING = (
    "It does not say what the unit “means”, and units of the same number in two networks have nothing in common."
)

_ROWS = (
    Experiment(
        key="unit",
        title="Feature (Orhan 2019)",
        maximizes="unit",
        objective="cross_entropy",
        starts=("image", "noise"),
        stops_above=1 - 1e-6,
        shows="One of many images in which this unit stands out from the network's other units: the softmax is "
        "served as well by lowering "
        f"those, so that the unit itself may even fall. {_NO_MEANING}",
        source="Orhan 2019, visualize_features.py: 500 steps, ε 4.0, from two images and from noise; ends at a "
        "share above 1 − 10⁻⁶",
    ),
    Experiment(
        key="unit_alone",
        title="Feature alone",
        maximizes="unit",
        objective="activation",
        starts=("image", "noise"),
        stops_above=None,
        shows=f"One of many images that excite this unit, whatever the others do. {_NO_MEANING}",
        source="the same steps along the gradient of the unit's own activation; not the paper's objective",
    ),
    Experiment(
        key="class",
        title="Class",
        maximizes="class",
        objective="cross_entropy",
        starts=("image", "noise"),
        stops_above=None,
        shows="One of many images that this network takes for the class. What can be recognised in it, the network "
        "uses; what cannot, it "
        "uses as well.",
        source="the route of Orhan 2019, visualize_features.py, with classes in place of features",
    ),
    Experiment(
        key="fool",
        title="Fool from noise",
        maximizes="class",
        objective="cross_entropy",
        starts=("noise",),
        stops_above=0.99,
        shows="An image of nothing, for which the network is nevertheless almost certain: its probability is not the "
        "chance that it is right.",
        source="after Nguyen, Yosinski and Clune 2015, “Deep neural networks are easily fooled”; here by targeted PGD",
    ),
    Experiment(
        key="gradient",
        title="Input gradient",
        maximizes="nothing",
        objective=None,
        starts=("image",),
        stops_above=None,
        shows="How the logit of the prediction would change with every value of the image, to first order: where this "
        "network is sensitive, "
        "not why it predicts so.",
        source="the gradient of the prediction's logit with respect to the pixels, one pass",
    ),
)

EXPERIMENTS: dict[str, Experiment] = {row.key: row for row in _ROWS}


@dataclass(frozen=True)
class Ascent:
    """Maximize the unit or class with the index `target` in at most `steps` steps of 1/255, as the experiment called
    `experiment` does.

    Raises UnknownName for an experiment that maximizes nothing or does not exist, BadInput for a number out of range.
    """

    experiment: str
    target: int
    steps: int

    def __post_init__(self) -> None:
        ascending = [key for key, row in EXPERIMENTS.items() if row.maximizes != "nothing"]
        if self.experiment not in ascending:
            raise UnknownName("experiment that raises something", self.experiment, ascending)
        set_whole(self, "target", 0)
        set_whole(self, "steps", 1)

    @property
    def row(self) -> Experiment:
        """The experiment that it belongs to."""
        return EXPERIMENTS[self.experiment]

    @property
    def threat(self) -> ThreatModel:
        """The same as an attack."""
        return ThreatModel(
            norm="linf",
            eps=NO_LIMIT,
            step_size=STEP_SIZE,
            steps=self.steps,
            aim="chosen",
            start="clean",
            restarts=1,
            stop_at_success=False,
            seed=0,
        )
