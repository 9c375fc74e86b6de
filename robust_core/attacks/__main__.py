"""Accuracy under attack from a shell: top-1 after 0 to N steps, one row for each model and eps."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from robust_core.attacks.caveats import UPPER_BOUND, Caveat, Run, caveats, make_run
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.readings import LAST_ITERATE, READINGS, Reading
from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput, RobustError
from robust_core.images import LabelledImage, to_pixels
from robust_core.labels import IMAGENET
from robust_core.models import get_spec, load
from robust_core.models.loading import LoadedModel
from robust_core.samples import labelled_files, read_file


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command (None: the process's own arguments) and return its exit code: 0, or 1 when something went wrong."""
    options = _parser().parse_args(arguments)
    try:
        _print_curves(options)
    except RobustError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.attacks", description=__doc__)
    parser.add_argument("keys", nargs="+", metavar="KEY", help="models; `python -m robust_core.models list` shows all")
    parser.add_argument("--images", required=True, type=Path, metavar="FOLDER", help="holds <wnid>/<picture>, as ImageNet does")
    parser.add_argument("--n", type=int, default=32, help="how many pictures (default: %(default)s)")
    parser.add_argument("--eps", nargs="+", type=float, default=[0.1, 0.25, 1.0], metavar="K", help="in 255ths (default: 0.1 0.25 1)")
    parser.add_argument("--steps", type=int, default=20, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--step-fraction", type=float, default=0.1, metavar="F", help="step size as a fraction of eps (default: %(default)s)")
    parser.add_argument("--start", choices=("clean", "random"), default="clean", help="(default: %(default)s)")
    parser.add_argument("--reading", choices=[r.key for r in READINGS.values() if not r.targeted_only], default=LAST_ITERATE.key)
    parser.add_argument("--seed", type=int, default=0, help="of the choice of pictures and of random starts (default: %(default)s)")
    return parser


def _print_curves(options: argparse.Namespace) -> None:
    for key in options.keys:
        if get_spec(key).label_space != IMAGENET:
            raise BadInput(f"{key} does not answer in ImageNet's classes, by which the folders are named.")
    reading, threats = READINGS[options.reading], [_threat(options, eps / 255) for eps in options.eps]
    images = _choose_images(options.images, options.n, options.seed)
    print(f"L∞, untargeted, {options.start} start, step {options.step_fraction:g}·ε; {reading.title.lower()}.")
    print(f"Top-1 in % of n = {len(images)} after k steps\n")
    print(f"{'model':<20}{'ε·255':>6}   k ={_cells(range(options.steps + 1))}")
    said: dict[Caveat, list[str]] = {}
    for key in options.keys:
        model, runs = load(key), []
        for threat in threats:
            runs.append(_attack(model, images, threat, reading))
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


def _choose_images(folder: Path, n: int, seed: int) -> list[LabelledImage]:
    """`n` labelled pictures of `folder`, drawn without replacement; prints the rule."""
    files = labelled_files(folder)
    if not 1 <= n <= len(files):
        raise BadInput(f"The number of pictures must be between 1 and the {len(files)} in the folder; got {n}.")
    places = sorted(np.random.default_rng(seed).choice(len(files), n, replace=False))
    print(f"{n} of {len(files)} pictures, drawn without replacement with seed {seed}; the folder's name is the label.")
    return [read_file(*files[place]) for place in places]


def _attack(model: LoadedModel, images: Sequence[LabelledImage], threat: ThreatModel, reading: Reading) -> Run:
    pixels = torch.stack([to_pixels(image, model.spec.preprocess) for image in images])
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
