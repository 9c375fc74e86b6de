"""How often each 95% interval holds the truth, by simulation: `python -m tests.bench.coverage`, a few minutes.

The truth is known, as the data are drawn from it: shares; two models on the same images; cue conflicts whose shapes and
textures pull on the decision; images of different difficulty under all corruptions.
"""

import sys
import time
from collections.abc import Callable, Iterator
from math import inf, sqrt

import numpy as np

from robust_core.intervals import Interval, newcombe, wilson
from robust_core.resampling import OVER_EXEMPLARS, clustered_share, percentile_bounds, resampled_means

Bounds = tuple[float, float]
SHAPES, TEXTURES, CATEGORIES = 160, 48, 16  # exemplars of the published stimuli: 10 shapes and 3 textures a category
DECIDED = 0.65
TABLES = ((0.7, 0.1, 0.05, 0.15), (0.5, 0.2, 0.1, 0.2), (0.85, 0.05, 0.02, 0.08), (0.4, 0.02, 0.01, 0.57))
CONDITIONS = 75


def main() -> None:
    """Print every table as Markdown."""
    started, repeats = time.perf_counter(), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for title, rows in (("a share", shares), ("paired", pairs), ("shape bias", biases), ("mCE", means)):
        print(f"\n| {title} | method | covers | median width |\n|---|---|--:|--:|")
        for case, method, covers, width in rows(repeats):
            print(f"| {case} | {method} | {covers:.1%} | {width:.3f} |", flush=True)
    print(f"\n{repeats:,} repeats, {time.perf_counter() - started:.0f} s")


Row = tuple[str, str, float, float]


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
            yield f"n = {n}, {share:.0%}", "Wilson", *covered(share, found)


def pairs(repeats: int) -> Iterator[Row]:
    """Two models on the same images; the tables are the shares of images that both, the first, the second and neither
    predict correctly.
    """
    rng = np.random.default_rng(0)
    methods: dict[str, Callable[..., Bounds]] = {
        "Newcombe": lambda *counts: ends(newcombe(*counts)),
        "Tango": tango,
        "bootstrap": bootstrapped_pair,
    }
    for n in (20, 50, 100, 300):
        for table in TABLES:
            drawn = [tuple(map(int, counts)) for counts in rng.multinomial(n, table, repeats)]
            for name, method in methods.items():
                known = {counts: method(*counts) for counts in set(drawn)}
                case = f"n = {n}; {', '.join(f'{share:g}' for share in table)}"
                yield case, name, *covered(table[2] - table[1], [known[counts] for counts in drawn])


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
            rng, found = np.random.default_rng(0), {"Wilson": [], "cluster bootstrap": [], "pigeonhole": []}
            for _ in range(repeats if n < 1_000 else repeats // 2):
                votes = draw_votes(n, mean, of_shape, of_texture, rng)
                for name, method in BIAS_METHODS.items():
                    found[name].append(method(*votes))
            effects = rng.normal(mean, np.hypot(of_shape, of_texture), 2_000_000)
            truth = float((1 / (1 + np.exp(-effects))).mean())
            for name, bounds in found.items():
                yield f"n = {n}; {truth:.0%}, σ {of_shape:g} and {of_texture:g}", name, *covered(truth, bounds)


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


BIAS_METHODS = {"Wilson": wilson_bias, "cluster bootstrap": clustered_bias, "pigeonhole": pigeonhole_bias}


def means(repeats: int) -> Iterator[Row]:
    """The mean error over 75 conditions, which the mCE is up to weights, of images that differ in difficulty."""
    difficulty_of_condition = np.random.default_rng(0).normal(0, 1.2, CONDITIONS)

    def draw(n: int, rng: np.random.Generator) -> np.ndarray:
        chance = 1 / (1 + np.exp(-(rng.normal(0, 1.5, (n, 1)) + difficulty_of_condition)))
        return (rng.random((n, CONDITIONS)) < chance).mean(axis=1, keepdims=True)

    truth = float(draw(400_000, np.random.default_rng(1)).mean())
    for n in (10, 50, 500):
        rng, found = np.random.default_rng(2), {"bootstrap over images": [], "plain percentiles": [], "Wilson": []}
        for _ in range(repeats):
            scores = draw(n, rng)
            again = resampled_means(scores)[:, 0]
            found["bootstrap over images"].append(percentile_bounds(again, n) or (-inf, inf))
            found["plain percentiles"].append(tuple(np.quantile(again, [0.025, 0.975])))
            found["Wilson"].append(ends(wilson(round(scores.sum() * CONDITIONS), n * CONDITIONS)))
        for name, bounds in found.items():
            yield f"N = {n} images", name, *covered(truth, bounds)


if __name__ == "__main__":
    main()
