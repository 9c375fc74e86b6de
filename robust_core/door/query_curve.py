"""How near attacks come that see decisions alone, against how often they may ask."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS
from robust_core.checks import whole
from robust_core.door.attack import norm_of
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.names import find
from robust_core.studies import query_curve as query_curves
from robust_core.studies.query_curve import MOST_QUERIES, QueryCurve, QueryCurveRequest, counts_queries

if TYPE_CHECKING:
    from robust_core.door.models import Models

QUERY_ATTACKS, QUERIES = ("hop_skip_jump", "boundary", "cgba"), 1_000


def query_curve(
    models: "Models",
    images: Any,
    attacks: "str | Sequence[str]" = QUERY_ATTACKS,
    *,
    norm: str = "l2",
    queries: int = QUERIES,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> QueryCurve:
    """How small a change decision-based attacks know after every number of queries up to `queries` for each image; they
    see the predicted class alone.

    models   a model, a key of the table, or a list of them
    images   an ImageSet, or what `load_images` takes
    attacks  "hop_skip_jump" (Chen et al. 2020), "boundary" (Brendel et al. 2018) and "cgba" (Reza et al. 2023), or some
             of them
    norm     "l2", or "linf", in which HopSkipJump alone searches

    `.frame` has a row for each model, attack and number of queries: the median distance over the images that are right
    when clean, and the fraction for which a change is known; `.figure()` draws them on log axes. The label that counts
    is the true one where it is known, else the clean prediction. Raises BadInput or UnknownName for arguments that do
    not fit, and what the models raise.

    >>> import robust_core as rc
    >>> result = rc.query_curve("mini_resnext", rc.load_images("mini", 2), "cgba", queries=60, progress=False)
    >>> result.frame[["model", "attack", "queries", "n"]].values.tolist()[-1]
    ['mini_resnext', 'CGBA', 60, 2]
    >>> result.frame["median_distance_pixel_units"].is_monotonic_decreasing
    True
    """
    found, chosen = as_images(images), choose(models)
    known = {key: row.title for key, row in ATTACKS.items() if counts_queries(row)}
    named = [attacks] if isinstance(attacks, str) else list(attacks)
    often, length = whole("queries", queries, 1, MOST_QUERIES), norm_of(norm)
    configs = tuple(
        AttackConfig(find("attack that counts queries", name, known), length, None, often, seed) for name in named
    )
    request = QueryCurveRequest(chosen.specs, found, configs)
    return drive(query_curves.run(request), progress, batch_size, "Distance against queries", chosen)
