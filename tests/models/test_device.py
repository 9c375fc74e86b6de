import subprocess
import sys

import pytest
import torch

from robust_core.errors import BadInput
from robust_core.models import device
from robust_core.settings import ROOT


@pytest.fixture
def present(monkeypatch):
    def have(cuda: bool, mps: bool):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    monkeypatch.delenv("ROBUST_LAB_DEVICE", raising=False)
    return have


@pytest.mark.parametrize(("cuda", "mps", "chosen"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_the_best_device_comes_first(present, cuda, mps, chosen):
    present(cuda, mps)
    assert device.choose_device().type == chosen


def test_the_environment_overrides(present, monkeypatch):
    present(True, False)
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
    assert device.choose_device() == torch.device("cpu")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("tpu", "expected one of cuda, mps, cpu"), ("cuda", "sees no such device"), ("mps", "sees no such device")],
)
def test_a_device_that_is_not_there_is_refused(present, monkeypatch, wanted, words):
    present(False, False)
    monkeypatch.setenv("ROBUST_LAB_DEVICE", wanted)
    with pytest.raises(BadInput, match=words):
        device.choose_device()


HOLDING = """
import torch
from robust_core.models import device
cpu = torch.device("cpu")
before = device.memory(cpu)
held = torch.ones(512 * 2**20 // 4)
after = device.memory(cpu)
assert held.sum() > 0
print(after.used_bytes - before.used_bytes, before.total_bytes - after.total_bytes)
print(after.total_bytes - after.used_bytes)
"""


def test_memory_of_the_cpu_grows_with_what_is_held():
    """In a process of its own, since the memory of one that has run other tests may shrink meanwhile."""
    run = subprocess.run([sys.executable, "-c", HOLDING], capture_output=True, text=True, check=True, cwd=ROOT)
    grown, moved, spare = map(int, run.stdout.split())
    assert grown > 384 * 2**20
    assert moved == 0
    assert spare > 0


def test_the_cpu_has_a_name():
    assert device.describe(torch.device("cpu")) == "CPU"


@pytest.fixture
def precisions():
    """The switches of PyTorch for convolutions and for matrix products, which are put back; not attributes of theirs,
    so that monkeypatch cannot."""
    switches = (torch.backends.cudnn.conv, torch.backends.cuda.matmul)
    before = [switch.fp32_precision for switch in switches]
    yield switches
    for switch, value in zip(switches, before, strict=True):
        switch.fp32_precision = value


@pytest.mark.parametrize(
    ("wanted", "capability", "convolutions", "matmul", "said"),
    [
        ("cpu", (9, 0), "tf32", "tf32", "float32"),
        ("cuda", (7, 5), "tf32", "none", "float32"),
        ("cuda", (8, 0), "ieee", "ieee", "float32"),
        ("cuda", (8, 0), "tf32", "none", "float32 (convolutions in TF32)"),
        ("cuda:1", (9, 0), "tf32", "tf32", "float32 (convolutions and matrix products in TF32)"),
    ],
)
def test_tf32_is_said_where_pytorch_computes_in_it(
    precisions, monkeypatch, wanted, capability, convolutions, matmul, said
):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    precisions[0].fp32_precision, precisions[1].fp32_precision = convolutions, matmul
    assert device.precision(wanted) == said


def test_by_default_convolutions_on_a_new_gpu_are_in_tf32(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    assert device.precision("cuda") == "float32 (convolutions in TF32)"


def test_the_units_for_bfloat16_are_looked_up_and_not_timed(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    for there in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda there=there: there)
        assert device.has_bfloat16(torch.device("cpu")) is there
    for capability in ((7, 5), (8, 0), (9, 0)):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _, found=capability: found)
        assert device.has_bfloat16(torch.device("cuda")) is (capability >= (8, 0))
    assert not device.has_bfloat16(torch.device("mps"))
    with pytest.raises(BadInput, match="This device .MPS. has no units for bfloat16"):
        device.require_bfloat16(torch.device("mps"))


def test_without_tf32_blocks_may_overlap_and_the_last_one_restores_what_was():
    parts = torch.backends.cudnn.conv, torch.backends.cuda.matmul
    before = [one.fp32_precision for one in parts]
    try:
        parts[0].fp32_precision = "tf32"
        first, second = device.without_tf32(), device.without_tf32()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert [one.fp32_precision for one in parts] == ["ieee", "ieee"]
        second.__exit__(None, None, None)
        assert [one.fp32_precision for one in parts] == ["tf32", before[1]]
        with pytest.raises(BadInput), device.without_tf32():
            raise BadInput("a block that fails")
        assert parts[0].fp32_precision == "tf32"
    finally:
        parts[0].fp32_precision = before[0]
