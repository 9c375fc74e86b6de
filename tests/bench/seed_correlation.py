"""How closely another seed draws the map of each method that draws, at its default, on real networks.

    ROBUST_LAB_TEST_DATA=… python -m tests.bench.seed_correlation [--photos 3]

EfficientNet-Lite0, and with test data SqueezeNet 1.0 and MobileNetV2, on photos of Foolbox, the predicted class.
`promised` is what a map says of itself from halves of its draws, `measured` is Pearson's correlation of the maps of two
seeds; the least over the photos. Nothing is asserted.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torchvision.models import get_model

import robust_core as rc
from robust_core import data
from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import PREDICTED
from robust_core.events import result_of
from robust_core.images import to_pixels
from robust_core.models import load
from robust_core.models.loading import LoadedModel

TEST_DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
FILES = {
    "squeezenet1_0": "squeezenet1_0_deepcompression-23354a22.pth",
    "mobilenet_v2": "mobilenet_v2_tfslim_qat-9ede40be.pth",
}


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.seed_correlation", description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=3)
    photos = data.draw("foolbox", parser.parse_args().photos, 0)
    print("| model | method | samples | promised r | measured r | gap, % | seconds |\n|---|---|--:|--:|--:|--:|--:|")
    for model in _models():
        inputs = [to_pixels(data.read(photo.id), model.spec.preprocess)[None] for photo in photos]
        for method in (row.key for row in METHODS.values() if row.draws):
            pairs = [[_map(model, pixels, method, seed) for seed in (0, 1)] for pixels in inputs]
            print(f"| {model.spec.name} | {method} | {_row(pairs)} |", flush=True)


def _models() -> Iterator[LoadedModel]:
    yield load("efficientnet_lite0")
    for architecture, file in FILES.items() if TEST_DATA else ():
        network = get_model(architecture)
        network.load_state_dict(torch.load(Path(TEST_DATA) / "weights" / file, weights_only=True))
        yield rc.wrap(network, name=architecture)


def _map(model: LoadedModel, pixels: torch.Tensor, method: str, seed: int) -> Attribution:
    return result_of(explain(model, pixels, method, PREDICTED, seed=seed))


def _row(pairs: list[list[Attribution]]) -> str:
    maps = [one for pair in pairs for one in pair]
    measured = min(np.corrcoef(one.map.ravel(), other.map.ravel())[0, 1] for one, other in pairs)
    gaps = [one.gap_fraction for one in maps if one.gap_fraction is not None]
    return " | ".join(
        (
            f"{min(one.samples for one in maps)} to {max(one.samples for one in maps)}",
            f"{min(one.seed_correlation for one in maps):.2f}",
            f"{measured:.2f}",
            f"{100 * max(gaps):.1f}" if gaps else "-",
            f"{median(one.seconds for one in maps):.1f}",
        )
    )


if __name__ == "__main__":
    main()
