"""`attack`: accuracy under an L∞ attack (PGD), top-1 after 0 to N steps, one row for each model and eps."""

import math
from argparse import Namespace
from collections.abc import Iterable, Iterator

from robust_core.attacks.caveats import UPPER_BOUND, Caveat, Run, caveats, make_run
from robust_core.attacks.scoring import SCORING_RULES, ScoringRule
from robust_core.attacks.threat import ThreatModel, pixel_units
from robust_core.cli.progress import follow
from robust_core.cli.running import whole_number
from robust_core.cli.tables import percents, write_table
from robust_core.data import labelled_images
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.intervals import wilson
from robust_core.labels import IMAGENET
from robust_core.models import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest

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
    images = ImageSet.of(found.draw(options.n, options.seed), found.title, f"Drawn by seed {options.seed}.")
    print(
        f"{len(images)} of {len(found.files):,} images{_fewer(options.n, len(images))}, drawn by seed {options.seed}."
    )
    _print_head(options, rule, len(images))
    runs: dict[str, list[Run]] = {}
    for key in options.model:
        runs[key] = []
        for threat in threats:
            runs[key].append(_attack(get_spec(key), images, threat, rule))
            _print_row(key, runs[key][-1])
    _print_caveats(runs)
    write_table(options.out, [row for key in runs for run in runs[key] for row in _rows(key, run, options)])


def _threats(options: Namespace) -> list[ThreatModel]:
    """One for each eps; raises BadInput for numbers out of range."""
    whole_number("--steps", options.steps, 1, MOST_STEPS)
    if not 0 < options.step_fraction < math.inf:
        raise BadInput(f"--step-fraction must be above 0 and finite; got {options.step_fraction:g}.")
    return [_threat(options, _radius(eps)) for eps in options.eps or EPS]


def _radius(eps: str) -> float:
    """In pixel units; raises BadInput, for a fraction in the words of its writer, outside 0 to 1."""
    length = pixel_units(eps)
    if "/" in eps and not 0 <= length <= 1:
        raise BadInput(f"eps must be at least 0 and at most 1, in pixel units; got {eps}.")
    return length


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


def _attack(spec: ModelSpec, images: ImageSet, threat: ThreatModel, rule: ScoringRule) -> Run:
    request = AttackCurveRequest((spec,), images, (threat,))
    curve = follow(f"{spec.key} at {threat.eps_text}", attack_curve.run(request, rule))
    return make_run(curve.trajectories[spec.name][0].steps, rule)


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
