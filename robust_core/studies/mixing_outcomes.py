"""What mixtures of models came to, mix by mix, with intervals: the frontier between clean and robust accuracy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.corruptions.condition import Condition
from robust_core.intervals import Interval, newcombe, wilson
from robust_core.mixing.table import MIX_KINDS, Alphas, MixKind, in_words, part_of
from robust_core.models.spec import ModelSpec
from robust_core.studies.corruption_grid import PROTOCOL as CORRUPTED
from robust_core.studies.one_grid import size_in_words
from robust_core.studies.study_result import StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

CLEAN_IMAGES, CORRUPTED_IMAGES, ATTACKED_IMAGES = "clean", "corrupted", "attacked"


@dataclass(frozen=True, eq=False)
class MixPoint:
    """One mix: whether it is right about each image (n,), by what the images are, "clean", "corrupted" or "attacked";
    and its seconds.
    """

    alphas: Alphas
    correct: Mapping[str, np.ndarray]
    seconds: float

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.correct[CLEAN_IMAGES])

    def accuracy(self, images: str) -> Interval:
        """The fraction that is correct, with Wilson's 95% interval."""
        found = wilson(int(self.correct[images].sum()), self.n)
        assert found is not None  # the request refuses to be without images
        return found

    def gain(self, over: "MixPoint", images: str) -> Interval:
        """Its accuracy less that of another mix on the same images, with Newcombe's paired 95% interval."""
        its, others = self.correct[images], over.correct[images]
        counts = ((its & others), (others & ~its), (its & ~others), ~(its | others))
        found = newcombe(*(int(one.sum()) for one in counts))
        assert found is not None
        return found


@dataclass(frozen=True)
class Grid:
    """The pixels that all mixes share: (height, width) of the first model's input, and to what each model resizes
    it.
    """

    grid_px: tuple[int, int]
    inputs_px: tuple[tuple[int, int], ...]

    def in_words(self, names: Sequence[str]) -> str:
        """The grid, and who resizes it."""
        from robust_core.attacks.grids import RESAMPLING

        others = [
            f"{name} resizes it to {size_in_words(px)} px"
            for name, px in zip(names, self.inputs_px, strict=True)
            if px != self.grid_px
        ]
        resized = f"; {', '.join(others)} ({RESAMPLING})" if others else ""
        return f"grid of {size_in_words(self.grid_px)} px, {names[0]}'s input{resized}"


@dataclass(frozen=True, eq=False)
class Mixture(StudyResult):
    """A point for each mix.

    n_norm           of how many images of the set `norm_title` the batch-norm statistics of averaged weights are, of
                     which `n_norm_measured` are among those measured; None where they were not recomputed
    """

    kind: str
    models: tuple[ModelSpec, ...]
    condition: Condition
    attack: AttackConfig | None
    points: tuple[MixPoint, ...]
    grid: Grid
    n_norm: int | None
    n_norm_measured: int
    norm_title: str
    device: str

    @property
    def row(self) -> MixKind:
        """What the table says of the kind."""
        return MIX_KINDS[self.kind]

    @property
    def names(self) -> list[str]:
        """What results call the models."""
        return [spec.name for spec in self.models]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each mix and kind of images."""
        import pandas

        return pandas.DataFrame(row for point in self.points for row in self._rows(point))

    def figure(self) -> "Figure":
        """Robust against clean accuracy, a point for each mix."""
        from robust_core.plots import results

        return results.frontier(self.frame, "mix", "images", CLEAN_IMAGES)

    def part(self, place: int) -> MixPoint | None:
        """The point of one model alone; None where no mix is that."""
        return next((point for point in self.points if part_of(point.alphas) == place), None)

    def sentences(self) -> tuple[str, ...]:
        """How the mixtures were made, and what the best of them gains."""
        made = f"{self.row.title}: {self.row.sentence} [{self.row.source}]"
        grid = self.grid.in_words(self.names)
        attack = (
            "An attack goes through the mixture itself; what it leaves is an upper bound on robust accuracy."
            if self.attack is not None
            else ""
        )
        norm = self.batch_norm
        norm = norm and f"{norm[0].upper()}{norm[1:]}."
        said = (made, f"{grid[0].upper()}{grid[1:]}.", attack, norm, self.best_in_words(self.names))
        return tuple(filter(None, said))

    @property
    def batch_norm(self) -> str:
        """Of what the batch-norm statistics of averaged weights are, in words; "" where no weights are averaged."""
        if not self.row.one_architecture:
            return ""
        if self.n_norm is None:
            return "batch-norm statistics averaged like the weights"
        among = (
            f"{self.n_norm_measured} of them among those measured" if self.n_norm_measured else "none of them measured"
        )
        return (
            f"batch-norm statistics of averaged weights recomputed on {self.n_norm} images of {self.norm_title}, "
            f"{among}; a model alone keeps its own"
        )

    def protocol(self, images: str) -> str:
        """How the accuracy on such images is measured, in one line."""
        shown = {
            CLEAN_IMAGES: "",
            CORRUPTED_IMAGES: "; ".join(
                filter(None, (f"{self.condition}, seed {self.condition.seed}", CORRUPTED, self.condition.protocol))
            ),
            ATTACKED_IMAGES: f"{self.attack}, through the mixture",
        }[images]
        mixed = f"{self.row.title.lower()} mixed"
        return "; ".join(filter(None, (mixed, shown, self.grid.in_words(self.names), self.batch_norm)))

    def most_robust(self) -> MixPoint | None:
        """The point of the model that is alone the most accurate under attack; None where not all were measured."""
        alone = [self.part(place) for place in range(len(self.models))]
        found = [one for one in alone if one is not None and ATTACKED_IMAGES in one.correct]
        if len(found) < len(self.models):
            return None
        return max(found, key=lambda one: one.accuracy(ATTACKED_IMAGES).estimate)

    def best_in_words(self, names: Sequence[str]) -> str:
        """What the mix with the highest mean of clean and attacked accuracy gains over the most robust model alone, or
        that it is not shown to gain: neither interval lies above zero. It is "" where that is not known.
        """
        robust = self.most_robust()
        mixes = [one for one in self.points if part_of(one.alphas) is None]
        if robust is None or not mixes:
            return ""
        best = max(mixes, key=lambda one: sum(one.accuracy(of).estimate for of in (CLEAN_IMAGES, ATTACKED_IMAGES)))
        both = (CLEAN_IMAGES, ATTACKED_IMAGES)
        if not any(best.gain(robust, of).low > 0 for of in both):
            return (
                "The mix with the highest mean of clean and attacked accuracy is not shown to gain over "
                f"{in_words(robust.alphas, names)} alone at n = {best.n}: neither paired 95% interval (Newcombe), of "
                "clean or attacked accuracy, lies above zero."
            )
        gains = "; ".join(f"{of} {points_in_words(best.gain(robust, of))}" for of in both)
        return (
            f"Highest mean of clean and attacked accuracy: {in_words(best.alphas, names)}, chosen on these images. "
            f"Against {in_words(robust.alphas, names)} alone, in points: {gains} "
            "(paired 95% intervals, Newcombe)."
        )

    def _rows(self, point: MixPoint) -> Iterator[dict[str, Any]]:
        mix: dict[str, Any] = {"kind": self.kind, "mix": in_words(point.alphas, self.names)}
        mix |= {f"alpha_{place}": alpha for place, alpha in enumerate(point.alphas, start=1)}
        for images in point.correct:
            yield {
                **mix,
                "images": images,
                **percent("accuracy", point.accuracy(images)),
                "n": point.n,
                "models": ", ".join(self.names),
                "protocol": self.protocol(images),
                "seconds": point.seconds,
                "weights_sha256": ", ".join(str(spec.weights.sha256) for spec in self.models),
            }


def points_in_words(gain: Interval) -> str:
    """A difference in points, such as "+5.1 [2.0, 8.3]"."""
    return f"{100 * gain.estimate:+.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}]".replace("-", "−")
