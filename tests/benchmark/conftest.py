"""A tiny model where benchmarks look for models, and made-up data sets that all tests of this folder read and none
changes.
"""

from pathlib import Path

import numpy as np
import pytest

from robust_core.benchmark import executors, run_configs
from robust_core.benchmark.experiments_imagenet import SUBSTITUTE
from robust_core.cue_conflict.stimuli import KEPT_BY_ORHAN
from robust_core.data import datasets
from robust_core.models import pool as pool_module
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from tests.benchmark.trees import drawings, drawn_tree, write_by_number
from tests.image_file_samples import encode
from tests.models.rows import tiny_spec

CONFLICTS = ("airplane1-bicycle2.png", "bear3-clock1.png", KEPT_BY_ORHAN, "cat1-dog4.png", "oven2-truck1.png")


@pytest.fixture
def tiny(tiny_model: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """The row of the model `tiny`; the black-box attack's substitute is another tiny one, and all other models are what
    they are.
    """
    rows = {spec.key: spec for spec in (tiny_model, tiny_spec(tmp_path / "weights", SUBSTITUTE, seed=1))}
    for module in (run_configs, pool_module):
        monkeypatch.setattr(module, "get_spec", lambda key: rows.get(key) or get_spec(key))
    monkeypatch.setattr(executors, "shared_pool", pool_module.shared_pool)
    return tiny_model


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six images of every data set that an experiment of the ImageNet world needs, and five cue conflicts."""
    root = tmp_path_factory.mktemp("data")
    drawn_tree(
        root,
        6,
        corruptions=("gaussian_noise", "contrast"),
        severities=(1, 3),
        perturbations=("gaussian_noise", "translate"),
    )
    for row in (datasets.IMAGENET_V2_THRESHOLD, datasets.IMAGENET_V2_TOP):
        write_by_number(root / row.folders[0], drawings(6))
    folder = root / datasets.CUE_CONFLICT.folders[0]
    folder.mkdir()
    for number, name in enumerate(CONFLICTS):
        (folder / name).write_bytes(
            encode(np.random.default_rng(number).integers(0, 256, (224, 224, 3), np.uint8), "PNG")
        )
    return root
