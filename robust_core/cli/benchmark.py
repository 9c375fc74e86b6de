"""`benchmark`: run experiments, see how far they are, show and hand on their results, and write the page of sources."""

import os
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from robust_core import results, settings
from robust_core.benchmark import sources
from robust_core.benchmark.experiments import EXPERIMENTS, get_experiment
from robust_core.benchmark.labelled_sets import in_words, on_its_folder
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.stored_runs import Run, finished, merge, own_store, run_of, stores
from robust_core.checks import whole
from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.data.datasets import DataSet
from robust_core.errors import BadInput, DataUnavailable
from robust_core.files import replacing
from robust_core.models import weights
from robust_core.models.catalogue import get_spec, list_models

if TYPE_CHECKING:  # the runner brings torch
    from robust_core.benchmark.executors import Executor
    from robust_core.benchmark.runner import Shard
    from robust_core.results import Result

ALL, RAY = "all", "ray"
BASICS = ("experiment", "title", "label_space", "conditions", "protocol")


def run(options: Namespace) -> None:
    """Compute what is missing of every experiment with every model."""
    from robust_core.benchmark.runner import Shard

    shard = Shard.of_process()
    numbers: list[Result] = []
    if options.out and shard.world_size > 1:
        raise BadInput(
            "--out cannot be shared by several processes; `benchmark show --out FILE` writes the numbers when all are "
            "done."
        )
    _check_executor(options, shard)
    with _executor(options) as executor:
        for config in _possible(_configs(options), options):
            numbers += _run_one(config, options, shard, executor)
    _write_results(options, numbers)


def _check_executor(options: Namespace, shard: "Shard") -> None:
    if options.executor == RAY and shard.world_size > 1:
        raise BadInput("Ray shares the work by itself; give the command once, without torchrun.")
    if options.executor != RAY and (options.address, options.gpu_share) != (None, None):
        raise BadInput("--address and --gpu-share are for --executor ray; got neither that nor a cluster.")


@contextmanager
def _executor(options: Namespace) -> "Iterator[Executor]":
    """What computes the units: this process, or the Ray cluster that is asked for."""
    if options.executor == RAY:
        from robust_core.benchmark.ray_executor import on_ray

        with on_ray(options.address or "auto", options.gpu_share, options.workers) as executor:
            yield executor
        return
    from robust_core.benchmark.executors import InProcess
    from robust_core.benchmark.unit_images import keep_drawn

    given = options.workers
    workers = _usual_workers() if given is None else whole("--workers", given, 0, _most_workers())
    if not workers and (len(options.model) > 1 or options.model == [ALL]):
        keep_drawn()
    yield InProcess(workers)


def _run_one(config: RunConfig, options: Namespace, shard: "Shard", executor: "Executor") -> tuple[results.Result, ...]:
    from robust_core.benchmark.runner import run

    name = f"{config.model_key} {config.experiment_key}" + (
        f" ({shard.rank + 1} of {shard.world_size})" if shard.world_size > 1 else ""
    )
    for sentence in in_words(config):
        print(f"{name}: {sentence}")
    status = follow(name, run(config, store=_store(options), executor=executor, shard=shard))
    print(
        f"{name}: {status.done} of {status.total} units are here, {status.computed} computed now; {status.run.folder}"
    )
    if not status.results:
        print(
            "The rest is other processes' work; merge their stores if they lie elsewhere, and start the command once "
            "more."
        )
    _print_headlines(status.results)
    return status.results


def _usual_workers() -> int:
    """As many readers as keep a GPU busy; on a CPU few, since they take cores from the model (measured in
    tests/bench/RESULTS.md).
    """
    from robust_core.models.device import choose_device

    cores = os.cpu_count() or 1
    return cores // 4 if choose_device().type == "cpu" else max(1, cores - 1)


def _most_workers() -> int:
    """More only wait for each other."""
    return max(16, 4 * (os.cpu_count() or 1))


def show_experiments(options: Namespace) -> None:
    """The experiments with their conditions, protocols and quirks."""
    for row in EXPERIMENTS.values():
        conditions = f", {len(row.conditions)} conditions" if len(row.conditions) > 1 else ""
        print(f"{row.key:22} {row.title} ({row.label_space.key}){conditions}. {row.protocol}".rstrip())
        for quirk in row.quirks:
            print(f"{'':22}   --without {quirk.key}: {quirk.sentence}")
    cells = (
        (row.key, row.title, row.label_space.key, len(row.conditions), row.protocol) for row in EXPERIMENTS.values()
    )
    write_table(options.out, [dict(zip(BASICS, row, strict=True)) for row in cells])


def show_status(options: Namespace) -> None:
    """How many units of an experiment are finished."""
    from robust_core.benchmark.plans import make_plan

    rows = []
    for config in _possible(_configs(options), options):
        plan, run = make_plan(config), run_of(config.identity, _store(options))
        done = sum(run.read_unit(unit.name) is not None for unit in plan.units)
        print(
            f"{config.model_key} {config.experiment_key}: {done} of {len(plan.units)} "
            f"units{', finished' if run.is_finished else ''}"
        )
        units = {"units_done": done, "units": len(plan.units), "finished": run.is_finished}
        rows.append({"model": config.model_key, "experiment": config.experiment_key} | units)
    write_table(options.out, rows)


def show_numbers(options: Namespace) -> None:
    """The numbers of finished runs, with their intervals."""
    runs = list(_finished(options, [options.store] if options.store else stores()))
    for run in runs:
        print(f"{run.identity['model']} {run.identity['experiment']}: {run.folder}")
        for row in run.results():
            print(f"  {row.condition or '-':42} {row.metric:32} {_in_words(row, f'{row.value:9.3f}')}")
    _write_results(options, [row for run in runs for row in run.results()])
    if damaged := [run.title for run in runs if not run.results()]:
        raise DataUnavailable(f"The numbers of {', '.join(damaged)} are damaged; `benchmark run` writes them anew.")


def export(options: Namespace) -> None:
    """The numbers of finished runs as a table, or the runs themselves with few files."""
    if not (options.out or options.to):
        raise BadInput("There is nowhere to write to; expected --out FILE, --to DIR, or both.")
    runs = list(_finished(options, [_store(options)]))
    rows = [row for run in runs for row in run.results()]
    _write_results(options, rows)
    if options.out:
        print(f"{len(rows)} numbers of {len(runs)} runs in {options.out}")
    if options.to:
        for run in runs:
            print(run.pack(options.to).folder)


def merge_stores(options: Namespace) -> None:
    """The finished units of other stores, taken over."""
    for source in options.sources:
        print(f"{merge(source, _store(options))} units from {source}")
    print("Start the runs once more: they write their numbers, or compute what is still missing.")


def write_sources(options: Namespace) -> None:
    """The page of sources."""
    sources.PAGE.write_text(sources.page(), encoding="utf-8")
    print(f"Wrote {sources.PAGE}.")


def _configs(options: Namespace) -> Iterator[RunConfig]:
    """Every experiment that is asked for with every model that it fits."""
    specs = (
        [spec for spec in list_models() if weights.present(spec)]
        if options.model == [ALL]
        else [get_spec(key) for key in options.model]
    )
    keys = list(EXPERIMENTS) if options.experiment == [ALL] else options.experiment
    chosen = [(get_experiment(key), spec) for key in keys for spec in specs]
    fitting = [
        (row, spec)
        for row, spec in chosen
        if row.label_space == spec.label_space or ALL not in (*options.model, *options.experiment)
    ]
    for row, spec in fitting:
        data = options.data or settings.data_dir()
        data = data and data.absolute()  # another process may have another working folder
        config = RunConfig(
            row.key,
            spec.key,
            data,
            options.n,
            options.seed,
            tuple(options.without),
            images=options.image_set,
            as_stored=options.as_stored,
        )
        yield _on_its_folder(config) if options.data else config


def _on_its_folder(config: RunConfig) -> RunConfig:
    """The run as it is, or on the images right in the folder that --data names, which is said."""
    chosen = on_its_folder(config)
    own = config.experiment.images
    if chosen != config and isinstance(own, DataSet):
        print(
            f"{chosen.images} is not known to be {own.title}: what is measured is filed as images of {chosen.images}."
        )
    return chosen


def _possible(configs: Iterator[RunConfig], options: Namespace) -> Iterator[RunConfig]:
    """The runs whose images are here, where all experiments are asked for; otherwise all of them, so that what is
    missing is said.
    """
    from robust_core.benchmark.checking import is_here

    count = 0
    for config in configs:
        if options.experiment != [ALL] or is_here(config):
            count += 1
            yield config
    if not count:
        raise DataUnavailable("There is nothing to do: no model is here whose experiments have their images here too.")


def _finished(options: Namespace, places: Iterable[Path]) -> Iterator[Run]:
    """The finished runs that are asked for, in the stores at `places`; raises DataUnavailable when there are none."""
    models, experiments = options.model or [ALL], options.experiment or [ALL]
    found = [run for place in places for run in finished(place)]
    asked = [
        run
        for run in found
        if _asked(models, run.identity["model"]) and _asked(experiments, run.identity["experiment"])
    ]
    if not asked:
        raise DataUnavailable("There is no finished run of these; `run` computes one, and `status` says how far it is.")
    yield from asked


def _asked(keys: list[str], key: str) -> bool:
    return keys == [ALL] or key in keys


def _store(options: Namespace) -> Path:
    return options.store or own_store()


def _write_results(options: Namespace, rows: Sequence[results.Result]) -> None:
    """What --out holds of benchmarks: results as `results.read` reads them again, the bounds of shares too."""
    if options.out:
        with replacing(options.out) as temporary:
            results.write(temporary, [row.with_bounds for row in rows])


def _print_headlines(rows: Sequence[results.Result]) -> None:
    for row in rows:
        if "corruption" not in row.settings and "perturbation" not in row.settings:
            print(f"  {row.benchmark} {row.condition} {row.metric}: {_in_words(row, f'{row.value:.2f}')}")


def _in_words(row: results.Result, value: str) -> str:
    """The `value` of a row with its bounds, its n and their method."""
    if row.bounds is None:
        return f"{results.in_unit(value, row.unit)}, n = {row.n:,}"
    low, high = row.bounds
    return f"{results.in_unit(f'{value} [{low:.2f}, {high:.2f}]', row.unit)}, n = {row.n:,} (95%, {row.bounds_method})"
