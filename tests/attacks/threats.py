"""A threat model that tests vary one field at a time."""

from dataclasses import replace

from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.threat import ThreatModel

_BASE = ThreatModel(
    norm="linf",
    eps=8 / 255,
    step_size=2 / 255,
    steps=10,
    aim="untargeted",
    start="clean",
    restarts=1,
    stop_at_success=False,
    seed=0,
)


def threat(**changes) -> ThreatModel:
    """L∞ at 8/255, ten untargeted steps of 2/255 from the clean image, but for `changes`."""
    return replace(_BASE, **changes)


def attack(*arguments, **options) -> list[AttackStep]:
    """Every step of `pgd`, without the Progress between batches."""
    return [event for event in pgd(*arguments, **options) if isinstance(event, AttackStep)]
