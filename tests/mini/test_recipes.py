from dataclasses import replace

import pytest

from robust_core.errors import UnknownName
from robust_core.mini.recipes import PGD_8, RECIPES, get_recipe, recipe_hash
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.models.registry_mini_defences import MINI_DEFENCES
from robust_core.models.registry_mini_eps import MINI_EPS, MINI_LEVELS


def test_every_model_of_the_registry_has_a_recipe_and_no_two_are_the_same():
    assert [row.key for row in (*MINI_REGISTRY, *MINI_DEFENCES, *MINI_EPS)] == list(RECIPES)
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


def test_what_phases_can_do_since_leaves_the_first_hashes_as_they_were_and_is_in_later_ones():
    """Those of the weight files that were shipped before phases knew noise and temperature."""
    first = {"mini_resnext": "4934d866fc4706f4", "mini_resnext_wsl": "37408880b47cb188"}
    assert {key: recipe_hash(RECIPES[key]) for key in first} == first
    (phase,) = RECIPES["mini_resnext"].phases
    changes = ({}, {"noise_std": 0.1}, {"temperature": 2.0}, {"teacher": True})
    recipes = [replace(RECIPES["mini_resnext"], phases=(replace(phase, **change),)) for change in changes]
    assert len(set(map(recipe_hash, recipes))) == len(changes)


def test_the_series_over_eps_differs_in_the_size_of_its_attacks_alone():
    at8 = RECIPES["mini_resnext_at8"]
    for key, level in MINI_LEVELS.items():
        (phase,) = RECIPES[key].phases
        adversary = phase.adversary
        assert (adversary.eps if adversary else 0.0) == level / 255
        back = replace(phase, adversary=replace(adversary or PGD_8, eps=8 / 255))
        assert replace(RECIPES[key], key=at8.key, phases=(back,)) == at8


def test_an_unknown_model_is_refused():
    with pytest.raises(UnknownName, match="mini_resnext_wsl"):
        get_recipe("mini_resnext_wls")
