"""Rankings of models: what each metric means, which boards the rows make, and who stands where on one; protocols never
share a board.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from robust_core.errors import UnknownName
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.results import BenchmarkCondition, Result


@dataclass(frozen=True)
class Metric:
    """What a number of a benchmark is; `higher_is_better` is None where neither end is the good one."""

    key: str
    title: str
    higher_is_better: bool | None


METRICS = {
    metric.key: metric
    for metric in (  # headlines first
        Metric("mce", "mCE", False),
        Metric("relative_mce", "Relative mCE", False),
        Metric("mfr", "mFR", False),
        Metric("mt5d", "mT5D", False),
        Metric("near_ood_auroc", "AUROC, near OOD", True),
        Metric("far_ood_auroc", "AUROC, far OOD", True),
        Metric("median_smallest_eps", "Smallest ε that fools, median", True),
        Metric("top1_under_attack", "Top-1 accuracy under attack", True),
        Metric("top1", "Top-1 accuracy", True),
        Metric("real_accuracy", "ReaL accuracy", True),
        Metric("mla", "Multi-label accuracy", True),
        Metric("top5", "Top-5 accuracy", True),
        Metric("mean_top1", "Mean top-1 accuracy", True),
        Metric("top1_error", "Top-1 error", False),
        Metric("mean_error", "Mean error", False),
        Metric("error_rate", "Errors of one kind", False),
        Metric("worst_factor_top1", "Top-1 accuracy, worst factor", True),
        Metric("worst_classes_top1", "Top-1 accuracy, worst 100 classes", True),
        Metric("certified_accuracy", "Certified accuracy", True),
        Metric("abstention_rate", "Abstentions", None),  # neither right nor wrong
        Metric("attack_success_rate", "Attack success rate", True),  # good for the attack, whose board it is
        Metric("transfer_accuracy", "Accuracy after transfer learning", True),
        Metric("local_optimality", "Local optimality", True),
        Metric("forward_passes", "Forward passes, median", False),
        Metric("backward_passes", "Backward passes, median", False),
        Metric("run_time", "Run time", False),
        Metric("ood_accuracy", "OOD accuracy", True),
        Metric("error_consistency", "Error consistency with people", True),
        Metric("observed_consistency", "Observed consistency with people", True),
        Metric("accuracy_difference", "Accuracy difference to people", False),
        Metric("ce", "CE", False),
        Metric("relative_ce", "Relative CE", False),
        Metric("flip_probability", "Flip probability", False),
        Metric("flip_rate", "Flip rate", False),
        Metric("top5_distance", "Top-5 distance", False),
        Metric("top5_ratio", "Top-5 ratio", False),
        Metric("rms_calibration_error", "RMS calibration error", False),
        Metric("aurra", "AURRA", True),
        Metric("rms_calibration_error_corrected", "RMS calibration error, all bins", False),
        Metric("aurra_corrected", "AURRA, ties shared", True),
        Metric("shape_bias", "Shape bias", None),
        Metric("coverage", "Coverage", None),
    )
}
# settings of a model or of a set of images, which do not make another experiment
HOW_SHOWN = {"resolution_px", "pictures"}
SUPERSEDED = ", superseded"
# ImageNet-A can be scored in two ways, which its protocols name in these words
OVER_200, OVER_1000, UNSTATED = "200 classes", "1,000 classes", "not stated"
SCORINGS = {OVER_200: "the best of the 200 classes decides", OVER_1000: "the best of all 1,000 classes decides"}


@dataclass(frozen=True)
class Board:
    """One ranking: `metric` on `benchmark` under `condition`, all of it by one `protocol` and in one `unit`."""

    benchmark: str
    metric: str
    condition: BenchmarkCondition
    protocol: str
    unit: str

    @property
    def superseded(self) -> bool:
        """Whether its numbers were corrected later."""
        return self.benchmark.endswith(SUPERSEDED)

    @property
    def label_space(self) -> LabelSpace:
        """The world of its models."""
        return MINI if self.benchmark.startswith("mini") else IMAGENET

    @property
    def scoring(self) -> str:
        """Over which classes the prediction was looked for, as far as its protocol says."""
        return next((name for name, words in SCORINGS.items() if words in self.protocol), UNSTATED)

    def scored_over(self, scoring: str) -> "Board":
        """The board of the same predictions scored in another of the ways of `SCORINGS`."""
        if self.scoring == UNSTATED:
            return self
        return replace(self, protocol=self.protocol.replace(SCORINGS[self.scoring], SCORINGS[scoring]))


@dataclass(frozen=True)
class Place:
    """A row and its rank, which equal values share."""

    rank: int
    result: Result


def board_of(row: Result) -> Board:
    """The board that `row` stands on; raises UnknownName when nobody wrote down what its metric means."""
    if row.metric not in METRICS:
        raise UnknownName("metric", row.metric, METRICS)
    return Board(row.benchmark, row.metric, _of_experiment(row.condition), row.protocol, row.unit)


@cache
def _of_experiment(condition: BenchmarkCondition) -> BenchmarkCondition:
    return condition.without(HOW_SHOWN)


def boards(rows: Iterable[Result]) -> Mapping[Board, Sequence[Result]]:
    """The rows by board, both in the order of their first appearance."""
    found: dict[Board, list[Result]] = {}
    for row in rows:
        found.setdefault(board_of(row), []).append(row)
    return found


def series(
    boards: Mapping[Board, Sequence[Result]], *settings: str, apart: Collection[str] = ()
) -> dict[Board, list[Result]]:
    """The rows of the boards whose condition names exactly `settings`, and the settings `apart`, joined where they
    differ in nothing but the former; the condition of the keys names the latter alone.
    """
    joined: dict[Board, list[Result]] = {}
    for board, rows in boards.items():
        if set(board.condition.words) == {*settings, *apart}:
            joined.setdefault(replace(board, condition=board.condition.without(settings)), []).extend(rows)
    return joined


def beside(board: Board, metric: str, boards: Iterable[Board]) -> Board | None:
    """The board of another `metric` of the same predictions: same benchmark and condition, and a protocol that only
    adds how the metric is computed.
    """
    of_predictions = (
        other
        for other in boards
        if (other.benchmark, other.condition, other.metric) == (board.benchmark, board.condition, metric)
    )
    return next((other for other in of_predictions if other.protocol.startswith(board.protocol)), None)


def ranked(rows: Iterable[Result], board: Board) -> list[Place]:
    """The rows of `board` among `rows` from the best; where neither end is the good one, from the highest."""
    falling = METRICS[board.metric].higher_is_better is not False
    of_board = sorted((row for row in rows if board_of(row) == board), key=lambda row: row.value, reverse=falling)
    places: list[Place] = []
    for number, row in enumerate(of_board, start=1):
        tied = places and places[-1].result.value == row.value
        places.append(Place(places[-1].rank if tied else number, row))
    return places
