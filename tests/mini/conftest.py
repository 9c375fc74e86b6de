"""A world small enough to learn in seconds, under the name of the real family."""

from dataclasses import replace

import pytest

from robust_core.mini import recipes
from robust_core.mini.recipes import Adversary, Phase, Recipe
from robust_core.mini.splits import STREAM, TRAIN

FEW = replace(TRAIN, count=64)
FEW_TAGGED = replace(STREAM, count=64)


@pytest.fixture
def few_recipes(monkeypatch):
    """Two phases with hashtags first, and one adversarial phase; a few steps each."""
    rows = {
        "two_phases": Recipe(
            "two_phases",
            (Phase((FEW_TAGGED,), True, 2, 1e-3, None), Phase((FEW,), False, 2, 5e-4, None)),
            batch_size=32,
        ),
        "attacked": Recipe(
            "attacked", (Phase((FEW,), False, 2, 1e-3, Adversary(8 / 255, 0.5, 2, 0.25)),), batch_size=32
        ),
    }
    plain = Phase((FEW,), False, 2, 1e-3, None)
    teacher = replace(plain, temperature=20.0, teacher=True)
    rows["distilled"] = Recipe("distilled", (teacher, replace(teacher, teacher=False)), batch_size=32)
    rows["noisy"] = Recipe("noisy", (replace(plain, noise_std=0.25),), batch_size=32)
    monkeypatch.setattr(recipes, "RECIPES", rows)
    return rows
