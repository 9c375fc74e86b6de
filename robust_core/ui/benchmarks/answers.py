"""What a view says in a sentence or two, above its figure."""

from collections.abc import Sequence

from robust_core.benchmark.leaderboard import METRICS, Board, ranked
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks.choice import PAPER
from robust_core.ui.benchmarks.fitted_line import Line, Pair
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import in_figures, sentence, value_of

MINUS = "\N{MINUS SIGN}"


def in_words(upward: Board, pairs: Sequence[Pair], known: dict[str, Known], line: Line | None) -> str:
    """The paper's networks on the vertical board, and how far they are from the line; the best model where they are not
    among `pairs`.
    """
    of_model = {x.model: (x, y) for x, y in pairs}
    plain, *weak = (of_model.get(model) for model in PAPER)
    if plain is None or None in weak:
        return _best(upward, pairs, known)
    low, high = sorted((y.value for _, y in weak))[:: len(weak) - 1]
    said = (
        f"ResNeXt-101 pre-trained on Instagram photos (WSL): **{low:.1f}–{high:.1f}{upward.unit}** on "
        f"{words.plain(upward.benchmark)}. Without WSL: **{value_of(plain[1])}**. "
        f"{_how_sure([y for _, y in (plain, *weak)])}"
    )
    if line is None:
        return said
    least, most = sorted(float(line.robustness(x.value, y.value)) for x, y in weak)[:: len(weak) - 1]
    alone = float(line.robustness(*(one.value for one in plain)))
    return (
        f"{said} Better than the line predicts (effective robustness): **{signed(least)} to {signed(most)} points** "
        f"with WSL, {signed(alone)} without."
    )


def _how_sure(rows: Sequence[Result]) -> str:
    """The n of all `rows`, and how far their intervals reach at most where all have one."""
    reach = [abs(bound - row.value) for row in rows for bound in row.bounds or ()]
    intervals = f"; 95% intervals within ±{max(reach):.1f} points" if all(row.bounds for row in rows) else ""
    return f"n = {in_figures(rows)} images each{intervals}."


def signed(points: float) -> str:
    """A difference with its sign: "+1.5", "−0.8"."""
    return f"{points:+.1f}".replace("-", MINUS)


def _best(upward: Board, pairs: Sequence[Pair], known: dict[str, Known]) -> str:
    best = ranked([y for _, y in pairs], upward)[0].result
    what = "Highest" if METRICS[upward.metric].higher_is_better is None else "Best"
    return (
        f"{what} of {words.count(len(pairs), 'model')} on {words.plain(upward.benchmark)}: "
        f"**{words.plain(known[best.model].title)}**, {sentence(best)}."
    )
