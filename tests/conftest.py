"""What tests of several folders share: a tiny model behind the process-wide pool."""

import pytest
import torch

from robust_core.models import pool as pool_module
from robust_core.models.pool import ModelPool
from tests.models.rows import tiny_spec


@pytest.fixture
def tiny_model(tmp_path, monkeypatch):
    """The row of a tiny model called `tiny`, which the shared pool loads."""
    spec = tiny_spec(tmp_path / "weights")
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(pool_module, "get_spec", {spec.key: spec}.__getitem__)
    pool = ModelPool(torch.device("cpu"), 10**9)
    monkeypatch.setattr(pool_module, "shared_pool", lambda: pool)
    return spec
