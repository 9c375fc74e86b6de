"""From labelled images through every layout and the real SqueezeNet to numbers, beside a computation that shares
no code with it.
"""

import csv
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms
from torchvision.models import squeezenet1_0

from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import run
from robust_core.events import result_of
from robust_core.labels import CLASSES, IMAGENET_A
from robust_core.models import imports
from robust_core.settings import SHIPPED_CACHE
from tests.benchmark.trees import photographs, write_by_wnid, write_imagenet_c, write_imagenet_p

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="needs ROBUST_LAB_TEST_DATA")

CORRUPTIONS, SEVERITIES, PERTURBATIONS = (
    ("gaussian_noise", "jpeg_compression"),
    (1, 2, 3, 4, 5),
    ("gaussian_noise", "translate"),
)
REFERENCE_FRAME = {"gaussian_noise": "first", "translate": "previous"}
LABEL_OF = {row.wnid: row.index for row in CLASSES}
CROP = [
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
]
RESIZE_AND_CROP = [transforms.Resize(256), *CROP]


@pytest.fixture(scope="module")
def weights():
    (path,) = Path(DATA, "weights").glob("squeezenet1_0_deepcompression*.pth")
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_by_wnid(root / "val", photographs(24))
    write_by_wnid(root / "imagenet-a", photographs(24, IMAGENET_A))
    write_imagenet_c(root / "imagenet-c", photographs(4), CORRUPTIONS, SEVERITIES)
    write_imagenet_p(root / "imagenet-p", photographs(2), PERTURBATIONS)
    return root


@pytest.fixture
def measured(weights, data, tmp_path, monkeypatch):
    """Imports the weights as users do, runs an experiment and gives its numbers, and of how many images."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    imports.import_file(weights, "squeezenet1_0", "squeezenet_of_the_tree", "SqueezeNet")

    def measured(key):
        results = result_of(run(RunConfig(key, "squeezenet_of_the_tree", data), store=tmp_path / "store")).results
        return {(one.condition, one.metric): one.value for one in results}, {one.n for one in results}

    return measured


@pytest.fixture(scope="module")
def logits_of(weights):
    network = squeezenet1_0()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()

    def logits_of(path, steps):
        with torch.inference_mode():
            return network(transforms.Compose(steps)(Image.open(path).convert("RGB"))[None])[0].double().numpy()

    return logits_of


def ranked(logits):
    return np.argsort(-logits, kind="stable")


def percent(bits):
    return 100 * sum(bits) / len(bits)


def alexnets(benchmark, metric):
    """AlexNet's published numbers by corruption or perturbation, read from the table itself."""
    with (SHIPPED_CACHE / "published" / "hendrycks_alexnet.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["benchmark"], row["metric"]) == (benchmark, metric)]
    return {row["condition"].partition("=")[2]: float(row["value"]) for row in rows}


def test_the_validation_set(measured, data, logits_of):
    first, first_five = [], []
    for path in sorted((data / "val").glob("*/*")):
        config = ranked(logits_of(path, RESIZE_AND_CROP))
        first.append(LABEL_OF[path.parent.name] == config[0])
        first_five.append(LABEL_OF[path.parent.name] in config[:5])
    found, n = measured("imagenet")
    assert found == {("", "top1"): pytest.approx(percent(first)), ("", "top5"): pytest.approx(percent(first_five))}
    assert n == {24}
    assert 40 < found["", "top1"] < found["", "top5"], "a real network on real images"


def test_imagenet_c(measured, data, logits_of):
    wrong = defaultdict(list)
    for path in sorted((data / "imagenet-c").glob("*/*/*/*")):
        corruption, severity, wnid = path.parts[-4:-1]
        wrong[corruption, severity].append(ranked(logits_of(path, CROP))[0] != LABEL_OF[wnid])
    expected = {
        (f"corruption={name} severity={severity}", "top1_error"): percent(bits)
        for (name, severity), bits in wrong.items()
    }
    alexnet = alexnets("ImageNet-C", "mean_error")
    for name in CORRUPTIONS:
        mean = np.mean([percent(wrong[name, str(severity)]) for severity in SEVERITIES])
        expected |= {
            (f"corruption={name}", "mean_error"): mean,
            (f"corruption={name}", "ce"): 100 * mean / alexnet[name],
        }
    found, n = measured("imagenet_c")
    assert found == pytest.approx(expected)
    assert n == {4}


def moved(before, after):
    """How far the first five classes of one frame move to the next, in ranks: what lies beyond the fifth place counts
    as the sixth.
    """
    places = after.tolist()
    return sum(abs(place - min(places.index(one), 5)) for place, one in enumerate(before[:5]))


def test_imagenet_p(measured, data, logits_of):
    flips, distances = defaultdict(list), defaultdict(list)
    for sequence in sorted((data / "imagenet-p").glob("*/*/*")):
        name = sequence.parts[-3]
        configs = [
            ranked(logits_of(sequence / f"frame{number}.png", CROP)) for number in range(len(list(sequence.iterdir())))
        ]
        pairs = [
            (configs[0] if REFERENCE_FRAME[name] == "first" else configs[number - 1], configs[number])
            for number in range(1, len(configs))
        ]
        flips[name].append(np.mean([before[0] != after[0] for before, after in pairs]))
        distances[name].append(np.mean([moved(before, after) for before, after in pairs]))
    expected = {}
    for metric, unit, ratio, values in (
        ("flip_probability", 100, "flip_rate", flips),
        ("top5_distance", 1, "top5_ratio", distances),
    ):
        alexnet = alexnets("ImageNet-P", metric)
        for name in PERTURBATIONS:
            mean = unit * np.mean(values[name])
            expected |= {
                (f"perturbation={name}", metric): mean,
                (f"perturbation={name}", ratio): 100 * mean / alexnet[name],
            }
    found, n = measured("imagenet_p")
    assert found == pytest.approx(expected, rel=1e-5)
    assert n == {2}
    assert found["perturbation=translate", "top5_distance"] > 0


def test_imagenet_a(measured, data, logits_of):
    correct, first_five, confidence = [], [], []
    for path in sorted((data / "imagenet-a").glob("*/*")):
        among = logits_of(path, RESIZE_AND_CROP)[list(IMAGENET_A)]
        config, place = ranked(among), IMAGENET_A.index(LABEL_OF[path.parent.name])
        correct.append(config[0] == place)
        first_five.append(place in config[:5])
        confidence.append(1 / np.exp(among - among.max()).sum())
    found, n = measured("imagenet_a")
    answered = np.array(correct)[np.argsort(confidence)[::-1]]
    aurra = 100 * np.mean([answered[: k + 1].mean() for k in range(len(answered))])
    expected = {"top1": percent(correct), "top5": percent(first_five), "aurra": aurra, "aurra_corrected": aurra}
    assert found == pytest.approx({("", metric): value for metric, value in expected.items()})
    assert n == {24}
    assert 0 < found["", "top1"] < 100
