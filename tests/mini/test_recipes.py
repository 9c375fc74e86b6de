from dataclasses import replace

import pytest

from robust_core.errors import UnknownName
from robust_core.mini.recipes import RECIPES, get_recipe, recipe_hash
from robust_core.models.registry_mini import MINI_REGISTRY


def test_every_model_of_the_registry_has_a_recipe_and_no_two_are_the_same():
    assert [row.key for row in MINI_REGISTRY] == list(RECIPES)
    assert len({recipe_hash(recipe) for recipe in RECIPES.values()}) == len(RECIPES)


def test_every_number_of_a_recipe_is_in_its_hash():
    recipe = RECIPES["mini_resnext_wsl"]
    phase = recipe.phases[0]
    split = phase.splits[0]
    other_config = replace(split, config=replace(split.config, exposure=0.31))
    changed = [
        replace(recipe, weight_decay=0.03),
        replace(recipe, phases=(replace(phase, epochs=6), recipe.phases[1])),
        replace(recipe, phases=(replace(phase, splits=(other_config,)), recipe.phases[1])),
    ]
    assert recipe_hash(recipe) not in {recipe_hash(other) for other in changed}


def test_an_unknown_model_is_refused():
    with pytest.raises(UnknownName, match="mini_resnext_wsl"):
        get_recipe("mini_resnext_wls")
