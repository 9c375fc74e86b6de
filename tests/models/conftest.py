"""Folders of their own for tests that read or write weights."""

from pathlib import Path

import pytest

from robust_core import settings


@pytest.fixture
def weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty weights folder, an empty torch.hub folder, and no proxy before this machine's own addresses."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("NO_PROXY", "*")
    folder = settings.weights_dir()
    folder.mkdir(parents=True)
    return folder
