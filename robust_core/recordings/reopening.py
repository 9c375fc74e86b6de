"""A report run again: whether models, images and every number are what they were."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from robust_core.errors import BadInput
from robust_core.events import mapped
from robust_core.models import weights
from robust_core.recordings.requests import Images, options_of, request_of
from robust_core.recordings.studies import STUDIES
from robust_core.report import block
from robust_core.report.tables import rows_of
from robust_core.studies.request import Request
from robust_core.studies.study_result import StudyResult

UNCOMPARED = ("seconds", "device")  # which no request determines
WORDS = ("model", "attack", "metric", "rule", "score", "check", "method", "corruption", "severity", "image", "images")
PLACES = ("step", "frame", "rank", "temperature")
RELATIVE = 0.01  # of a number that is no share, on another machine
TOLERANCE = (
    "Another machine, device or version: a share agrees within its reported interval or one image, any other number "
    "within 1%."
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
    unknown = reported.options.keys() - result.options.keys()
    if unknown:
        raise BadInput(f"The report is damaged: a {reported.request.study} has no {sorted(unknown)[0]}.")
    return replace(result, **reported.options)


def is_same_machine(reported: Reported, result: StudyResult) -> bool:
    """Whether numbers have to be the same to the last digit."""
    now = result.provenance
    return reported.said["machine"] == now.machine and reported.said["versions"] == dict(now.versions)


def versions_that_differ(reported: Reported, result: StudyResult) -> list[Comparison]:
    """Versions and the machine, where they are not what they were."""
    then = reported.said["versions"] | {"machine": reported.said["machine"]}
    now = dict(result.provenance.versions) | {"machine": result.provenance.machine}
    names = dict.fromkeys((*then, *now))
    return [Comparison(name, then.get(name), now.get(name), False) for name in names if then.get(name) != now.get(name)]


def compare(reported: Reported, result: StudyResult) -> Iterator[Comparison]:
    """The hashes of weights and images, and then every number."""
    models = {spec.name: weights.recorded_sha256(spec) or spec.weights.sha256 for spec in reported.request.models}
    for name, sha256 in reported.said["weights"].items():
        yield _same(f"{name}: SHA-256 of the weights", sha256, models.get(name))
    yield _same("SHA-256 of the images", reported.said.get("images_sha256"), result.provenance.images_sha256)
    frame, exactly = result.frame, is_same_machine(reported, result)
    then, rows = (
        [dict(zip(reported.said["columns"], row, strict=True)) for row in reported.said["rows"]],
        rows_of(frame),
    )
    now = [dict(zip(map(str, frame.columns), row, strict=True)) for row in rows]
    yield _same("rows", len(then), len(now))
    yield _same("columns", sorted(reported.said["columns"]), sorted(map(str, frame.columns)))
    for one, other in zip(then, now, strict=False):
        yield from _compare_rows(one, other, exactly)


def _compare_rows(then: dict[str, Any], now: dict[str, Any], exactly: bool) -> Iterator[Comparison]:
    where = ", ".join(_placed(now))
    for name in now.keys() & then.keys() if set(now) != set(then) else now:
        if name in UNCOMPARED or name == "weights_sha256":
            continue
        agrees = then[name] == now[name] if exactly else _is_near(name, then, now)
        yield Comparison(f"{where}: {name}", then[name], now[name], agrees and type(then[name]) is type(now[name]))


def _placed(row: dict[str, Any]) -> Iterator[str]:
    """What a row is about, in words."""
    yield from (str(row[name]) for name in WORDS if row.get(name) is not None)
    yield from (f"{name} {row[name]}" for name in PLACES if row.get(name) is not None)


def _is_near(name: str, then: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether a number agrees across machines."""
    said, found = then[name], now[name]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (said, found)):
        return said == found
    if not name.endswith("_percent"):
        return abs(said - found) <= RELATIVE * max(abs(said), abs(found))
    one_image = 100 / n if isinstance(n := then.get("n"), int | float) and n > 0 else 0
    low, high = (then.get(f"{bound}_percent") for bound in ("low", "high"))
    within = isinstance(low, int | float) and isinstance(high, int | float) and low <= found <= high
    return within or abs(said - found) <= one_image


def _same(what: str, then: Any, now: Any) -> Comparison:
    return Comparison(what, then, now, then == now)


def disagreements(found: Sequence[Comparison]) -> list[Comparison]:
    """Those that do not agree."""
    return [one for one in found if not one.agrees]
