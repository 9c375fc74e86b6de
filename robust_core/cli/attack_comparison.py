"""`attack --attack …`: what each attack of the table leaves, what it costs, and how it compares with PGD."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.precision import USUAL
from robust_core.attacks.table import get_attack
from robust_core.cli.attack_images import images_for
from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.door.attack_configs import attack_called, configs_of, lengths_of
from robust_core.errors import BadInput
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_comparison
from robust_core.studies.attack_comparison import AttackComparison, AttackComparisonRequest
from robust_core.studies.attack_outcome import ALL_ATTACKS, AttackOutcome, title_of
from robust_core.studies.study_result import Provenance

OF_PGD_STEPS = {
    "step_fraction": "--step-fraction",
    "start": "--start",
    "scoring": "--scoring",
    "check": "--check",
}


def run(options: Namespace) -> None:
    """Print a row as soon as an attack has ended, and the gaps at the end."""
    configs = _configs(options)
    minimal = any(config.row.minimal for config in configs)
    specs = tuple(map(get_spec, dict.fromkeys(options.model)))
    images = images_for(options)
    request = AttackComparisonRequest(specs, images, configs, lengths_of(options.eps) if minimal else ())
    print(f"\n{'model':<20}{'attack':<18}{'in':<12}{'left, %':<21}{'n':>5}{'seconds':>9}{'forward':>9}{'backward':>10}")
    outcomes = {spec.name: tuple(_attack(spec, config, request) for config in configs) for spec in specs}
    result = AttackComparison(Provenance.of(request), outcomes, images.ids)
    for row in result.frame.to_dict("records"):
        if row["attack"] == ALL_ATTACKS:
            _print_row(row)
    print("\nforward and backward: passes per image. In brackets: Wilson's 95% intervals.")
    print(*(f"- {sentence}" for sentence in result.sentences()), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in result.frame.to_dict("records")])


def _configs(options: Namespace) -> tuple[AttackConfig, ...]:
    """Raises BadInput for options that are of PGD's steps alone."""
    for name, flag in OF_PGD_STEPS.items():
        if getattr(options, name):
            raise BadInput(f"{flag} is of PGD's steps and cannot be used with --attack.")
    if options.eps is None and not all(get_attack(attack_called(name)).minimal for name in options.attack):
        raise BadInput("--attack needs --eps, such as 8/255.")
    return configs_of(
        options.attack,
        lengths_of(options.eps),
        options.norm,
        options.steps,
        options.seed,
        options.attack_precision or USUAL,
    )


def _attack(spec: ModelSpec, config: AttackConfig, request: AttackComparisonRequest) -> AttackOutcome:
    """One attack on one model, printed."""
    radii = request.radii_of(config) if config.row.minimal else ()
    asked = AttackComparisonRequest((spec,), request.images, (config,), radii)
    result = follow(f"{spec.key}, {title_of(config)}", attack_comparison.run(asked))
    ((found,),) = result.outcomes.values()
    for row in found.rows():
        _print_row(row)
    return found


def _print_row(row: Mapping[str, Any]) -> None:
    left, ends = row["accuracy_percent"], (row["low_percent"], row["high_percent"])
    share = "" if left is None else f"{left:.1f} [{ends[0]:.1f}, {ends[1]:.1f}]"
    who = f"{row['model']:<20}{row['attack']:<18}{row['ball']:<12}{share:<21}{row['n']:>5}"
    cost = f"{row['seconds']:>9.1f}{row['forward_passes_per_image']:>9.1f}{row['backward_passes_per_image']:>10.1f}"
    distance = row["median_distance"]
    aside = "" if distance is None or distance != distance else f"   median distance {distance:.4g}"
    print(f"{who}{cost}{aside}", flush=True)
