"""The command line of the mini world: train its models, draw its pictures, measure what is shipped.

    python -m robust_core.mini train [--model KEY ...] [--seed N] [--device cpu] [--precision bfloat16] [--out DIR]
    python -m robust_core.mini render --out DIR [--split test] [--count 64] [--seed N]
    python -m robust_core.mini sheet --out DIR
    python -m robust_core.mini card
    python -m robust_core.mini seeds [--device cpu] [--precision bfloat16] [--out DIR]
    python -m robust_core.mini fingerprint
"""

import argparse
import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from robust_core import settings
from robust_core.errors import UnknownName
from robust_core.events import Progress
from robust_core.mini import fingerprint
from robust_core.mini.card import measured, write_card
from robust_core.mini.measurement import count_correct
from robust_core.mini.recipes import RECIPES
from robust_core.mini.seeds import OTHER_SEEDS, measure_seed, record_of
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.sheets import write_sheets
from robust_core.mini.splits import SPLITS, TEST, render
from robust_core.mini.training import PRECISIONS, train
from robust_core.mini.weights import SHIPPED, SHIPPED_SEED, load
from robust_core.terminal import run_command, whole_number

LARGEST_SEED = 2**31 - 1


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 after a message on stderr."""

    def work() -> None:
        options = _parser().parse_args(arguments)
        options.run(options)

    return run_command(work)


def run_train(options: argparse.Namespace) -> None:
    whole_number("--seed", options.seed, 0, LARGEST_SEED)
    folder = options.out or seed_dir(options.seed)
    shipped = measured()
    for key in options.model or RECIPES:
        trained = followed(train(key, options.seed, folder, options.device, options.precision))
        clean = count_correct(load(trained.path), render(TEST)).interval
        print(f"{key}: {trained.metadata['training_cpu_seconds']} CPU s, {trained.path}")
        print(f"  clean accuracy {clean}; shipped {shipped[key].clean.interval if key in shipped else 'not measured'}")


def run_render(options: argparse.Namespace) -> None:
    if options.split not in SPLITS:
        raise UnknownName("split", options.split, SPLITS)
    whole_number("--count", options.count, 1, SPLITS[options.split].count)
    whole_number("--seed", options.seed, 0, LARGEST_SEED)
    pictures = render(SPLITS[options.split], 0, options.count, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "shape", "texture", "second"])
        for index, picture in enumerate(pictures.pixels):
            name = f"{index:05d}.png"
            Image.fromarray((picture * 255).round().byte().permute(1, 2, 0).numpy()).save(options.out / name)
            second = int(pictures.second[index])
            row = [CATEGORIES[pictures.shape[index]], CATEGORIES[pictures.texture[index]], CATEGORIES[second] if second >= 0 else ""]
            table.writerow([name, *row])
    print(f"{len(pictures)} pictures and labels.csv in {options.out}")


def run_sheet(options: argparse.Namespace) -> None:
    print(*write_sheets(options.out), sep="\n")


def run_card(options: argparse.Namespace) -> None:
    print(followed(write_card(SHIPPED, runs_dir() / "filter", options.precision)))


def run_seeds(options: argparse.Namespace) -> None:
    for seed in OTHER_SEEDS:
        folder = options.out / f"seed_{seed}" if options.out else seed_dir(seed)
        followed(measure_seed(seed, record_of(seed), folder, options.device, options.precision))
        print(record_of(seed))


def run_fingerprint(options: argparse.Namespace) -> None:
    print(*fingerprint.write(), sep="\n")


def runs_dir() -> Path:
    """Where a user's own training goes; the shipped weights are never overwritten by accident."""
    return settings.cache_dir() / "runs" / "mini"


def seed_dir(seed: int) -> Path:
    """Where the models of one training seed go."""
    return runs_dir() / f"seed_{seed}"


def followed(events: Iterable[Any]) -> Any:
    """Run to the end with a line of progress, rewritten on a terminal and every twentieth part otherwise; returns the result."""
    event, twentieth = None, -1
    for event in events:
        if not isinstance(event, Progress):
            continue
        line = f"{event.note}: {event.done} of {event.total} {event.unit}"
        if sys.stderr.isatty():
            print(f"\r{line:<100}", end="", file=sys.stderr)
        elif int(event.fraction * 20) != twentieth:
            twentieth = int(event.fraction * 20)
            print(line, file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return event


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.mini", description="The embedded miniature world.")
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("train", help="train models; finished ones are not trained again, broken-off ones go on")
    command.add_argument("--model", action="append", metavar="KEY", help=f"one of {', '.join(RECIPES)}; may be repeated (default: all)")
    command.add_argument("--seed", type=int, default=SHIPPED_SEED)
    _add_training_options(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="default: cache/runs/mini/seed_N")
    command.set_defaults(run=run_train)

    command = commands.add_parser("render", help="write pictures of a split as PNG files with a table of what is in them")
    command.add_argument("--out", type=Path, metavar="DIR", required=True)
    command.add_argument("--split", default=TEST.name, help=", ".join(SPLITS))
    command.add_argument("--count", type=int, default=64)
    command.add_argument("--seed", type=int, default=0)
    command.set_defaults(run=run_render)

    command = commands.add_parser("sheet", help="write contact sheets")
    command.add_argument("--out", type=Path, metavar="DIR", required=True)
    command.set_defaults(run=run_sheet)

    command = commands.add_parser("card", help="measure the shipped weights and write their model card")
    command.add_argument("--precision", choices=PRECISIONS, default="bfloat16", help="of the filter model, should it have to be trained")
    command.set_defaults(run=run_card)

    command = commands.add_parser("seeds", help="train the shown models with other seeds and measure the claims on them; then write the card again")
    _add_training_options(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="default: cache/runs/mini")
    command.set_defaults(run=run_seeds)

    command = commands.add_parser("fingerprint", help="store how the world looks now; only after a deliberate change of it")
    command.set_defaults(run=run_fingerprint)
    return parser


def _add_training_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", default=settings.device_name() or "cpu")
    command.add_argument("--precision", choices=PRECISIONS, default="bfloat16", help="bfloat16 is faster where the processor has it")


if __name__ == "__main__":
    sys.exit(main())
