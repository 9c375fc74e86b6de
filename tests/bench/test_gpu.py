"""`python -m tests.bench.gpu`, tried without a GPU: what it prints, and that its checks find what is wrong."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from robust_core.attacks.passes import forward_backward
from robust_core.models.registry import REGISTRY
from tests.bench.gpu import machine, networks
from tests.bench.gpu.budget import Budget
from tests.bench.gpu.cases import PARTS, Bench, Case, Skipped, cases, outcomes
from tests.bench.gpu.exact_stem import with_exact_stem
from tests.bench.gpu.judging import Walk, correlation, judge_counts, judge_labels, judge_levels, judge_walks
from tests.bench.gpu.speed import step_flop
from tests.bench.gpu.variants import VARIANTS, eager_step, graphed_step, model_of, without_check
from tests.pretended_gpu import pretended_gpu
from tests.tiny import convolutional, images

ROOT = Path(__file__).resolve().parent.parent.parent
PLENTY = Budget(1e6)


def small(only=None):
    return cases(Bench("cpu", True, PLENTY), only)


def test_the_whole_script_runs_on_a_cpu_and_every_row_is_there(tmp_path):
    out = tmp_path / "table.md"
    command = [sys.executable, "-m", "tests.bench.gpu", "--device", "cpu", "--small", "--out", str(out)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    printed = [line.split(" | ") for line in out.read_text().splitlines() if line.startswith("| ")][1:]
    assert [(row[0].removeprefix("| "), row[1]) for row in printed] == [(one.part, one.what) for one in small()]
    assert {row[2] for row in printed} == {"pass", "measured", "skipped"}
    skipped = {row[3] for row in printed if row[2] == "skipped"}
    assert skipped <= {
        "CUDA graphs need a GPU",
        "compiled for GPUs alone",
        "this device has no units for bfloat16",
    }
    assert "no GPU was measured" in run.stdout
    assert f"PyTorch {torch.__version__}" in run.stdout


def test_parts_are_named_and_a_wrong_name_is_an_error():
    assert {case.part for case in small(["maps"])} == {"maps"}
    assert len(small(["maps"])) == 13
    assert len(small()) == sum(len(small([name])) for name in PARTS)
    with pytest.raises(KeyError):
        small(["mapps"])


@pytest.mark.parametrize("part", ["labels", "trajectories", "corruptions", "two_jobs", "small_eps"])
def test_what_compares_devices_runs_on_a_gpu_that_refuses_what_a_real_one_refuses(part, monkeypatch):
    with pretended_gpu(monkeypatch):
        rows = list(outcomes(cases(Bench("cuda", True, PLENTY), [part]), PLENTY))
    assert rows
    assert {row.outcome for row in rows} <= {"pass", "measured"}, [row.line for row in rows]


def row_of(work, seconds=0.0, budget=PLENTY):
    (row,) = outcomes([Case("part", "what", seconds, work)], budget)
    return row.outcome, row.figure


def broken():
    raise ValueError("two | lines\nof it")


def without_package():
    raise ModuleNotFoundError("No module named 'captum'", name="captum")


def skipped():
    raise Skipped("for a reason")


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (lambda: ("pass", "a figure"), ("pass", "a figure")),
        (broken, ("fail", "ValueError: two / lines")),
        (without_package, ("skipped", "no package captum")),
        (skipped, ("skipped", "for a reason")),
    ],
)
def test_whatever_a_check_comes_to_is_a_row(work, found, capsys):
    assert row_of(work) == found


def test_what_no_longer_fits_is_left_out_and_what_runs_over_is_stopped():
    begun = []
    budget = Budget(15.0)
    assert row_of(lambda: begun.append(1), 60.0, budget) == ("left out", "10 s were left of 15, it needs 60")
    assert not begun
    started = time.monotonic()
    almost_over = Budget(15.0, began=time.monotonic() - 9.8)
    assert row_of(lambda: time.sleep(20), 0.0, almost_over) == ("left out", "stopped when 15 s were over")
    assert time.monotonic() - started < 5


LOGITS = torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0], [0.5, 0.0, 1.5], [1.0, 1.0005, 0.0]])


def test_labels_agree_within_the_tolerance_and_where_the_margin_is_small():
    assert judge_labels(LOGITS, LOGITS + 1e-4)[0] == "pass"
    turned = LOGITS.clone()
    turned[3, 0] += 8e-4  # the tolerance is 0.0012
    outcome, words = judge_labels(LOGITS, turned)
    assert outcome == "pass"
    assert "1 of 4 labels differ, where the margins are 5.0e-04" in words
    for place, wrong in (((0, 0), 0.1), ((2, 2), -3.0), ((1, 1), float("nan"))):
        other = LOGITS.clone()
        other[place] += wrong
        assert judge_labels(LOGITS, other)[0] == "fail"


def walk(**changes):
    first = torch.ones(4, 3, 8, 8)
    return Walk(**({"first": first, "left": (4, 3, 2), "n": 4, "loss": 2.0, "farthest": 0.1} | changes))


def test_trajectories_that_part_are_told():
    assert judge_walks(walk(), walk(loss=2.05, left=(4, 3, 1)), 0.1)[0] == "pass"
    other_way = torch.ones(4, 3, 8, 8)
    other_way[0, 0, :2] = -1
    for changes in ({"first": other_way}, {"left": (4, 1, 0)}, {"loss": 2.2}, {"farthest": 0.11}):
        assert judge_walks(walk(), walk(**changes), 0.1)[0] == "fail"


def test_maps_corruptions_and_counts_that_differ_are_told():
    one = torch.arange(12.0).view(3, 4)
    assert correlation(one, one) == correlation(one, 2 * one + 3) == pytest.approx(1)
    assert correlation(one, -one) == pytest.approx(-1)
    assert correlation(one, torch.zeros(3, 4)) == 0
    grey = torch.full((2, 3, 10, 10), 0.5)
    assert judge_levels({"fog": (grey, grey + 1 / 255)})[0] == "fail"  # all of them are one level apart
    a_few = grey.clone()
    a_few[0, 0, 0] += 1 / 255
    assert judge_levels({"fog": (grey, a_few)})[0] == "pass"
    outcome, words = judge_levels({"fog": (grey, a_few), "snow": (grey, grey + 0.2 * (grey.cumsum(3) == 0.5))})
    assert outcome == "fail"
    assert "least alike snow" in words
    assert judge_counts([3, 4], [3, 5], 8)[0] == "pass"
    assert judge_counts([3, 4], [3, 6], 8)[0] == "fail"


@pytest.mark.parametrize(("architecture", "gmac"), [("resnet50", 4.089), ("resnext101_32x8d", 16.414)])
def test_a_step_is_two_passes_of_the_published_cost(architecture, gmac):
    """Giga multiply-adds forward as torchvision's table has them; backward to the pixels costs the same again."""
    assert step_flop(architecture, 224) == pytest.approx(4 * gmac * 1e9, rel=0.01)


def test_the_large_networks_are_rows_of_the_registry():
    known = {row.architecture.name for row in REGISTRY}
    assert {"resnet50", "resnext101_32x8d", "resnext101_32x48d"} <= known


def test_peaks_are_dense_and_double_from_tf32_to_bfloat16():
    for name, peak in machine.PEAKS.items():
        assert peak.of("bfloat16") == pytest.approx(2 * peak.of("TF32"), rel=0.01), name
        assert peak.of("float32") < peak.of("TF32")
        assert peak.source
    assert machine.of_peak(torch.device("cpu"), "TF32", 1e12) == "no card"


def test_a_card_that_is_in_no_table_is_unknown(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H100 80GB HBM3")
    assert machine.of_peak(torch.device("cuda"), "bfloat16", 494.7e12) == "50% of 989.4 TFLOP/s"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA B999")
    assert machine.of_peak(torch.device("cuda"), "bfloat16", 1e12) == "unknown card"


def rounding_now():
    return torch.backends.cudnn.conv.fp32_precision == "tf32", torch.backends.cuda.matmul.fp32_precision == "tf32"


def fail_exactly():
    with machine.exactly():
        raise ValueError("within")


def test_rounding_is_as_before_after_a_block_even_one_that_fails():
    before = rounding_now()
    with machine.rounding(convolutions=True, products=True):
        assert rounding_now() == (True, True)
        with machine.exactly():
            assert rounding_now() == (False, False)
        with pytest.raises(ValueError, match="within"):
            fail_exactly()
        assert rounding_now() == (True, True)
    assert rounding_now() == before


def test_the_stem_alone_is_exact_forward_and_backward():
    model, pixels = convolutional(), images(3)
    seen = []
    layers = {"stem": model.network.body[0], "later": model.network.body[3]}
    exact = with_exact_stem(model)
    for name, layer in (("stem", exact.network.body[0].module), ("later", exact.network.body[3])):
        layer.register_forward_hook(lambda *_, name=name: seen.append((name, rounding_now()[0])))
    with machine.rounding(convolutions=True, products=False):
        own, changed = (
            forward_backward(one.network, pixels, lambda logits: functional.cross_entropy(logits, logits.argmin(1)))
            for one in (model, exact)
        )
    assert all(torch.equal(a, b) for a, b in zip(own, changed, strict=True))
    assert set(seen) == {("stem", False), ("later", True)}
    assert model.network.body[0] is layers["stem"]  # the model itself is as it was


@pytest.mark.parametrize("variant", [one for one in VARIANTS if not one.graph], ids=lambda one: one.title)
def test_a_variant_goes_where_float32_goes(variant):
    """A step of each from the same image: bfloat16 may turn a few signs, float32 none."""
    side_px, labels = 32, torch.tensor([0, 1])
    pixels, spec = networks.noise(2, side_px), networks.spec_of("resnet18")
    base, other = (
        model_of(one, spec, networks.random_model("resnet18", side_px, networks.CPU).network.body, networks.CPU)
        for one in (VARIANTS[0], variant)
    )
    logits, changed = (eager_step(model, pixels, labels)() for model in (base, other))
    assert (logits - changed).abs().max() <= (0.5 if variant.precision == "bfloat16" else 5e-4) * logits.std()
    assert correlation(logits, changed) > 0.99
    assert torch.allclose(without_check(other, pixels), other.network(pixels))


@pytest.mark.parametrize("variant", [one for one in VARIANTS if one.graph], ids=lambda one: one.title)
def test_what_a_graph_records_waits_for_nothing(variant, monkeypatch):
    """The check for NaN sends flags to the CPU, which no graph can hold; the recorded step does without."""
    with pretended_gpu(monkeypatch) as gpu:
        body = networks.random_model("resnet18", 32, networks.CPU).network.body
        model = model_of(variant, networks.spec_of("resnet18"), body, gpu)
        pixels, labels = networks.noise(2, 32).to(gpu), torch.tensor([0, 1]).to(gpu)
        logits = graphed_step(model, pixels, labels)()
        assert logits.shape == (2, 1000)
        assert logits.isfinite().all()
        with pytest.raises(RuntimeError, match="capturing"), torch.cuda.graph(torch.cuda.CUDAGraph()):
            model.network(pixels)


def test_random_networks_tell_images_apart_and_are_the_same_anywhere():
    one, two = (networks.random_model("resnet18", 64, networks.CPU) for _ in range(2))
    pixels = networks.photos(20, "resnet50", 64)[0]
    logits = one.network(pixels)
    assert torch.equal(logits, two.network(pixels))
    assert len(logits.argmax(1).unique()) > 10
    assert not any(
        isinstance(module, nn.modules.batchnorm._BatchNorm) and module.training for module in one.network.modules()
    )


def test_a_part_whose_module_lacks_a_package_is_one_row_that_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "captum", None)  # an import of it fails
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    rows = {row.what: (row.outcome, row.figure) for row in outcomes(small(["maps"]), PLENTY)}
    assert rows["Saliency, mini_resnext"] == ("skipped", "no package captum.attr")
    assert rows["Occlusion, mini_resnext"][0] == "pass"
    monkeypatch.delitem(sys.modules, "tests.bench.gpu.corrupted", raising=False)
    monkeypatch.setitem(sys.modules, "robust_core.corruptions.apply", None)
    (row,) = outcomes(small(["corruptions"]), PLENTY)
    assert (row.what, row.outcome, row.figure) == ("all of it", "skipped", "no package robust_core.corruptions.apply")
