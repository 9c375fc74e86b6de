"""Fixtures of the commands, and some that they share with the tests of what they run."""

from pathlib import Path

import pytest

from tests.mini.conftest import few_recipes

__all__ = ["empty_cache", "few_recipes"]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache folder, and the CPU."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
