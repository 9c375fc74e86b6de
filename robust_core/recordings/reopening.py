"""A report run again: whether models, images and every number are what they were."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from robust_core.errors import BadInput
from robust_core.events import mapped
from robust_core.models import weights
from robust_core.recordings.requests import Images, options_of, request_of
from robust_core.recordings.studies import STUDIES
from robust_core.report import block
from robust_core.report.tables import bounds_of, rows_of
from robust_core.studies.request import Request
from robust_core.studies.study_result import StudyResult

UNCOMPARED = ("seconds", "device")  # which no request determines
WORDS = (
    "model",
    "source_model",
    "target_model",
    "attack",
    "metric",
    "rule",
    "score",
    "check",
    "method",
    "corruption",
    "severity",
    "image",
    "images",
    "bound",
)
PLACES = ("radius", "step", "frame", "rank", "temperature")
GIVEN = (
    "eps",
    "sigma",
    "radius",
    "step",
    "frame",
    "rank",
    "severity",
    "seed",
    "temperature",
)  # numbers that place a row
COUNTED = ("broken",)  # in images
RELATIVE, ABSOLUTE = 0.01, 0.001  # for a number that is no share, on another machine
TOLERANCE = (
    "Another machine, device or version: a percentage agrees within its reported interval or one image, another number "
    "within 1% or 0.001."
)
EXACT = "The same machine and versions: numbers have to be equal."


@dataclass(frozen=True)
class Reported:
    """One result of a report: its `request` and how it counts, and what the report says of it."""

    request: Request
    options: dict[str, Any]
    said: dict[str, Any]

    @property
    def title(self) -> str:
        """The study and its models."""
        return f"{self.request.study.replace('_', ' ')}, {', '.join(spec.name for spec in self.request.models)}"


@dataclass(frozen=True)
class Comparison:
    """One number: what it is, what the report says, what it is now, and whether these agree."""

    what: str
    reported: Any
    now: Any
    agrees: bool
    is_telling: bool = True


def read(path: Path, folder: Path | None = None) -> tuple[Reported, ...]:
    """The results of a report, with their models and images, whose files may be in `folder`.

    Raises BadInput for what is no report, or has no request; UnknownName or BadInput where a model or an image is not
    here.
    """
    content, images = block.read(path), Images(folder)
    found = []
    for said in content["results"]:
        if said.get("request") is None:
            raise BadInput(
                f"{path.name} cannot be run again: it is of a network or images that only the one who made it has."
            )
        found.append(Reported(request_of(said["request"], images), options_of(said.get("options")), said))
    return tuple(found)


def run_again(reported: Reported) -> Generator[Any, None, StudyResult]:
    """The study, run now; the weights are read through first. Raises what `weights.verify` and the study raise."""
    for spec in reported.request.models:
        yield from mapped(weights.verify(spec), lambda event: replace(event, note="checking the weights"))
    result = yield from STUDIES[type(reported.request)](reported.request)
    if not all(_is_like(value, result.options.get(name)) for name, value in reported.options.items()):
        raise BadInput("The report is damaged: it does not say how its numbers are counted.")
    return replace(result, **reported.options)


def _is_like(value: Any, usual: Any) -> bool:
    """Whether `value` can stand in for an option's usual one."""
    if isinstance(usual, tuple):
        return isinstance(value, tuple) and bool(value) and all(type(one) is type(usual[0]) for one in value)
    return usual is not None and type(value) is type(usual)


def is_same_machine(reported: Reported, result: StudyResult) -> bool:
    """Whether numbers have to be the same to the last digit."""
    now = result.provenance
    return reported.said["machine"] == now.machine and reported.said["versions"] == dict(now.versions)


def versions_that_differ(reported: Reported, result: StudyResult) -> list[Comparison]:
    """Versions and the machine, where they are known and not what they were."""
    then = reported.said["versions"] | {"machine": reported.said["machine"]}
    now = dict(result.provenance.versions) | {"machine": result.provenance.machine}
    return [
        Comparison(name, was, now.get(name), False)
        for name, was in then.items()
        if was not in (None, "", now.get(name))
    ]


def compare(reported: Reported, result: StudyResult) -> Iterator[Comparison]:
    """The hashes of weights and images, and then every number."""
    models = {spec.name: weights.recorded_sha256(spec) or spec.weights.sha256 for spec in reported.request.models}
    said = reported.said["weights"]
    for name in dict.fromkeys((*models, *said)):
        yield _same(f"{name}: SHA-256 of the weights", said.get(name), models.get(name))
    yield _same("SHA-256 of the images", reported.said.get("images_sha256"), result.provenance.images_sha256)
    then, now = (
        _rows(reported.said["columns"], reported.said["rows"]),
        _rows(result.frame.columns, rows_of(result.frame)),
    )
    yield _same("rows", len(then), len(now))
    yield _same(
        "columns", ", ".join(sorted(reported.said["columns"])), ", ".join(sorted(map(str, result.frame.columns)))
    )
    exactly = is_same_machine(reported, result)
    for one, other in zip(then, now, strict=False):
        yield from _compare_rows(one, other, exactly)


def _rows(columns: Iterable[Any], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    names = [str(name) for name in columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _compare_rows(then: dict[str, Any], now: dict[str, Any], exactly: bool) -> Iterator[Comparison]:
    where = ", ".join(_placed(now))
    bounds = {end for name in now for end in bounds_of(name, now)}
    for name in (one for one in now if one in then):
        if name in UNCOMPARED or (name in bounds and not exactly):  # an interval follows from its number and n
            continue
        said, found = then[name], now[name]
        agrees = type(said) is type(found) and (said == found if exactly else _is_near(name, then, now))
        is_telling = isinstance(found, int | float) and name not in GIVEN
        yield Comparison(f"{where}: {name}", said, found, agrees, is_telling)


def _placed(row: dict[str, Any]) -> Iterator[str]:
    """What a row is about, in words."""
    yield from (str(row[name]) for name in WORDS if row.get(name) is not None)
    yield from (f"{name} {row[name]}" for name in PLACES if row.get(name) is not None)


def _is_near(name: str, then: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether a number agrees across machines."""
    said, found = then[name], now[name]
    if name in COUNTED:
        return abs(said - found) <= 1
    if not isinstance(said, float):
        return said == found
    if not name.endswith("_percent"):
        return abs(said - found) <= max(ABSOLUTE, RELATIVE * abs(said))
    one_image = 100 / n if isinstance(n := then.get("n"), int) and n > 0 else 0
    ends = [then.get(end) for end in bounds_of(name, then)]
    within = len(ends) == 2 and all(isinstance(one, float) for one in ends) and ends[0] <= found <= ends[1]
    return within or abs(said - found) <= one_image


def _same(what: str, then: Any, now: Any) -> Comparison:
    return Comparison(what, then, now, then == now)
