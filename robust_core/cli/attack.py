"""`attack`: accuracy under an L∞ attack (PGD), top-1 after 0 to N steps, one row for each model and eps; with --check
also whether it can be believed. With --attack it compares attacks instead.
"""

import math
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from robust_core.attacks.caveats import UPPER_BOUND, Caveat, Run, make_run
from robust_core.attacks.precision import PRECISIONS, USUAL
from robust_core.attacks.scoring import SCORING_RULES, ScoringRule
from robust_core.attacks.threat import ThreatModel, pixel_units
from robust_core.checks import whole
from robust_core.cli import attack_comparison
from robust_core.cli.attack_images import images_for
from robust_core.cli.progress import follow
from robust_core.cli.tables import percents, write_table
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.intervals import wilson
from robust_core.models import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_checks, attack_curve
from robust_core.studies.attack_checks import AttackChecks, AttackChecksRequest
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest, Trajectory
from robust_core.studies.study_result import Provenance

PGD = {  # what its options are where nothing else is said
    "eps": ("0.1/255", "0.25/255", "1/255"),
    "steps": 20,
    "step_fraction": 0.1,
    "start": "clean",
    "scoring": "last_iterate",
    "attack_precision": USUAL,
}
MOST_STEPS = 10_000


def run(options: Namespace) -> None:
    """Print a row as soon as it is measured, and at the end what must be said beside the numbers."""
    if options.attack:
        attack_comparison.run(options)
    else:
        unsaid = {name: usual for name, usual in PGD.items() if getattr(options, name) is None}
        _run_pgd(Namespace(**(vars(options) | unsaid)))


def _run_pgd(options: Namespace) -> None:
    if options.norm != "linf":
        raise BadInput(f"PGD's steps are shown in L∞; name --attack pgd for --norm {options.norm}.")
    rule, threats = SCORING_RULES[options.scoring], _threats(options)
    images = images_for(options)
    _print_head(options, rule, len(images))
    request = AttackCurveRequest(tuple(map(get_spec, dict.fromkeys(options.model))), images, tuple(threats))
    curve = AttackCurve(Provenance.of(request), {}, rule, images.ids)
    for spec in request.models:
        attacked = [_attack(spec, images, threat, rule) for threat in threats]
        curve = replace(curve, trajectories={**curve.trajectories, spec.name: tuple(attacked)})
    _print_caveats(curve)
    rows = [row for of_model in curve.trajectories.values() for one in of_model for row in _rows(one, rule, options)]
    if options.check:
        checks = follow("checks", attack_checks.run(AttackChecksRequest.of_attack(request, rule), curve))
        _print_checks(checks)
        rows += checks.frame.to_dict("records")
    write_table(options.out, rows)


def _threats(options: Namespace) -> list[ThreatModel]:
    """One for each eps; raises BadInput for numbers out of range."""
    whole("--steps", options.steps, 1, MOST_STEPS)
    if not 0 < options.step_fraction < math.inf:
        raise BadInput(f"--step-fraction must be above 0 and finite; got {options.step_fraction:g}.")
    return [_threat(options, eps) for eps in dict.fromkeys(map(pixel_units, options.eps))]


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
        precision=options.attack_precision,
    )


def _attack(spec: ModelSpec, images: ImageSet, threat: ThreatModel, rule: ScoringRule) -> Trajectory:
    request = AttackCurveRequest((spec,), images, (threat,))
    curve = follow(f"{spec.key} at {threat.eps_text}", attack_curve.run(request, rule))
    (found,) = curve.trajectories[spec.name]
    _print_row(spec.key, make_run(found.steps, rule))
    return found


def _print_head(options: Namespace, rule: ScoringRule, n: int) -> None:
    print(f"L∞, untargeted, {options.start} start, step {options.step_fraction:g}·ε; {rule.title.lower()}.")
    if numbers := PRECISIONS[options.attack_precision].protocol:
        print(f"Precision: {numbers}.")
    print(f"Top-1 in % of n = {n} after k steps\n")
    print(f"{'model':<20}{'ε·255':>6}   k ={_cells(range(options.steps + 1))}")


def _print_row(key: str, run: Run) -> None:
    top1_percent = run.counted.float().mean(1) * 100
    print(
        f"{key:<20}{run.threat.eps * 255:>6g}      {_cells(f'{percent:.0f}' for percent in top1_percent)}", flush=True
    )


def _print_caveats(curve: AttackCurve) -> None:
    said: dict[Caveat, list[str]] = {}
    for (name, eps), of_run in curve.caveats.items():
        for caveat in of_run:
            said.setdefault(caveat, []).append(f"{name} at {eps * 255:g}")
    print(f"\n{UPPER_BOUND}")
    for caveat, where in said.items():
        print(f"- {caveat} ({'all rows' if len(where) == len(curve.caveats) else ', '.join(where)})")
    for note in curve.notes:
        print(f"- {note}")


def _print_checks(checks: AttackChecks) -> None:
    print("\nFurther attacks on the images that no step breaks\n")
    print(f"{'model':<20}{'ε·255':>6}   {'broken':<12}check")
    for one in checks.checked:
        spec, threat = one.trajectory.spec, one.trajectory.threat
        for outcome in one.outcomes:
            counts = f"{sum(outcome.broken)} of {len(outcome.broken)}"
            print(f"{spec.key:<20}{threat.eps * 255:>6g}   {counts:<12}{outcome.title}")
    print()
    for one in checks.checked:
        where = f"{one.trajectory.spec.key} at {one.trajectory.threat.eps * 255:g}"
        for outcome in one.outcomes:
            if outcome.fires or outcome.refusal:
                print(f"- {where}: {outcome.sentence} [{outcome.check.source}]")
        print(f"- {where}: accuracy over the attack and all checks: {one.worst_case}, still an upper bound.")


def _cells(values: Iterable[object]) -> str:
    return "".join(f"{value:>4}" for value in values)


def _rows(trajectory: Trajectory, rule: ScoringRule, options: Namespace) -> Iterator[dict[str, Any]]:
    """One for each step."""
    run = make_run(trajectory.steps, rule)
    how = {
        "norm": run.threat.norm,
        "eps": run.threat.eps,
        "step_size": run.threat.step_size,
        "start": run.threat.start,
        "scoring": options.scoring,
        "precision": options.attack_precision,
    }
    for step, counted in enumerate(run.counted):
        accuracy = percents("top1", wilson(int(counted.sum()), len(counted)))
        yield {"model": trajectory.spec.key} | how | {"seed": options.seed, "n": len(counted), "step": step} | accuracy
