"""The smallest change that fools a model, image by image: the best of several searches, each verified by the model.

An upper bound still: a smaller change may exist that none of them finds.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS, NORM_TITLES, AttackNorm
from robust_core.checks import set_whole
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, UnknownName
from robust_core.events import Progress, mapped, of_all
from robust_core.intervals import ORDER_STATISTICS, simultaneous_half_width
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.found_changes import LEVELS_OF_PIXELS, SmallestChanges, united
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.attacks.search import Attacked, Standing
    from robust_core.report.report_images import ReportImage

UNION = ("fmn", "ddn", "pgd_bisected")  # rows of ATTACKS, as far as they search in the norm
NORMS: tuple[AttackNorm, ...] = ("linf", "l2")
STEPS, MOST_STEPS = 30, 10_000


def searches(norm: AttackNorm, steps: int = STEPS, seed: int = 0) -> tuple[AttackConfig, ...]:
    """Those of the union that search in `norm`, in order."""
    rows = (ATTACKS[key] for key in UNION if key in ATTACKS)
    return tuple(AttackConfig(row.key, norm, None, steps, seed) for row in rows if norm in row.norms)


@dataclass(frozen=True, eq=False)
class SmallestChangeRequest(Request):
    """The smallest change of each image, in `norm`, that `steps` steps of each attack of the union find.

    The label that counts is the true one where it is known in the model's classes, else the clean prediction. The
    changes of the images at the places `changes_of` are kept for the eye, which change no number and so no key. Raises
    BadInput for no images or a number out of range, UnknownName for a norm that is none of NORMS.
    """

    study: ClassVar[str] = "smallest_change"

    images: ImageSet
    norm: AttackNorm = "linf"
    steps: int = STEPS
    seed: int = 0
    changes_of: tuple[int, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        self.images.require_images()
        if self.norm not in NORMS:
            raise UnknownName("norm", self.norm, NORMS)
        set_whole(self, "steps", 1, MOST_STEPS)
        set_whole(self, "seed", 0)
        if not all(0 <= place < len(self.images) for place in self.changes_of):
            raise BadInput(f"Changes are kept of the images 0 to {len(self.images) - 1}; got {self.changes_of}.")

    @property
    def configs(self) -> tuple[AttackConfig, ...]:
        """The searches, in order."""
        return searches(self.norm, self.steps, self.seed)

    @property
    def identity(self) -> dict[str, Any]:
        """With the searches, since another one may find less."""
        return super().identity | {"attacks": [config.attack for config in self.configs]}


@dataclass(frozen=True, eq=False)
class SmallestChangeResult(StudyResult):
    """The smallest changes of each model; a row for each model and image.

    found          what each model came to
    image_names    of the images, and their SHA-256 as `image_digests`
    configs        how was searched
    """

    parts: ClassVar[str] = "found"

    found: tuple[SmallestChanges, ...]
    image_names: tuple[str, ...]
    image_digests: tuple[str, ...]
    configs: tuple[AttackConfig, ...]

    @property
    def norm(self) -> AttackNorm:
        """In which distances are."""
        return self.configs[0].norm

    @property
    def protocol(self) -> str:
        """How was searched, in a line."""
        each = " + ".join(config.title for config in self.configs)
        return f"smallest {NORM_TITLES[self.norm]} change of {each}, untargeted, verified, seed {self.configs[0].seed}"

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and image; eps is empty where no search broke it."""
        import pandas

        return pandas.DataFrame(row for one in self.found for row in self._rows(one))

    @cached_property
    def curve_frame(self) -> "pandas.DataFrame":
        """A row for each model and ε at which its accuracy falls: what is left there, with Wilson's interval."""
        import pandas

        return pandas.DataFrame(
            {"model": one.spec.name, **self._length(eps), **percent("accuracy", left), "n": left.n}
            | {"protocol": self.protocol}
            for one in self.found
            for eps, left in one.curve()
        )

    @cached_property
    def median_frame(self) -> "pandas.DataFrame":
        """A row for each model: the median of the images that are right when clean, with its interval."""
        import pandas

        return pandas.DataFrame(self._median(one) for one in self.found)

    def figure(self) -> "Figure":
        """The security curves: accuracy left at every ε."""
        from robust_core.plots import results

        x, title = ("eps_255ths", "ε (255ths)") if self.norm == "linf" else ("eps", "ε (L2, pixel units)")
        drawn = results.curves(self.curve_frame, ("model",), x, "accuracy_percent", title, "accuracy left, %")
        return drawn.update_traces(line_shape="hv", selector={"mode": "lines+markers"})

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know."""
        n = len(self.image_names)
        several = f"±{100 * simultaneous_half_width(n):.1f} points (DKW)"
        return (
            "Every distance is an upper bound: a smaller change may exist that no search finds.",
            "Intervals of a curve hold at one ε each (Wilson); a band that holds at all ε at once with 95% is "
            f"{several} wide for n = {n}.",
        )

    def report_images(self) -> "tuple[ReportImage, ...]":
        """The changes that were kept."""
        from robust_core.report.report_images import ReportImage

        return tuple(
            ReportImage(kept.change, said, f"{said}.", one.spec.name)
            for one in self.found
            for place, kept in one.changes.items()
            if (said := f"{self.image_names[place]}: smallest change, enlarged {kept.factor:,} times (grey: none)")
        )

    def _length(self, eps: float) -> dict[str, float]:
        """As columns; NaN, which a table leaves empty, where no change is known."""
        known = eps if math.isfinite(eps) else math.nan
        return {"eps": known} | ({"eps_255ths": LEVELS_OF_PIXELS * known} if self.norm == "linf" else {})

    def _median(self, one: SmallestChanges) -> dict[str, Any]:
        scale = LEVELS_OF_PIXELS if self.norm == "linf" else 1
        unit = "255ths" if self.norm == "linf" else "pixel_units"
        low, high = one.median_bounds
        numbers = {f"median_eps_{unit}": scale * one.median, f"low_{unit}": scale * low, f"high_{unit}": scale * high}
        n = len(one.sorted_distances)
        said = {
            "n": n,
            "interval_method": ORDER_STATISTICS,
            "never_broken": sum(map(math.isinf, one.sorted_distances)),
        }
        return {"model": one.spec.name, "norm": self.norm} | numbers | said | {"protocol": self.protocol}

    def _rows(self, one: SmallestChanges) -> list[dict[str, Any]]:
        names, n = one.spec.label_space.names, len(self.image_names)
        about = {"n": n, "protocol": self.protocol, "weights_sha256": one.spec.weights.sha256}
        return [
            {
                "model": one.spec.name,
                "image": self.image_names[place],
                "image_sha256": self.image_digests[place],
                "label": names[int(one.labels[place])],
                "label_known": bool(one.known[place]),
                "norm": self.norm,
                **self._length(float(one.distance[place])),
                "found_by": one.found_by[place],
                "predicted": names[int(one.label[place])],
                "probability": float(one.probability[place]),
                "survives_8_bits": bool(one.broken_in_8_bits[place]),
                **about,
            }
            for place in range(n)
        ]


def run(request: SmallestChangeRequest) -> Generator[Progress, None, SmallestChangeResult]:
    """Search with every attack, each from nothing, and keep the best that each image's model confirms.

    Yields Progress. Raises what `attacks.search.attack` and `pool.use` raise.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    names = request.images.names or tuple(image.name for image in request.images)
    provenance = Provenance.of(request, request.images.digest)
    return SmallestChangeResult(provenance, tuple(found), names, request.images.image_digests, request.configs)


def _one_model(spec: ModelSpec, request: SmallestChangeRequest) -> Generator[Progress, None, SmallestChanges]:
    from robust_core.attacks.search import attack

    total = sum(config.steps for config in request.configs)
    yield Progress(0, total, "steps", "loading the model")
    with using(spec) as model:
        pixels, labels = yield from read_inputs(request.images, range(len(request.images)), spec)
        every: list[Attacked] = []
        for config in request.configs:
            begun = sum(one.config.steps for one in every)
            steps = attack(model, pixels, labels, config)
            every.append((yield from mapped(steps, _Counting(begun, total, config.title))))
        return (yield from united(model, pixels, every, request.changes_of))


class _Counting:
    """The steps of one search among those of all."""

    def __init__(self, begun: int, total: int, note: str):
        self.begun, self.done, self.total, self.note = begun, 0, total, note

    def __call__(self, event: "Progress | Standing") -> Progress:
        if not isinstance(event, Progress):
            self.done = event.done
        return Progress(self.begun + self.done, self.total, "steps", self.note)
