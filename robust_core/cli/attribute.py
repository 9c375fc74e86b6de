"""`attribute`: every attribution method on a model, what a map costs, how well it adds up and, with --metrics, whether
it can be believed.
"""

from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

import torch

from robust_core import data
from robust_core.attributions.cascading_randomization import CascadingRandomization, randomize
from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import METHODS, Method, get_method, methods_for
from robust_core.attributions.quality import AttributionMetrics, evaluate
from robust_core.attributions.targets import PREDICTED
from robust_core.checks import whole
from robust_core.cli.peak_memory import with_peak
from robust_core.cli.tables import write_table
from robust_core.data.left_out import counted
from robust_core.data.synthetic import LARGEST_SEED, NAMES, synthetic_id
from robust_core.events import result_of
from robust_core.images import to_pixels
from robust_core.labels import MINI
from robust_core.models import load
from robust_core.models.loading import LoadedModel

COSTS = f"{'method':<20}{'seconds':>9}{'peak, MB':>10}{'gap, %':>8}{'samples':>9}{'seed r':>8}"
EVIDENCE = (
    f"{'infidelity':>12}{'best scale':>12}{'sensitivity':>13}{'insertion':>11}{'deletion':>10}{'beats random':>14}"
    f"{'after randomization':>21}"
)
MOST_IMAGES = 1_000


@dataclass(frozen=True)
class Finding:
    """One method on one image; `peak_bytes` above what was in use before, None where the system does not tell."""

    attribution: Attribution
    peak_bytes: int | None
    metrics: AttributionMetrics | None
    randomization: CascadingRandomization | None


def run(options: Namespace) -> None:
    """Print a table for each model, a row as soon as it is measured."""
    whole("--n", options.n, 1, MOST_IMAGES)
    methods = [get_method(method) for method in options.method or METHODS]
    write_table(options.out, [row for key in options.model for row in _print_table(key, methods, options)])


def _print_table(key: str, methods: Sequence[Method], options: Namespace) -> list[dict[str, object]]:
    """Print the table of one model, and return its rows as --out has them."""
    model, rows = load(key), []
    inputs = _inputs(model, options)
    over = counted(len(inputs), "image", "images")
    print(f"\n{model.spec.title} on {model.device}, medians over {over}, the predicted class, default settings")
    print(COSTS + (EVIDENCE if options.metrics else ""))
    offered = methods_for(model.spec.architecture)
    for method in methods:
        if method not in offered:
            print(f"{method.key:<20} not offered: {method.limit}")
            continue
        numbers = _numbers([_find(model, pixels, method, options.seed, options.metrics) for pixels in inputs])
        print(
            f"{method.key:<20}" + _costs(numbers) + (_evidence(numbers, len(inputs)) if options.metrics else ""),
            flush=True,
        )
        rows.append(
            {"model": key, "method": method.key, "n": len(inputs), "seed": options.seed, "device": str(model.device)}
            | numbers
        )
    return rows


def _inputs(model: LoadedModel, options: Namespace) -> list[torch.Tensor]:
    """At most `n` images as the model's inputs (1,3,H,W); prints what was recognised in a folder."""
    n, seed = options.n, options.seed
    if model.spec.label_space == MINI:
        names = [NAMES[number % len(NAMES)] for number in range(n)]
        first = seed * MOST_IMAGES
        images = [
            data.read(synthetic_id("clean", name, name, (first + number) % LARGEST_SEED))
            for number, name in enumerate(names)
        ]
    elif options.images is None:
        available = len(data.list_samples("foolbox"))
        images = [data.read(sample.id) for sample in data.draw("foolbox", min(n, available), seed)]
    else:
        found = data.labelled_images(options.images)
        print(*found.sentences, sep="\n")
        preprocess = model.spec.preprocess_for(found.centre_crop_only)
        return [to_pixels(image, preprocess)[None] for image in found.draw(n, seed)]
    return [to_pixels(image, model.spec.preprocess)[None] for image in images]


def _find(model: LoadedModel, pixels: torch.Tensor, row: Method, seed: int, with_metrics: bool) -> Finding:
    result_of(explain(model, pixels, "saliency", PREDICTED))  # what the first pass alone costs is not the method's
    attribution, peak_bytes = with_peak(model, lambda: result_of(explain(model, pixels, row.key, PREDICTED)))
    if not with_metrics:
        return Finding(attribution, peak_bytes, None, None)
    stages = randomize(model, pixels, row.key, attribution.target, attribution.settings, stages=1, seed=seed)
    return Finding(attribution, peak_bytes, result_of(evaluate(model, pixels, attribution)), result_of(stages))


def _numbers(findings: Sequence[Finding]) -> dict[str, float | int | None]:
    """What the table shows, and --out holds: medians, means and counts over the images, of the correlation with another
    seed the least; None where nothing was measured.
    """
    maps = [finding.attribution for finding in findings]
    peak_bytes = _over(max, (finding.peak_bytes for finding in findings))
    gap_fraction = _over(median, (one.gap_fraction for one in maps))
    costs = {
        "seconds": median(one.seconds for one in maps),
        "peak_mb": None if peak_bytes is None else peak_bytes / 1e6,
        "gap_percent": None if gap_fraction is None else 100 * gap_fraction,
        "samples": _over(median, (one.samples for one in maps)),
        "seed_correlation": _over(min, (one.seed_correlation for one in maps)),
    }
    metrics = [finding.metrics for finding in findings if finding.metrics is not None]
    if not metrics:
        return costs
    return costs | {
        "infidelity": _over(median, (one.infidelity.own_scale for one in metrics)),
        "infidelity_best_scale": median(one.infidelity.best_scale for one in metrics),
        "max_sensitivity": median(one.sensitivity for one in metrics),
        "insertion": mean(one.curves.insertion_area for one in metrics),
        "deletion": mean(one.curves.deletion_area for one in metrics),
        "beats_random": sum(one.controls.beaten for one in metrics if one.controls),
        "correlation_after_randomization": _over(
            mean, (finding.randomization.correlation[-1] for finding in findings if finding.randomization)
        ),
    }


def _over(summary: Callable[[list[float]], float], values: Iterable[float | None]) -> float | None:
    """The summary of the values that are there, None of none."""
    known = [value for value in values if value is not None]
    return summary(known) if known else None


def _costs(numbers: dict[str, float | int | None]) -> str:
    return (
        _number(numbers["seconds"], 9)
        + _number(numbers["peak_mb"], 10, ".0f")
        + _number(numbers["gap_percent"], 8)
        + _number(numbers["samples"], 9, ".0f")
        + _number(numbers["seed_correlation"], 8)
    )


def _evidence(numbers: dict[str, float | int | None], n: int) -> str:
    beaten = f"{numbers['beats_random']} of {n}"
    return (
        f"{_number(numbers['infidelity'], 12)}{_number(numbers['infidelity_best_scale'], 12)}"
        f"{_number(numbers['max_sensitivity'], 13)}"
        f"{_number(numbers['insertion'], 11)}{_number(numbers['deletion'], 10)}{beaten:>14}"
        f"{_number(numbers['correlation_after_randomization'], 21)}"
    )


def _number(value: float | int | None, width: int, digits: str = ".2f") -> str:
    return f"{'-' if value is None else format(value, digits):>{width}}"
