"""What tests of several folders share: tiny models, behind the process-wide pool or in the catalogue that pages read,
and a cache folder of their own.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

# before torch: threads that wait for work would take the cores of browsers and other workers
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch

from robust_core import settings
from robust_core.jobs import queue
from robust_core.models import catalogue
from robust_core.models import pool as pool_module
from robust_core.models.pool import ModelPool
from robust_core.models.spec import ModelSpec, WeightFile
from tests.loopback import Loopback, serving
from tests.models.rows import OVERFLOWING, tiny_spec


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit puts the page that it runs in the place of `__main__`; processes that a later test starts would run it
    as theirs.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def quiet_device() -> Iterator[None]:
    """Nothing that another test asked for is computed at the beginning, such as a forecast, and nothing of this one's
    after its end.
    """
    _wait_until_idle()
    yield
    _wait_until_idle()


def _wait_until_idle() -> None:
    deadline = time.monotonic() + 60
    while queue("device").active():
        assert time.monotonic() < deadline, "something is still computed"
        time.sleep(0.02)


@pytest.fixture
def tiny_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """The row of a tiny model called `tiny`, which the shared pool loads."""
    spec = tiny_spec(tmp_path / "weights")
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(pool_module, "get_spec", {spec.key: spec}.__getitem__)
    pool = ModelPool(torch.device("cpu"), 10**9)
    monkeypatch.setattr(pool_module, "shared_pool", lambda: pool)
    return spec


@pytest.fixture
def overflowing(tiny_model: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """The row of `tiny_model`, whose weights are now finite ones that make all logits infinite."""
    spec = tiny_spec(tmp_path / "weights", filled=OVERFLOWING)
    monkeypatch.setattr(pool_module, "get_spec", {spec.key: spec}.__getitem__)
    return spec


@pytest.fixture
def weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty weights folder, an empty torch.hub folder, and no proxy before this machine's own addresses."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("NO_PROXY", "*")
    folder = settings.weights_dir()
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache folder and torch.hub folder, both `tmp_path`, and no data sets."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)


@pytest.fixture
def ready(
    own_cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> tuple[ModelSpec, ...]:
    """A catalogue of two tiny models whose weights are there; their keys are this test's own, since jobs are remembered
    by key.
    """
    specs = tuple(
        tiny_spec(tmp_path / "weights", own_key(name, request), seed=n) for n, name in enumerate(("first", "second"))
    )
    monkeypatch.setattr(catalogue, "TABLE", specs)
    return specs


@pytest.fixture
def downloadable(
    own_cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[tuple[ModelSpec, Loopback]]:
    """A catalogue of one tiny model whose weights a server on this machine has; the key is this test's own."""
    spec = tiny_spec(tmp_path / "elsewhere", own_key("remote", request))
    content = (tmp_path / "elsewhere" / spec.weights.name).read_bytes()
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(content) as server:
        weights = WeightFile(server.url, spec.weights.sha256, len(content), "none", "a test")
        spec = replace(spec, weights=weights)
        monkeypatch.setattr(catalogue, "TABLE", (spec,))
        yield spec, server


def own_key(name: str, request: pytest.FixtureRequest) -> str:
    return f"{name}_{abs(hash(request.node.nodeid))}"
