"""The examples of the door on a GPU that refuses what a real one refuses: nothing mixes devices, and what comes out is
what comes out on the CPU.
"""

import doctest
import inspect

import pytest
import torch

import robust_core as rc
from robust_core.attacks.pgd import pgd
from robust_core.attacks.threat import ThreatModel
from robust_core.events import result_of
from robust_core.models import pool
from tests.pretended_gpu import pretended_gpu

FUNCTIONS = [name for name in rc.__all__ if inspect.isfunction(getattr(rc, name))]


@pytest.fixture
def gpu(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cuda")
    pool.shared_pool.cache_clear()
    with pretended_gpu(monkeypatch) as device:
        yield device
    pool.shared_pool.cache_clear()


def of_any_device(text: str) -> str:
    """What is printed, wherever it was computed."""
    return text.replace("on cuda", "on cpu")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_runs_on_a_gpu(name, gpu):
    said = []
    for one in doctest.DocTestFinder(recurse=False).find(getattr(rc, name), name):
        runner = doctest.DocTestRunner(checker=Checker())
        runner.run(one, out=said.append)
        assert runner.summarize(verbose=False).failed == 0, "".join(said)


class Checker(doctest.OutputChecker):
    """Compares without the device's name."""

    def check_output(self, want, got, optionflags):
        return super().check_output(want, of_any_device(got), optionflags)


def test_models_are_there_and_not_here(gpu):
    with pool.shared_pool().use("mini_resnext") as model:
        assert model.device.type == "cuda"
        assert all(tensor.device.type == "cuda" for tensor in model.network.parameters())
        assert model.logits(torch.rand(1, 3, 64, 64)).device.type == "cuda"


def test_models_on_cuda_and_cuda_0_are_on_one_device(gpu):
    models = [rc.load("mini_resnext", device="cuda"), rc.load("mini_resnext_at8", device="cuda:0")]
    found = rc.mix(models, rc.draw_images("mini", 2), alphas=0.5, progress=False)
    assert set(found.frame["n"]) == {2}


@pytest.mark.parametrize("precision", ["float32_folded", "bfloat16_float32_stem"])
def test_an_attack_in_every_precision(precision, gpu):
    from tests.bench.gpu.networks import allowing_bfloat16  # what was measured of a network is no matter here

    model = allowing_bfloat16(rc.load("mini_resnext", device="cuda"))
    row = ThreatModel.relative(
        eps=4 / 255,
        step_fraction=0.25,
        norm="linf",
        steps=8,
        aim="untargeted",
        start="random",
        restarts=2,
        stop_at_success=True,
        seed=0,
        precision=precision,
    )
    images = rc.draw_images("mini", 4)
    last = result_of(pgd(model, images.pixels(model), [None] * 4, row))
    assert last.step == 8
    assert last.distance.max() <= 4 / 255 + 1e-6
    assert last.label.device.type == "cpu"
