"""What the requests of a scene came to, recorded or computed now, and answers made of it; and published numbers as
answers.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from robust_core.benchmark.leaderboard import METRICS
from robust_core.errors import DataUnavailable, UnknownName
from robust_core.events import Progress, progress_of
from robust_core.intervals import Interval
from robust_core.lesson.answers import Answer, Curve, Origin
from robust_core.models.catalogue import get_spec
from robust_core.recordings import store
from robust_core.recordings.studies import STUDIES
from robust_core.results import Result, published
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import MapRequest, RandomizedMapsRequest
from robust_core.studies.request import Request

RUNS: Mapping[type[Request], Callable[[Any], Generator[Any, None, Any]]] = STUDIES | {
    MapRequest: attribution_maps.explain,
    RandomizedMapsRequest: attribution_maps.randomize,
}
HERE = "Robustness Lab, {made}"


@dataclass(frozen=True, eq=False)
class Found:
    """The `result` of a request, and whether it was recorded (`origin`) or computed now; `made` says when and where."""

    request: Any  # a Request of its study's own class
    result: Any
    origin: Origin
    made: str

    @property
    def who(self) -> str:
        """The only model."""
        return str(self.request.spec.title)

    def answer(self, who: str, value: float, unit: str, protocol: str, n: int | None = None) -> Answer:
        """A number of it that has no interval."""
        return Answer(who, float(value), unit, self.origin, protocol, HERE.format(made=self.made), n)

    def share(self, who: str, share: Interval, protocol: str, *, on_curve: bool = False) -> Answer:
        """A share in percent with its interval."""
        bounds = 100 * share.low, 100 * share.high
        described = f"{protocol}; {share.method}"
        source = HERE.format(made=self.made)
        return Answer(who, 100 * share.estimate, "%", self.origin, described, source, share.n, *bounds, on_curve)

    def curve(
        self,
        measured: str,
        axis: str,
        shares: Mapping[float, Interval | None],
        protocol: str,
        asked: float | None = None,
    ) -> Curve:
        """A curve of the model's shares by their places, without those that are not known."""
        known = {place: share for place, share in shares.items() if share is not None}
        method = next((share.method for share in known.values()), "")
        points = tuple(known), tuple(known.values())
        source = HERE.format(made=self.made)
        return Curve(self.who, measured, axis, *points, self.origin, f"{protocol}; {method}", source, asked)


def find_or_run(request: Request) -> Generator[Progress, None, Found]:
    """The recorded result of a request, or else what it comes to now. Raises what its study raises."""
    recording = store.find(request)
    if recording is not None:
        made = f"recorded on {recording.made_on} ({recording.machine})"
        return Found(request, recording.result, Origin.CACHED, made)
    result = yield from progress_of(RUNS[type(request)](request))
    return Found(request, result, Origin.LIVE, "computed now on this server")


def each(request: Request) -> tuple[Request, ...]:
    """The request to each of its models, which has a recording of its own."""
    return tuple(map(request.of, request.models))


def quoted(
    table: str,
    benchmark: str,
    metric: str,
    *models: str,
    condition: str = "",
    protocol_end: str = "",
    what: str = "",
) -> tuple[Answer, ...]:
    """The numbers of `models` on a benchmark of a published table as answers, in their order; `what` they are stands
    behind the model. Raises DataUnavailable where there is not exactly one row for each.
    """
    rows = [
        row
        for row in published(table)
        if (row.benchmark, row.metric, row.condition) == (benchmark, metric, condition)
        and row.protocol.endswith(protocol_end)
    ]
    found = []
    for model in models:
        its = [row for row in rows if row.model == model]
        if len(its) != 1:
            raise DataUnavailable(f"{table} has {len(its)} rows of {model} on {benchmark}, {metric}; expected one.")
        found.append(answer_of(its[0], what))
    return tuple(found)


def answer_of(row: Result, what: str = "") -> Answer:
    """A row of a table as an answer, with its condition in the protocol, and `what` it is behind the model."""
    origin = Origin.PUBLISHED if row.kind == "published" else Origin.CACHED
    titled = METRICS[row.metric].title if row.metric in METRICS else row.metric.replace("_", " ")
    protocol = "; ".join(filter(None, (f"{row.benchmark}, {titled}", row.condition, row.protocol)))
    low, high = row.bounds or (None, None)
    who = ", ".join(filter(None, (_titled(row.model), what)))
    return Answer(who, row.value, row.unit, origin, protocol, row.source, row.n, low, high)


def _titled(model: str) -> str:
    """A model as the table of models calls it, or as the row does."""
    try:
        return get_spec(model).title
    except UnknownName:
        return model
