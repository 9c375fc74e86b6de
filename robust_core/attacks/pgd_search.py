"""PGD as a row of the table: the trajectory of `pgd`, from the clean image, whose first success is kept, or its last
where the search is to persist.
"""

from collections.abc import Generator
from contextlib import closing

from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.search import Search, Standing
from robust_core.attacks.threat import ThreatModel
from robust_core.events import Progress

STEPS_TO_CROSS = 2.5  # all steps together, in radii; as Madry et al. 2018


def run(search: Search) -> Generator[Progress | Standing, None, None]:
    """Every step from the clean image on, of 2.5 · eps / steps each."""
    places, config = search.active, search.config
    assert config.norm in ("linf", "l2")  # the row's
    threat = ThreatModel(
        norm=config.norm,
        eps=search.eps,
        step_size=STEPS_TO_CROSS * search.eps / config.steps,
        steps=config.steps,
        aim="untargeted",
        start="clean",
        restarts=1,
        stop_at_success=not search.persist,
        seed=config.seed,
    )
    clean, labels = search.clean[places], search.labels[places].tolist()
    indices = [search.indices[place] for place in places.tolist()]
    steps = pgd(search.model, clean, labels, threat, indices=indices, keep=range(len(places)))
    with closing(steps) as events:
        for event in events:
            if not isinstance(event, AttackStep):
                yield event
                continue
            search.take(places, event.pixels.to(clean), event.label)
            yield search.standing(event.step)
