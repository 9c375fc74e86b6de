"""Full benchmarks, and what others measured, as tables."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core import settings
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.labelled_sets import on_its_folder
from robust_core.benchmark.leaderboard import METRICS
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import own_store, run_of
from robust_core.checks import whole
from robust_core.data.foolbox import Foolbox
from robust_core.door.given_images import BUNDLED
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, Events, ShowProgress, drive
from robust_core.errors import BadInput, UnknownName
from robust_core.events import of_all, progress_of
from robust_core.models.catalogue import list_models
from robust_core.names import containing, find
from robust_core.plots import results as result_figures
from robust_core.results import Result, published_tables
from robust_core.results import published as table
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:
    from pandas import DataFrame
    from plotly.graph_objects import Figure

    from robust_core.door.models import Models


@dataclass(frozen=True, eq=False)
class BenchmarkRequest(Request):
    """Runs of whole experiments."""

    study: ClassVar[str] = "benchmark"

    runs: tuple[RunConfig, ...]


@dataclass(frozen=True, eq=False)
class BenchmarkResults(StudyResult):
    """The numbers of finished experiments; a row for each number, as `published` has them, so that the two can be put
    together.
    """

    results: tuple[Result, ...]

    def to_frame(self) -> "DataFrame":
        """A row for each number."""
        return _frame(self.results)

    def figure(self) -> "Figure":
        """The numbers in percent, a group for each model."""
        rows = self.frame[self.frame["unit"] == "%"]
        words = (rows["benchmark"] + " " + rows["condition"]).str.strip() + ", " + rows["metric"]
        return result_figures.points(rows.assign(label=words), "model", "value", "label")


def published(
    model: str | None = None, family: str | None = None, benchmark: str | None = None, metric: str | None = None
) -> "DataFrame":
    """The published numbers that the project holds, each with its n, protocol and source; no network is run.

    Words find what they are or, where nothing is, what has them in it: "wsl" finds the five WSL networks and not the
    SWSL ones; "resnet50" finds that one alone. `model` looks at keys and titles, `family` at training regimes, `metric`
    at keys and titles such as "mCE". low and high are the bounds of the 95% interval in the unit of the value, by
    interval_method; missing where nothing is known of single images. Raises UnknownName for words that find nothing.

    >>> import robust_core as rc
    >>> rows = rc.published("wsl", benchmark="ImageNet-A", metric="top1")
    >>> orhan = rows[rows["source"].str.contains("Orhan 2019")].sort_values("value")
    >>> orhan["model"].iloc[-1], round(float(orhan["value"].iloc[-1]), 2)
    ('resnext101_32x48d_wsl', 61.03)
    """
    rows = [row for name in published_tables() for row in table(name)]
    specs = {spec.key: spec for spec in list_models()}
    if model is not None:
        models = list(dict.fromkeys(row.model for row in rows))
        titles = {name: specs[name].title if name in specs else name for name in models}
        kept = set(_found("published model", model, models, titles))
        rows = [row for row in rows if row.model in kept]
    if family is not None:
        families = sorted({spec.family for spec in specs.values()})
        kept = set(_found("family", family, families, {one: one for one in families}))
        rows = [row for row in rows if row.model in specs and specs[row.model].family in kept]
    if benchmark is not None:
        names = list(dict.fromkeys(row.benchmark for name in published_tables() for row in table(name)))
        kept = set(_found("published benchmark", benchmark, names, {one: one for one in names}))
        rows = [row for row in rows if row.benchmark in kept]
    if metric is not None:
        key = find("metric", metric, {key: row.title for key, row in METRICS.items()})
        rows = [row for row in rows if row.metric == key]
    return _frame(rows)


def run_benchmark(
    models: "Models",
    experiments: "str | Iterable[str]",
    data: "str | Path | None" = None,
    *,
    limit: int | None = None,
    store: "str | Path | None" = None,
    resume: bool = True,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> BenchmarkResults:
    """Run full experiments with each model, by the protocols of the table (`robust-lab benchmark list`); what is
    finished is not done again.

    experiments  a key such as "imagenet_c", or a list
    data         the folder of the data sets; None is ROBUST_LAB_DATA; "foolbox" are the twenty images that come
                 with the project, for the experiments on ImageNet's validation set. The experiments on Mini
                 need none
    limit        only so many images, drawn by `seed`
    store        where finished units go; None is the project's own store, or nowhere for wrapped networks, whose runs
                 nobody else could read
    resume       False discards what the store has of these runs

    Raises BadInput for experiments that do not fit the model's classes, DataUnavailable where images are missing,
    UnknownName for an experiment.

    >>> import robust_core as rc
    >>> run = rc.run_benchmark("efficientnet_lite0", "imagenet", "foolbox", limit=8, progress=False)
    >>> run.frame["benchmark"].unique().tolist()
    ['ImageNet, images of Photographs from Foolbox']
    >>> run.frame[["metric", "n"]].values.tolist()
    [['top1', 8], ['top5', 8]]
    """
    chosen = choose(models)
    titles = {key: row.title for key, row in EXPERIMENTS.items()}
    keys = [
        find("experiment", name, titles) for name in ([experiments] if isinstance(experiments, str) else experiments)
    ]
    if not keys:
        raise BadInput("There is no experiment; expected at least one.")
    if not isinstance(resume, bool):
        raise BadInput(f"resume must be True or False; got {resume!r}.")
    limit, seed = None if limit is None else whole("limit", limit, 1), whole("seed", seed, 0)
    folder, images = _data(data)
    runs = tuple(
        on_its_folder(RunConfig(key, spec.key, folder, limit, seed, images=images))
        for key in dict.fromkeys(keys)
        for spec in chosen.specs
    )
    work = _run(BenchmarkRequest(chosen.specs, runs), None if store is None else Path(store).expanduser(), resume)
    return drive(work, progress, batch_size, "Benchmark", chosen)


def _data(data: "str | Path | None") -> tuple[Path | None, str]:
    """The folder in which images are looked for, and the title of the set that takes the place of an experiment's
    own.
    """
    if data == BUNDLED:
        return None, Foolbox().title
    if not isinstance(data, str | Path | None):
        raise BadInput(f"Expected the folder of the data sets; got {type(data).__name__}.")
    folder = settings.data_dir() if data is None else Path(data).expanduser()
    if folder is not None and not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.")
    return folder, ""


def _run(request: BenchmarkRequest, store: Path | None, resume: bool) -> Events[BenchmarkResults]:
    with _store(store, any(spec.is_wrapped for spec in request.models)) as folder:
        if not resume:
            for config in request.runs:
                shutil.rmtree(run_of(config.identity, folder).folder, ignore_errors=True)
        from robust_core.benchmark.runner import run

        parts = [
            (f"{config.spec.name}, {config.experiment.title}", progress_of(run(config, store=folder)))
            for config in request.runs
        ]
        outcomes = yield from of_all(parts)
    names = {spec.key: spec.name for spec in request.models}
    rows = tuple(replace(row, model=names[row.model]) for status in outcomes for row in status.results)
    images = ", ".join(dict.fromkeys(str(status.run.identity.get("pictures", "")) for status in outcomes))
    return BenchmarkResults(Provenance.of(request, images or None), rows)


@contextmanager
def _store(store: Path | None, wrapped: bool) -> Iterator[Path]:
    """The folder of the runs; one that goes away again where wrapped networks are run without a store of their own."""
    if store is None and wrapped:
        with tempfile.TemporaryDirectory(prefix="robust-lab-") as folder:
            yield Path(folder)
    else:
        yield store or own_store()


def _found(kind: str, words: str, keys: Sequence[str], titles: dict[str, str]) -> list[str]:
    """The keys that `words` find by themselves or by their titles."""
    if not isinstance(words, str):
        raise BadInput(f"Expected words that name a {kind}; got {words!r}.")
    exact = [key for key in keys if key == words]
    named = exact or containing(words, keys)
    by_title = set(containing(words, titles.values())) if not exact else set()
    found = [key for key in keys if key in named or titles[key] in by_title]
    if not found:
        raise UnknownName(kind, words, keys)
    return found


def _frame(rows: Sequence[Result]) -> "DataFrame":
    import pandas

    columns = [
        "benchmark",
        "model",
        "condition",
        "metric",
        "value",
        "low",
        "high",
        "interval_method",
        "unit",
        "n",
        "protocol",
        "kind",
        "source",
    ]
    return pandas.DataFrame([_row(row) for row in rows], columns=columns)


def _row(row: Result) -> dict[str, Any]:
    low, high = row.bounds or (None, None)
    return {
        name: getattr(row, name)
        for name in ("benchmark", "model", "condition", "metric", "value", "unit", "n", "protocol", "kind", "source")
    } | {"low": low, "high": high, "interval_method": row.bounds_method}
