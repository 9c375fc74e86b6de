"""Accuracy under attack from a shell: top-1 after 0 to N steps, one row for each model and eps."""

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from robust_core.attacks.caveats import UPPER_BOUND, Caveat, Run, caveats, make_run
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.readings import LAST_ITERATE, READINGS, Reading
from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput
from robust_core.images import LabelledImage, to_pixels
from robust_core.labels import IMAGENET
from robust_core.models import get_spec, load
from robust_core.models.loading import LoadedModel
from robust_core.models.spec import Preprocess
from robust_core.predictions import input_preprocess
from robust_core.samples import LabelledImages, labelled_images
from robust_core.terminal import run_command, whole_number

MOST_STEPS = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""
    return run_command(lambda: _print_curves(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.attacks", description=__doc__)
    parser.add_argument("keys", nargs="+", metavar="KEY", help="models; `python -m robust_core.models list` shows all")
    parser.add_argument("--images", required=True, type=Path, metavar="FOLDER", help="a data set, or <wnid>/<picture> as ImageNet has it")
    parser.add_argument("--n", type=int, default=32, help="how many pictures, or all where there are fewer (default: %(default)s)")
    parser.add_argument("--eps", nargs="+", type=float, default=[0.1, 0.25, 1.0], metavar="K", help="in 255ths (default: 0.1 0.25 1)")
    parser.add_argument("--steps", type=int, default=20, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--step-fraction", type=float, default=0.1, metavar="F", help="step size as a fraction of eps (default: %(default)s)")
    parser.add_argument("--start", choices=("clean", "random"), default="clean", help="(default: %(default)s)")
    parser.add_argument("--reading", choices=[r.key for r in READINGS.values() if not r.targeted_only], default=LAST_ITERATE.key)
    parser.add_argument("--seed", type=int, default=0, help="of the choice of pictures and of random starts (default: %(default)s)")
    return parser


def _print_curves(options: argparse.Namespace) -> None:
    _check_numbers(options)
    for key in options.keys:
        if get_spec(key).label_space != IMAGENET:
            raise BadInput(f"{key} does not answer in ImageNet's classes, by which the folders are named.")
    reading, threats = READINGS[options.reading], [_threat(options, eps / 255) for eps in options.eps]
    found = labelled_images(options.images)
    images = _choose_images(found, options.n, options.seed)
    print(f"L∞, untargeted, {options.start} start, step {options.step_fraction:g}·ε; {reading.title.lower()}.")
    print(f"Top-1 in % of n = {len(images)} after k steps\n")
    print(f"{'model':<20}{'ε·255':>6}   k ={_cells(range(options.steps + 1))}")
    said: dict[Caveat, list[str]] = {}
    for key in options.keys:
        model, runs = load(key), []
        for threat in threats:
            runs.append(_attack(model, images, input_preprocess(model.spec, found.centre_crop_only), threat, reading))
            top1_percent = runs[-1].counted.float().mean(1) * 100
            print(f"{key:<20}{threat.eps * 255:>6g}      {_cells(f'{percent:.0f}' for percent in top1_percent)}", flush=True)
        for run in runs:
            for caveat in caveats(run, runs):
                said.setdefault(caveat, []).append(f"{key} at {run.threat.eps * 255:g}")
    _print_caveats(said, rows=len(options.keys) * len(threats))


def _print_caveats(said: dict[Caveat, list[str]], rows: int) -> None:
    print(f"\n{UPPER_BOUND}")
    for caveat, where in said.items():
        print(f"- {caveat.sentence} ({'all rows' if len(where) == rows else ', '.join(where)})")


def _cells(values: Iterable[object]) -> str:
    return "".join(f"{value:>4}" for value in values)


def _check_numbers(options: argparse.Namespace) -> None:
    """Refuse numbers out of range in the units in which they were given."""
    whole_number("--n", options.n, 1)
    whole_number("--steps", options.steps, 1, MOST_STEPS)
    whole_number("--seed", options.seed, 0)
    for eps in options.eps:
        if not 0 <= eps <= 255:
            raise BadInput(f"--eps must be at least 0 and at most 255, in 255ths; got {eps:g}.")
    if not 0 < options.step_fraction < math.inf:
        raise BadInput(f"--step-fraction must be above 0 and finite; got {options.step_fraction:g}.")


def _choose_images(found: LabelledImages, n: int, seed: int) -> list[LabelledImage]:
    """At most `n` images, drawn without replacement; prints what was recognised and the rule."""
    available = len(found.files)
    drawn = min(n, available)
    places = sorted(np.random.default_rng(seed).choice(available, drawn, replace=False))
    fewer = f" ({n} were asked for)" if n > available else ""
    print(*found.sentences, sep="\n")
    print(f"{drawn} of {available:,} pictures{fewer}, drawn without replacement with seed {seed}; the folder's name is the label.")
    return found.read_all(found.files[place] for place in places)


def _attack(model: LoadedModel, images: Sequence[LabelledImage], preprocess: Preprocess, threat: ThreatModel, reading: Reading) -> Run:
    pixels = torch.stack([to_pixels(image, preprocess) for image in images])
    events = pgd(model, pixels, [image.label for image in images], threat)
    return make_run([event for event in events if isinstance(event, AttackStep)], reading)


def _threat(options: argparse.Namespace, eps: float) -> ThreatModel:
    return ThreatModel.relative(
        norm="linf",
        eps=eps,
        step_fraction=options.step_fraction,
        steps=options.steps,
        aim="untargeted",
        start=options.start,
        restarts=1,
        stop_at_success=False,
        seed=options.seed,
    )


if __name__ == "__main__":
    sys.exit(main())
