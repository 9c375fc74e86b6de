"""How much of each model goes into a mix."""

import math
from dataclasses import replace

import pytest

from robust_core.errors import BadInput, UnknownName
from robust_core.mixing.mixtures import BUILDERS
from robust_core.mixing.table import (
    MIX_KINDS,
    checked_alphas,
    get_kind,
    in_words,
    ladder,
    part_of,
    require_one_architecture,
)
from robust_core.models.catalogue import get_spec


def test_every_row_has_its_builder_and_a_name_that_is_known():
    assert set(BUILDERS) == set(MIX_KINDS)
    assert all(row.sentence.endswith(".") and row.source for row in MIX_KINDS.values())
    with pytest.raises(UnknownName, match="kind of mixture"):
        get_kind("averages")


@pytest.mark.parametrize(("models", "count"), [(2, 11), (3, 15)])
def test_the_ladder_has_every_model_alone_and_only_mixes(models, count):
    found = ladder(models)
    assert len(set(found)) == len(found) == count
    assert [part_of(one) for one in found if part_of(one) is not None] == list(range(models))
    for one in found:
        assert checked_alphas(one, models) == one


@pytest.mark.parametrize("alphas", [(0.5, 0.6), (-0.1, 1.1), (math.nan, 1), (1, 0, 0), (1,), ("1", "0"), ()])
def test_alphas_that_are_no_mix_are_a_sentence(alphas):
    with pytest.raises(BadInput, match="α"):
        checked_alphas(alphas, 2)


def test_a_mix_in_words_leaves_out_what_is_not_in_it():
    assert in_words((0.25, 0, 0.75), ("A", "B", "C")) == "0.25 × A + 0.75 × C"
    assert in_words((0, 1, 0), ("A", "B", "C")) == "B"


def test_two_architectures_or_two_inputs_are_named():
    one, wide = get_spec("mini_resnext"), get_spec("mini_resnext_wsl_wide")
    require_one_architecture([one, get_spec("mini_resnext_at8")])
    with pytest.raises(BadInput, match=r"Mini ResNeXt is mini_resnext, .* is mini_resnext_wide"):
        require_one_architecture([one, wide])
    other = replace(one, title="Other", preprocess=replace(one.preprocess, mean=(0.0, 0.0, 0.0)))
    with pytest.raises(BadInput, match="same input.*Other"):
        require_one_architecture([one, other])
