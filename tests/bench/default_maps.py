"""Attributions computed anew, as the server does for a visitor who is alone: seconds to the first map, for the page's
first methods on three EfficientNet-Lite networks, for all methods on all three, and for the evidence about one map.

    python -m tests.bench.default_maps
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from robust_core.allocator import keep_freed_memory
from robust_core.attributions.methods import METHODS, methods_for
from robust_core.events import result_of
from robust_core.labels import IMAGENET
from robust_core.recordings.shipped import maps_request
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import AttributionRequest, MapMetricsRequest
from robust_core.ui.attributions.map_controls import FIRST_METHODS


def maps(methods: Sequence[str]) -> AttributionRequest:
    """These methods on the photo and the models that the page begins with, without evidence."""
    return replace(maps_request(IMAGENET), methods=tuple((key, ()) for key in methods), metrics=False)


def explain(request: AttributionRequest) -> float:
    """Seconds for all maps that these models can have."""
    begun = time.perf_counter()
    for part in (part for spec in request.models for part in request.of(spec).parts()):
        if METHODS[part.method] in methods_for(part.spec.architecture):
            result_of(attribution_maps.explain(part))
    return time.perf_counter() - begun


def weigh(request: AttributionRequest) -> float:
    """Seconds for the evidence about the first map."""
    part = request.of(request.models[0]).parts()[0]
    found = result_of(attribution_maps.explain(part))
    begun = time.perf_counter()
    result_of(attribution_maps.evaluate(part.asking(MapMetricsRequest, controls=False), found))
    return time.perf_counter() - begun


def main() -> None:
    """Print a table; what is warm has been asked for once before."""
    keep_freed_memory()
    first = maps(FIRST_METHODS)
    one = replace(first, models=first.models[:1])
    print(f"{torch.get_num_threads()} CPU thread(s), PyTorch {torch.__version__}\n")
    print("| maps | seconds |\n|---|--:|")
    print(f"| the first one, of a model that is not loaded | {explain(one):.2f} |")
    print(f"| the same, warm | {explain(one):.2f} |")
    print(
        f"| {', '.join(METHODS[key].title for key in FIRST_METHODS)} on three models, two not loaded | {explain(first):.2f} |"
    )
    print(f"| the same, warm | {explain(first):.2f} |")
    print(f"| evidence about one, without random maps | {weigh(one):.2f} |", flush=True)
    for key in METHODS:
        print(f"| {METHODS[key].title} on three models | {explain(maps([key])):.2f} |", flush=True)


if __name__ == "__main__":
    main()
