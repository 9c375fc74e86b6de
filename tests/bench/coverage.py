"""How often each 95% interval holds the truth, by simulation: `python -m tests.bench.coverage`, some ten minutes, puts
its tables into its section of RESULTS.md; `python -m tests.bench.coverage 50` prints those of 50 repeats.

The truth is known, as the data are drawn from it: shares; two models on the same images; cue conflicts whose shapes and
textures pull on the decision; people who differ; images of different difficulty under all corruptions, and sequences.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf, sqrt
from pathlib import Path

import numpy as np
from scipy.stats import t

from robust_core.benchmark import metrics
from robust_core.benchmark.image_means import IMAGE, Means, Statistic, means_of
from robust_core.intervals import Interval, newcombe, wilson
from robust_core.resampling import OVER_EXEMPLARS, clustered_share
from robust_core.results import BenchmarkCondition

Bounds = tuple[float, float]
Row = tuple[str, Mapping[str, list[Bounds]], float]  # a case, the bounds that each method gave it, and the truth
REPEATS = 2_000
TOO_RARELY = 0.93
RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "## How often an interval holds the truth"
SHAPES, TEXTURES, CATEGORIES = 160, 48, 16  # exemplars of the published stimuli: 10 shapes and 3 textures a category
DECIDED = 0.65
TABLES = ((0.7, 0.1, 0.05, 0.15), (0.5, 0.2, 0.1, 0.2), (0.85, 0.05, 0.02, 0.08), (0.4, 0.02, 0.01, 0.57))
SEVERITIES, FRAMES, PEOPLE = 5, 30, 10


def main() -> None:
    """Write the tables, or print those of fewer repeats."""
    started, repeats = time.perf_counter(), int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS
    parts = {title: list(rows(repeats)) for title, rows in PARTS.items()}
    tables = [table_of(title, rows) for title, rows in parts.items()]
    seconds = time.perf_counter() - started
    text = "\n\n".join((TITLE, opening(repeats, seconds), *tables, closing(parts))) + "\n"
    print(text)
    if len(sys.argv) == 1:
        write_section(text)


def write_section(text: str) -> None:
    """Put `text` in the place of the section of its title, or at the end."""
    stored = RESULTS.read_text(encoding="utf-8")
    section = re.compile(re.escape(TITLE) + r"\n.*?(?=\n## |\Z)", re.DOTALL)
    kept = section.sub(lambda _: text, stored) if section.search(stored) else f"{stored}\n{text}"
    RESULTS.write_text(kept, encoding="utf-8")


def opening(repeats: int, seconds: float) -> str:
    """What was run, and how far chance moves a number of the tables."""
    errors = " and ".join(f"{monte_carlo(0.95, n):.1f}" for n in (repeats, repeats // 2))
    return (
        f"`python -m tests.bench.coverage`, one thread, {seconds:,.0f} s, every seed fixed. A cell is how often a 95% "
        f"interval held the truth,\nand its median width in points. {repeats:,} repeats a case, {10 * repeats:,} of "
        f"single shares and {repeats // 2:,} where something is resampled, so that the\nstandard error of a coverage "
        f"near 95% is {errors} points (the second for the resampled; near 75% "
        f"{monte_carlo(0.75, repeats // 2):.1f}). The second column is the\ninterval that is shown; the others are "
        "there to compare."
    )


def monte_carlo(coverage: float, repeats: int) -> float:
    """The standard error of a simulated coverage, in points."""
    return 100 * sqrt(coverage * (1 - coverage) / repeats)


def table_of(title: str, rows: Sequence[Row]) -> str:
    """The rows as Markdown, a column for each method."""
    methods = list(rows[0][1])
    lines = [f"| {title} | {' | '.join(methods)} |", f"|---|{'--:|' * len(methods)}"]
    for case, bounds, truth in rows:
        cells = [
            f"{covers:.1%} ({100 * width:.1f})" for covers, width in (covered(truth, one) for one in bounds.values())
        ]
        lines.append(f"| {case} | {' | '.join(cells)} |")
    return "\n".join(lines)


def closing(parts: Mapping[str, Sequence[Row]]) -> str:
    """Where the intervals that are shown hold the truth too rarely."""
    shown = {
        f"{title}, {case}": covered(truth, next(iter(bounds.values())))[0]
        for title, rows in parts.items()
        for case, bounds, truth in rows
    }
    low = sorted((coverage, case) for case, coverage in shown.items() if coverage < TOO_RARELY)
    named = "\n".join(f"- {case}: {coverage:.1%}" for coverage, case in low)
    return f"Intervals that are shown and held the truth in less than {TOO_RARELY:.0%} of cases:\n\n{named}"


def covered(truth: float, bounds: list[Bounds]) -> tuple[float, float]:
    """The share of `bounds` that hold the truth, and their median width."""
    low, high = np.array(bounds).T
    return float(((low - 1e-9 <= truth) & (truth <= high + 1e-9)).mean()), float(np.median(high - low))


def ends(interval: Interval | None) -> Bounds:
    """The bounds of an interval; everything where there is none."""
    return (-inf, inf) if interval is None else (interval.low, interval.high)


def shares(repeats: int) -> Iterator[Row]:
    """Wilson's interval of a share."""
    rng = np.random.default_rng(0)
    for n in (5, 20, 100):
        for share in (0.1, 0.5, 0.9):
            found = [ends(wilson(int(count), n)) for count in rng.binomial(n, share, 10 * repeats)]
            yield f"n = {n}, {share:.0%}", {"Wilson": found}, share


def pairs(repeats: int) -> Iterator[Row]:
    """Two models on the same images; the tables are the shares of images that both, the first, the second and neither
    predict correctly.
    """
    rng = np.random.default_rng(0)
    methods: dict[str, Callable[..., Bounds]] = {
        "Newcombe": lambda *counts: ends(newcombe(*counts)),
        "Tango": tango,
        "bootstrap, plain percentiles": bootstrapped_pair,
    }
    for n in (20, 50, 100, 300):
        for table in TABLES:
            drawn = [tuple(map(int, counts)) for counts in rng.multinomial(n, table, repeats)]
            known = {counts: [method(*counts) for method in methods.values()] for counts in set(drawn)}
            columns = zip(*(known[counts] for counts in drawn), strict=True)
            case = f"n = {n}; {', '.join(f'{share:g}' for share in table)}"
            yield case, dict(zip(methods, map(list, columns), strict=True)), table[2] - table[1]


def bootstrapped_pair(*counts: int) -> Bounds:
    """The plain percentile interval of the paired bootstrap."""
    n = sum(counts)
    drawn = np.random.default_rng(0).multinomial(n, np.array(counts) / n, 1_000)
    low, high = np.quantile((drawn[:, 2] - drawn[:, 1]) / n, [0.025, 0.975])
    return float(low), float(high)


def tango(both: int, only_first: int, only_second: int, neither: int, z: float = 1.959964) -> Bounds:
    """Tango's score interval (Tango 1998, Statistics in Medicine 17: 891-908), by bisection of the score statistic."""
    n = both + only_first + only_second + neither

    def score(difference: float) -> float:
        a, c = 2 * n, -only_first * difference * (1 - difference)
        b = (2 * n - only_second + only_first) * difference - only_second - only_first
        restricted = (sqrt(max(b * b - 4 * a * c, 0)) - b) / (2 * a)
        variance = n * (2 * restricted + difference * (1 - difference))
        above = only_second - only_first - n * difference
        return above / sqrt(variance) if variance > 0 else (above > 0) * inf - (above < 0) * inf if above else 0.0

    def crossing(low: float, high: float, at: float) -> float:
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if score(middle) > at else (low, middle)
        return (low + high) / 2

    estimate = (only_second - only_first) / n
    return crossing(-1, estimate, z), crossing(estimate, 1, -z)


def biases(repeats: int) -> Iterator[Row]:
    """Shape bias where exemplars pull on the decision: logit-normal effects of each shape and of each texture."""
    for n in (16, 48, 240, 1_200):
        for mean, of_shape, of_texture in ((0, 0, 0), (-1, 0.5, 0.5), (-1, 1, 0.8), (0, 1, 1), (-3, 1, 1)):
            rng = np.random.default_rng(0)
            drawn = [draw_votes(n, mean, of_shape, of_texture, rng) for _ in range(repeats // 2)]
            effects = rng.normal(mean, np.hypot(of_shape, of_texture), 2_000_000)
            truth = float((1 / (1 + np.exp(-effects))).mean())
            found = {name: [method(*votes) for votes in drawn] for name, method in BIAS_METHODS.items()}
            yield f"n = {n}; {truth:.0%}, σ {of_shape:g} and {of_texture:g}", found, truth


def draw_votes(
    n: int, mean: float, of_shape: float, of_texture: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Votes for the shape, decided stimuli, and the exemplars of shape and of texture, (n,) each; 1,200 are arranged as
    the published ones, and fewer are a sample of them.
    """
    categories = np.repeat(np.arange(CATEGORIES), SHAPES // 2)
    shapes = np.repeat(np.arange(SHAPES), len(categories) // SHAPES)
    of_category = np.repeat(np.arange(CATEGORIES), 5) * 3
    textures = np.concatenate([rng.permutation(of_category + rng.integers(0, 3, 80)) for _ in range(CATEGORIES)])
    kept = rng.permutation(np.flatnonzero(categories != textures // 3))[:n]
    shapes, textures = shapes[kept], textures[kept]
    pull = mean + rng.normal(0, of_shape, SHAPES)[shapes] + rng.normal(0, of_texture, TEXTURES)[textures]
    decided = rng.random(len(kept)) < DECIDED
    by_shape = decided & (rng.random(len(kept)) < 1 / (1 + np.exp(-pull)))
    return by_shape.astype(float), decided.astype(float), shapes, textures


def wilson_bias(by_shape: np.ndarray, decided: np.ndarray, _shapes: np.ndarray, _textures: np.ndarray) -> Bounds:
    """As if stimuli were independent."""
    return ends(wilson(int(by_shape.sum()), int(decided.sum())))


def clustered_bias(by_shape: np.ndarray, decided: np.ndarray, shapes: np.ndarray, textures: np.ndarray) -> Bounds:
    """The product's interval."""
    clusters = [np.unique(one, return_inverse=True)[1] for one in (shapes, textures)]
    return ends(clustered_share(by_shape, decided, clusters, OVER_EXEMPLARS))


def pigeonhole_bias(by_shape: np.ndarray, decided: np.ndarray, shapes: np.ndarray, textures: np.ndarray) -> Bounds:
    """Shapes and textures drawn at once, a stimulus weighing the product (Owen 2007), plain percentiles."""
    rng, weights = np.random.default_rng(0), 1.0
    for one in (shapes, textures):
        _, clusters = np.unique(one, return_inverse=True)
        count = clusters.max() + 1
        weights = weights * rng.multinomial(count, [1 / count] * count, 400)[:, clusters]
    total = weights @ decided
    low, high = np.quantile((weights @ by_shape)[total > 0] / total[total > 0], [0.025, 0.975])
    return float(low), float(high)


BIAS_METHODS = {
    "cluster bootstrap": clustered_bias,
    "Wilson, as if independent": wilson_bias,
    "pigeonhole bootstrap": pigeonhole_bias,
}


def people(repeats: int) -> Iterator[Row]:
    """The mean share of people who differ, logit-normally, from their own shares of so many images each."""
    rng = np.random.default_rng(0)
    for n in (60, 960):
        for mean, spread in ((3.2, 0.4), (3.2, 0.8), (1, 0.5)):
            truth = float((1 / (1 + np.exp(-rng.normal(mean, spread, 2_000_000)))).mean())
            each = rng.binomial(n, 1 / (1 + np.exp(-rng.normal(mean, spread, (repeats, PEOPLE))))) / n
            pooled = [ends(wilson(round(one.sum() * n), n * PEOPLE)) for one in each]
            found = {"Student's t": list(map(student, each)), "Wilson, as if one person": pooled}
            yield f"{PEOPLE} people, {n} images each; {truth:.0%}, σ {spread:g}", found, truth


def student(of_each: np.ndarray) -> Bounds:
    """The interval of the mean of several people's shares, as it is stored with the published ones."""
    reach = float(t.ppf(0.975, len(of_each) - 1)) * of_each.std(ddof=1) / sqrt(len(of_each))
    return max(float(of_each.mean()) - reach, 0.0), min(float(of_each.mean()) + reach, 1.0)


def corruptions(repeats: int) -> Iterator[Row]:
    """Mean error, mCE and relative mCE, in shares, of images that differ in difficulty."""
    base = metrics.alexnet("ImageNet-C", "mean_error")
    rng = np.random.default_rng(0)
    by_condition = np.append(rng.normal(0, 1.2, SEVERITIES * len(base)), -2.5)  # the last without a corruption

    def draw(n: int, rng: np.random.Generator) -> Means:
        chance = 1 / (1 + np.exp(-(rng.normal(0, 1.5, (n, 1)) + by_condition)))
        wrong = rng.random((n, len(by_condition))) < chance
        return means_by_name(
            {name: wrong[:, SEVERITIES * at : SEVERITIES * (at + 1)] for at, name in enumerate([*base, ""])}
        )

    statistics: dict[str, Statistic] = {
        "mean error": lambda errors: sum(errors[name] for name in base) / len(base),
        "mCE": lambda errors: metrics.mce({name: errors[name] for name in base}),
        "relative mCE": lambda errors: metrics.relative_mce({name: errors[name] for name in base}, errors[""]),
    }
    yield from over_images(repeats, draw, statistics, "images")


def sequences(repeats: int) -> Iterator[Row]:
    """mFR, in shares, of frame sequences most of which hardly flip."""
    base = metrics.alexnet("ImageNet-P", "flip_probability")

    def draw(n: int, rng: np.random.Generator) -> Means:
        chance = 1 / (1 + np.exp(-(rng.normal(-3.5, 1.5, (n, 1)) + rng.normal(0, 0.5, (n, len(base))))))
        flips = rng.binomial(FRAMES, chance) / FRAMES
        return means_by_name({name: flips[:, at : at + 1] for at, name in enumerate(base)})

    yield from over_images(repeats, draw, {"mFR": metrics.mfr}, "sequences")


def means_by_name(scores: Mapping[str, np.ndarray]) -> Means:
    """The product's means, in percent, of the scores (N, conditions) of each name."""
    predictions, parts = {}, {}
    for name, columns in scores.items():
        parts[name] = [BenchmarkCondition.of(name=name or "clean", part=at) for at in range(columns.shape[1])]
        fields = [{IMAGE: np.arange(len(columns)), "score": 100.0 * column} for column in columns.T]
        predictions |= dict(zip(parts[name], fields, strict=True))
    return means_of(predictions, parts, lambda one: one["score"])


def over_images(
    repeats: int, draw: Callable[[int, np.random.Generator], Means], statistics: Mapping[str, Statistic], unit: str
) -> Iterator[Row]:
    """Each of the statistics by the product's bootstrap, and by the plain percentiles of the same resamples."""
    many = [draw(20_000, np.random.default_rng(seed)).values for seed in range(1, 21)]
    for n in (10, 50, 500):
        rng = np.random.default_rng(0)
        drawn = [draw(n, rng) for _ in range(repeats // 2)]
        for name, statistic in statistics.items():
            truth = float(np.mean([statistic(one) for one in many])) / 100
            found = {"bootstrap over images": [], "plain percentiles": []}
            for one in drawn:
                bounded = one.bounded(statistic, n)
                found["bootstrap over images"].append((bounded.get("low", -inf) / 100, bounded.get("high", inf) / 100))
                again = np.quantile([statistic(means) for means in one.resampled], [0.025, 0.975]) / 100
                found["plain percentiles"].append(tuple(again.tolist()))
            yield f"{name}, {n} {unit}", found, truth


PARTS: dict[str, Callable[[int], Iterator[Row]]] = {
    "a share": shares,
    "a paired difference": pairs,
    "shape bias": biases,
    "people": people,
    "corrupted images": corruptions,
    "frame sequences": sequences,
}

if __name__ == "__main__":
    main()
