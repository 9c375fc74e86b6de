"""`attribute`: every attribution method on a model, what a map costs, how well it adds up and, with --metrics, whether
it can be believed.
"""

from argparse import Namespace
from collections.abc import Sequence
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
from robust_core.data.synthetic import LARGEST_SEED, NAMES, synthetic_id
from robust_core.events import result_of
from robust_core.images import to_pixels
from robust_core.labels import MINI
from robust_core.models import load
from robust_core.models.loading import LoadedModel

COSTS = f"{'method':<20}{'seconds':>9}{'peak, MB':>10}{'gap, %':>8}"
EVIDENCE = (
    f"{'infidelity':>12}{'sensitivity':>13}{'insertion':>11}{'deletion':>10}{'beats random':>14}"
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
    print(
        f"\n{model.spec.title} on {model.device}, medians over {len(inputs)} images, the predicted class, default "
        "settings"
    )
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
    """What the table shows, and --out holds: medians, means and counts over the images; None where nothing was
    measured.
    """
    peaks = [finding.peak_bytes for finding in findings if finding.peak_bytes is not None]
    gaps = [finding.attribution.gap_fraction for finding in findings if finding.attribution.gap_fraction is not None]
    costs = {
        "seconds": median(finding.attribution.seconds for finding in findings),
        "peak_mb": max(peaks) / 1e6 if peaks else None,
        "gap_percent": 100 * median(gaps) if gaps else None,
    }
    metrics_by_method = [finding.metrics for finding in findings if finding.metrics is not None]
    correlations = [
        finding.randomization.correlation[-1]
        for finding in findings
        if finding.randomization and finding.randomization.correlation[-1] is not None
    ]
    if not metrics_by_method:
        return costs
    return costs | {
        "infidelity": median(metrics.infidelity for metrics in metrics_by_method),
        "max_sensitivity": median(metrics.sensitivity for metrics in metrics_by_method),
        "insertion": mean(metrics.curves.insertion_area for metrics in metrics_by_method),
        "deletion": mean(metrics.curves.deletion_area for metrics in metrics_by_method),
        "beats_random": sum(metrics.beats_random for metrics in metrics_by_method),
        "correlation_after_randomization": mean(correlations) if correlations else None,
    }


def _costs(numbers: dict[str, float | int | None]) -> str:
    peak, gap = numbers["peak_mb"], numbers["gap_percent"]
    costs = f"{'?' if peak is None else f'{peak:.0f}':>10}{'-' if gap is None else f'{gap:.2f}':>8}"
    return f"{numbers['seconds']:>9.2f}{costs}"


def _evidence(numbers: dict[str, float | int | None], n: int) -> str:
    correlation = numbers["correlation_after_randomization"]
    beaten = f"{numbers['beats_random']} of {n}"
    return (
        f"{numbers['infidelity']:>12.2f}{numbers['max_sensitivity']:>13.2f}{numbers['insertion']:>11.2f}{numbers['deletion']:>10.2f}"
        f"{beaten:>14}{'-' if correlation is None else f'{correlation:.2f}':>21}"
    )
