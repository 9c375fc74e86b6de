"""Networks that fail when they are told to, and jobs run to their end."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from robust_core.jobs import Job, Work, queue
from robust_core.models import catalogue
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.spec import ModelSpec
from robust_core.ui import pickers
from tests.models.rows import tiny_network
from tests.models.weight_files import TWO_LAYERS, saved, some_state

PATIENCE_SECONDS = 60


@dataclass
class Fuse:
    """Counts the passes of the networks behind it; from number `blows_at` on, so many of them fail for want of
    memory.
    """

    passes: int = 0
    blows_at: int = 0
    failures: float = 0

    def reset(self, blows_at: int = 0, failures: float = 0) -> None:
        self.passes, self.blows_at, self.failures = 0, blows_at, failures

    def pass_through(self) -> None:
        self.passes += 1
        if self.passes > self.blows_at and self.failures > 0:
            self.failures -= 1
            raise torch.OutOfMemoryError("out of memory")


class Fused(nn.Sequential):
    """A network that calls `before` before each pass, and not as it is traced; its state dict is that of
    `tiny_network`.
    """

    before: Callable[[], None]

    def forward(self, pixels: Tensor) -> Tensor:
        if isinstance(pixels, Tensor):
            self.before()
        return super().forward(pixels)


@pytest.fixture(autouse=True)
def nothing_is_loaded_ahead(monkeypatch):
    """A fault is that of the job that a page shows."""
    monkeypatch.setattr(pickers, "load_ahead", lambda specs: None)


@pytest.fixture
def fuse() -> Fuse:
    """A fuse that is whole."""
    return Fuse()


def behind(fuse: Fuse, spec: ModelSpec) -> ModelSpec:
    """The same row with its network behind `fuse`, copies of it included."""

    def build() -> nn.Module:
        network = Fused(OrderedDict(tiny_network().named_children()))
        network.before = lambda: fuse.pass_through()  # a function is shared by copies, a bound method is not
        return network

    return replace(spec, architecture=replace(spec.architecture, build=build))


@pytest.fixture
def fused(ready, fuse, monkeypatch):
    """The two tiny models of the pages' tests, behind a fuse, with their weight files by path."""
    monkeypatch.setattr(catalogue, "TABLE", tuple(behind(fuse, spec) for spec in ready))
    return ready


@pytest.fixture
def weight_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that can be imported as the architecture `two_layers`."""
    monkeypatch.setitem(ARCHITECTURES, "two_layers", TWO_LAYERS)
    saved(tmp_path, some_state())
    return tmp_path / "saved.pth"


def run_to_the_end(work: Work) -> Job:
    """The job of `work` in the queue that computes, when it is over."""
    job = queue("device").submit(object(), work, "a test")
    assert job.finished.wait(PATIENCE_SECONDS)
    return job
