"""What a comparison costs at most, and about how long that takes: the passes of the table times the seconds of a pass
that were measured.
"""

from robust_core.studies.attack_comparison import AttackComparisonRequest
from robust_core.ui import jobs
from robust_core.ui.pgd_steps import forecast

MOST_PASSES = 4_000_000  # of images, forward or backward, over all models of a run
FORWARD_SHARE = 1 / 3  # of a pass forward and back that its forward half takes


def passes(request: AttackComparisonRequest) -> int:
    """How often images go through models at most, forward and backward."""
    return sum(sum(one) for one in _each(request))


def seconds(request: AttackComparisonRequest) -> float | None:
    """How long that takes, without loading the models; None where one of them was never measured."""
    known = [forecast.seconds_of_a_pass(spec) for spec in request.models]
    if not all(known):
        return None
    each = _each(request)
    whole = [min(forward, backward) + FORWARD_SHARE * max(0, forward - backward) for forward, backward in each]
    per_model = len(request.attacks)
    return sum(
        one * sum(whole[place * per_model : (place + 1) * per_model])
        for place, one in enumerate(known)
        if one is not None
    )


def in_words(request: AttackComparisonRequest) -> str:
    """The forecast as a sentence."""
    forecast.measure(request.models, request.images)
    at_most = f"At most {passes(request):,} passes"
    duration = seconds(request)
    time = f", about {jobs.roughly(duration)}" if duration else ""
    return f"{at_most}{time} if no image falls; those that fall leave early."


def _each(request: AttackComparisonRequest) -> list[tuple[int, int]]:
    """The (forward, backward) passes of all images for each model and attack, those over the clean images included."""
    n, found = len(request.images), []
    for spec in request.models:
        for config in request.attacks:
            forward, backward = config.row.passes(config.steps, len(spec.label_space.names))
            found.append((n * (forward + 1), n * backward))
    return found
