from contextlib import contextmanager

import pytest
import torch

from robust_core.models import in_use
from robust_core.models import pool as pool_module


@pytest.fixture
def model_of(monkeypatch):
    """`model_of(model)` is the row for which the shared pool gives that model."""

    def put(model):
        class Pool(pool_module.ModelPool):
            @contextmanager
            def use(self, key):
                yield model

        pool = Pool(torch.device("cpu"), 10**9)
        monkeypatch.setattr(pool_module, "shared_pool", lambda: pool)
        return model.spec

    return put


@pytest.fixture
def held():
    """`held(model)` is the row of a model that the pool finds for as long as the test runs."""
    alive = []

    def hold(model):
        alive.append(model)
        in_use.hold(model)
        return model.spec

    yield hold
    for model in alive:
        in_use.release(model.spec.key)
