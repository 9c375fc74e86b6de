"""Benchmarks from a shell: run experiments, see how they stand, show and hand on their results, and write the page of sources.

Start `run` again after any interruption: it does only what is missing. On several GPUs or machines start the same command under torchrun:

    torchrun --nproc-per-node 8 -m robust_core.benchmark run --model resnext101_32x8d_wsl --experiment imagenet_c --data /data
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from robust_core import results, settings
from robust_core.benchmark import sources
from robust_core.benchmark.experiments import EXPERIMENTS, get_experiment
from robust_core.benchmark.image_sets import in_words, on_its_folder
from robust_core.benchmark.orders import Order
from robust_core.benchmark.runs import Run, finished, merge, own_store, run_of, stores
from robust_core.errors import BadInput, DataUnavailable
from robust_core.models import weights
from robust_core.models.catalogue import get_spec, list_models
from robust_core.terminal import follow, run_command, whole_number

ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""

    def work() -> None:
        options = _parser().parse_args(arguments)
        options.run(options)

    return run_command(work, stopped="Stopped. Finished units are kept; the same command goes on from there.")


def _run(options: argparse.Namespace) -> None:
    from robust_core.benchmark.runner import Share, run

    share = Share.of_process()
    workers = _usual_workers() if options.workers is None else whole_number("--workers", options.workers, 0, _most_workers())
    for order in _possible(_orders(options), options):
        name = f"{order.model_key} {order.experiment_key}" + (f" ({share.rank + 1} of {share.world_size})" if share.world_size > 1 else "")
        for sentence in in_words(order):
            print(f"{name}: {sentence}")
        outcome = follow(name, run(order, store=options.store, workers=workers, share=share))
        print(f"{name}: {outcome.done} of {outcome.total} units are here, {outcome.computed} computed now; {outcome.run.folder}")
        if not outcome.results:
            print("The rest is other processes' work; merge their stores if they lie elsewhere, and start the command once more.")
        _print_headlines(outcome.results)


def _usual_workers() -> int:
    """As many readers as keep a GPU busy; on a CPU few, since they take cores from the model (measured in tests/bench/RESULTS.md)."""
    from robust_core.models.device import choose_device

    cores = os.cpu_count() or 1
    return cores // 4 if choose_device().type == "cpu" else max(1, cores - 1)


def _most_workers() -> int:
    """More only wait for each other."""
    return max(16, 4 * (os.cpu_count() or 1))


def _list(options: argparse.Namespace) -> None:
    for row in EXPERIMENTS.values():
        conditions = f", {len(row.conditions)} conditions" if len(row.conditions) > 1 else ""
        print(f"{row.key:22} {row.title} ({row.label_space.key}){conditions}. {row.protocol}".rstrip())
        for quirk in row.quirks:
            print(f"{'':22}   --without {quirk.key}: {quirk.sentence}")


def _status(options: argparse.Namespace) -> None:
    from robust_core.benchmark.plans import make_plan

    for order in _possible(_orders(options), options):
        plan, run = make_plan(order), run_of(order.identity, options.store)
        done = sum(run.read_unit(unit.name) is not None for unit in plan.units)
        print(f"{order.model_key} {order.experiment_key}: {done} of {len(plan.units)} units{', finished' if run.is_finished else ''}")


def _show(options: argparse.Namespace) -> None:
    for run in _finished(options):
        print(f"{run.identity['model']} {run.identity['experiment']}: {run.folder}")
        for row in run.results():
            bounds = f" [{100 * row.interval.low:.2f}, {100 * row.interval.high:.2f}]" if row.interval else ""
            print(f"  {row.condition or '-':42} {row.metric:32} {row.value:9.3f}{bounds} {row.unit}, n = {row.n:,}")


def _export(options: argparse.Namespace) -> None:
    if not (options.csv or options.packed):
        raise BadInput("There is nowhere to write to; expected --csv FILE, --packed DIR, or both.")
    runs = list(_finished(options))
    if options.csv:
        options.csv.parent.mkdir(parents=True, exist_ok=True)
        rows = [row for run in runs for row in run.results()]
        results.write(options.csv, rows)
        print(f"{len(rows)} numbers of {len(runs)} runs in {options.csv}")
    if options.packed:
        for run in runs:
            print(run.pack(options.packed).folder)


def _merge(options: argparse.Namespace) -> None:
    for source in options.sources:
        print(f"{merge(source, options.store)} units from {source}")
    print("Start the runs once more: they write their numbers, or compute what is still missing.")


def _write_sources(options: argparse.Namespace) -> None:
    sources.PAGE.write_text(sources.page(), encoding="utf-8")
    print(f"Wrote {sources.PAGE}.")


def _orders(options: argparse.Namespace) -> Iterator[Order]:
    """Every experiment that is asked for with every model that it fits."""
    specs = [spec for spec in list_models() if weights.present(spec)] if options.model == [ALL] else [get_spec(key) for key in options.model]
    keys = list(EXPERIMENTS) if options.experiment == [ALL] else options.experiment
    chosen = [(get_experiment(key), spec) for key in keys for spec in specs]
    fitting = [(row, spec) for row, spec in chosen if row.label_space == spec.label_space or ALL not in (*options.model, *options.experiment)]
    for row, spec in fitting:
        order = Order(row.key, spec.key, options.data or settings.data_dir(), options.limit, options.seed, tuple(options.without), images=options.images)
        yield _on_its_folder(order) if options.data else order


def _on_its_folder(order: Order) -> Order:
    """The order as it is, or on the images right in the folder that --data names, which is said."""
    chosen = on_its_folder(order)
    if chosen != order:
        print(f"{chosen.images} is not known to be {order.experiment.pictures.title}: what is measured is filed as images of {chosen.images}.")
    return chosen


def _possible(orders: Iterator[Order], options: argparse.Namespace) -> Iterator[Order]:
    """The orders whose pictures are here, where all experiments are asked for; otherwise all of them, so that what is missing is said."""
    from robust_core.benchmark.checking import is_here

    count = 0
    for order in orders:
        if options.experiment != [ALL] or is_here(order):
            count += 1
            yield order
    if not count:
        raise DataUnavailable("There is nothing to do: no model is here whose experiments have their pictures here too.")


def _finished(options: argparse.Namespace) -> Iterator[Run]:
    """The finished runs that are asked for; raises DataUnavailable when there are none."""
    found = [run for store in ([options.store] if options.store else stores()) for run in finished(store)]
    asked = [run for run in found if _asked(options.model, run.identity["model"]) and _asked(options.experiment, run.identity["experiment"])]
    if not asked:
        raise DataUnavailable("There is no finished run of these; `run` computes one, and `status` says how far it is.")
    yield from asked


def _asked(keys: list[str], key: str) -> bool:
    return keys == [ALL] or key in keys


def _print_headlines(rows: Sequence[results.Result]) -> None:
    for row in rows:
        if "corruption" not in row.settings and "perturbation" not in row.settings:
            print(f"  {row.benchmark} {row.condition} {row.metric}: {row.value:.2f} {row.unit}, n = {row.n:,}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.benchmark", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("run", help="compute what is missing of experiments with models")
    _add_order(command)
    command.add_argument("--workers", type=int, help="processes that read pictures (default: a quarter of the cores on a CPU, all but one beside a GPU)")
    command.set_defaults(run=_run)

    command = commands.add_parser("list", help="show the experiments, their conditions, protocols and quirks")
    command.set_defaults(run=_list)

    command = commands.add_parser("status", help="show how many units of an experiment are finished")
    _add_order(command)
    command.set_defaults(run=_status)

    command = commands.add_parser("show", help="print the numbers of finished runs")
    _add_choice(command, default=[ALL])
    command.add_argument("--store", type=Path, metavar="DIR", help="default: the shipped runs and your own")
    command.set_defaults(run=_show)

    command = commands.add_parser("export", help="write the numbers of finished runs as one table, or the runs themselves with few files")
    _add_choice(command, default=[ALL])
    command.add_argument("--store", type=Path, metavar="DIR", default=own_store())
    command.add_argument("--csv", type=Path, metavar="FILE")
    command.add_argument("--packed", type=Path, metavar="DIR", help="a store with three files for each run")
    command.set_defaults(run=_export)

    command = commands.add_parser("merge", help="take the finished units of other stores over, from other machines, say")
    command.add_argument("sources", type=Path, nargs="+", metavar="DIR")
    command.add_argument("--store", type=Path, metavar="DIR", default=own_store())
    command.set_defaults(run=_merge)

    command = commands.add_parser("sources", help="write SOURCES.md beside the published tables")
    command.set_defaults(run=_write_sources)
    return parser


def _add_choice(command: argparse.ArgumentParser, default: list[str] | None = None) -> None:
    command.add_argument("--model", nargs="+", metavar="KEY", required=default is None, default=default, help=f"or {ALL}")
    command.add_argument("--experiment", nargs="+", metavar="KEY", required=default is None, default=default, help=f"`list` shows them; or {ALL}")


def _add_order(command: argparse.ArgumentParser) -> None:
    _add_choice(command)
    command.add_argument("--data", type=Path, metavar="DIR", help="the folder of the data sets (default: ROBUST_LAB_DATA)")
    command.add_argument("--images", default="", metavar="TITLE", help="a labelled set in that folder instead of the experiment's own pictures")
    command.add_argument("--limit", type=int, metavar="N", help="only N pictures, drawn by the seed (default: all)")
    command.add_argument("--seed", type=int, default=0, help="of the drawn pictures and of random attacks")
    command.add_argument("--without", nargs="+", default=[], metavar="QUIRK", help="leave a published quirk out")
    command.add_argument("--store", type=Path, metavar="DIR", default=own_store(), help="default: cache/runs/benchmarks")


if __name__ == "__main__":
    sys.exit(main())
