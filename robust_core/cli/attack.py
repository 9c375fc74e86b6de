"""`attack`: accuracy under an L∞ attack (PGD), top-1 after 0 to N steps, one row for each model and eps."""

import math
from argparse import Namespace
from collections.abc import Generator, Iterable, Iterator, Sequence

import torch

from robust_core.attacks.caveats import UPPER_BOUND, Caveat, Run, caveats, make_run
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.readings import SCORING_RULES, ScoringRule
from robust_core.attacks.threat import ThreatModel, pixel_units
from robust_core.cli.progress import follow
from robust_core.cli.running import whole_number
from robust_core.cli.tables import percents, write_table
from robust_core.curves import only_steps
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, to_pixels
from robust_core.intervals import wilson
from robust_core.labels import IMAGENET
from robust_core.models import get_spec, load
from robust_core.models.loading import LoadedModel
from robust_core.models.spec import Preprocess
from robust_core.predictions import input_preprocess
from robust_core.samples import labelled_images

EPS = ("0.1/255", "0.25/255", "1/255")
MOST_STEPS = 10_000


def run(options: Namespace) -> None:
    """Print a row as soon as it is measured, and at the end what must be said beside the numbers."""
    rule, threats = SCORING_RULES[options.scoring], _threats(options)
    for key in options.model:
        if get_spec(key).label_space != IMAGENET:
            raise BadInput(f"{key} does not have ImageNet's classes, by which the folders are named.")
    found = labelled_images(options.images)
    print(*found.sentences, sep="\n")
    images = found.draw(options.n, options.seed)
    print(
        f"{len(images)} of {len(found.files):,} images{_fewer(options.n, len(images))}, drawn by seed {options.seed}."
    )
    _print_head(options, rule, len(images))
    runs: dict[str, list[Run]] = {}
    for key in options.model:
        model, runs[key] = load(key), []
        for threat in threats:
            runs[key].append(_attack(model, images, input_preprocess(model.spec, found.centre_crop_only), threat, rule))
            _print_row(key, runs[key][-1])
    _print_caveats(runs)
    write_table(options.out, [row for key in runs for run in runs[key] for row in _rows(key, run, options)])


def _threats(options: Namespace) -> list[ThreatModel]:
    """One for each eps; raises BadInput for numbers out of range."""
    whole_number("--steps", options.steps, 1, MOST_STEPS)
    if not 0 < options.step_fraction < math.inf:
        raise BadInput(f"--step-fraction must be above 0 and finite; got {options.step_fraction:g}.")
    return [_threat(options, pixel_units(eps)) for eps in options.eps or EPS]


def _threat(options: Namespace, eps: float) -> ThreatModel:
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


def _attack(
    model: LoadedModel, images: Sequence[LabelledImage], preprocess: Preprocess, threat: ThreatModel, rule: ScoringRule
) -> Run:
    pixels = torch.stack([to_pixels(image, preprocess) for image in images])

    def attack() -> Generator[Progress, None, Run]:
        steps: list[AttackStep] = []
        for step in only_steps(pgd(model, pixels, [image.label for image in images], threat)):
            steps.append(step)
            yield Progress(step.step, threat.steps, "steps")
        return make_run(steps, rule)

    return follow(f"{model.spec.key} at {255 * threat.eps:g}/255", attack())


def _fewer(n: int, drawn: int) -> str:
    return f" ({n} were requested)" if n > drawn else ""


def _print_head(options: Namespace, rule: ScoringRule, n: int) -> None:
    print(f"L∞, untargeted, {options.start} start, step {options.step_fraction:g}·ε; {rule.title.lower()}.")
    print(f"Top-1 in % of n = {n} after k steps\n")
    print(f"{'model':<20}{'ε·255':>6}   k ={_cells(range(options.steps + 1))}")


def _print_row(key: str, run: Run) -> None:
    top1_percent = run.counted.float().mean(1) * 100
    print(
        f"{key:<20}{run.threat.eps * 255:>6g}      {_cells(f'{percent:.0f}' for percent in top1_percent)}", flush=True
    )


def _print_caveats(runs: dict[str, list[Run]]) -> None:
    said: dict[Caveat, list[str]] = {}
    for key, of_model in runs.items():
        for run in of_model:
            for caveat in caveats(run, of_model):
                said.setdefault(caveat, []).append(f"{key} at {run.threat.eps * 255:g}")
    print(f"\n{UPPER_BOUND}")
    rows = sum(map(len, runs.values()))
    for caveat, where in said.items():
        print(f"- {caveat.sentence} ({'all rows' if len(where) == rows else ', '.join(where)})")


def _cells(values: Iterable[object]) -> str:
    return "".join(f"{value:>4}" for value in values)


def _rows(key: str, run: Run, options: Namespace) -> Iterator[dict[str, object]]:
    """One for each step."""
    how = {
        "norm": run.threat.norm,
        "eps": run.threat.eps,
        "step_size": run.threat.step_size,
        "start": run.threat.start,
        "scoring": options.scoring,
    }
    for step, counted in enumerate(run.counted):
        accuracy = percents("top1", wilson(int(counted.sum()), len(counted)))
        yield {"model": key} | how | {"seed": options.seed, "n": len(counted), "step": step} | accuracy
