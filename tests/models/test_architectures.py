"""Architectures by name: the table's rows, timm's classifiers as they are found by running them, and other heads."""

import pytest
import torch
from timm.models import get_pretrained_cfg

from robust_core.errors import BadInput, UnknownName
from robust_core.models.architectures import ARCHITECTURES, TIMM, _explored, builder, find_architecture

TIMM_ROWS = [row for row in ARCHITECTURES.values() if row.name.startswith(TIMM)]


@pytest.mark.parametrize("row", TIMM_ROWS, ids=lambda row: row.name)
def test_what_is_found_by_running_a_network_is_what_the_row_says(row):
    found = _explored(row.name, row.build, get_pretrained_cfg(row.name.removeprefix(TIMM)))
    assert (found.parameters, found.cam_layer, found.tokens, found.fixed_size) == (
        row.parameters,
        row.cam_layer,
        row.tokens,
        row.fixed_size,
    )


@pytest.mark.parametrize(
    ("name", "cam_layer", "tokens", "fixed_size"),
    [
        ("timm:resnet18", "layer4", False, False),
        ("timm:mobilenetv3_small_100.lamb_in1k", "blocks", False, False),
        ("timm:swin_tiny_patch4_window7_224", "norm", True, True),  # places come before channels there
        ("timm:mixer_b16_224", "blocks.11.norm1", True, True),
        ("timm:maxvit_tiny_tf_224", "norm", False, True),
    ],
)
def test_any_classifier_of_timms(name, cam_layer, tokens, fixed_size):
    found = find_architecture(name)
    assert (found.name, found.cam_layer, found.tokens, found.fixed_size) == (name, cam_layer, tokens, fixed_size)


@pytest.mark.parametrize(
    "name",
    ["resnet51", "timm:resnet5", "timm:hf-hub:someone/model", "timm:../resnet50", "timm:", "hf-hub:timm/resnet50"],
)
def test_unknown_names_are_refused(name):
    with pytest.raises(UnknownName, match="no .*architecture called"):
        find_architecture(name)


@pytest.mark.parametrize("name", ["resnet51", "timm:resnet5", "timm:../resnet50"])
def test_the_nearest_are_named(name):
    with pytest.raises(UnknownName, match=r"the nearest are .*resnet5"):
        find_architecture(name)


def test_a_name_of_timms_without_its_beginning_is_offered_with_it():
    with pytest.raises(UnknownName, match=r"the nearest are timm:mobilenetv3_small_050\."):
        find_architecture("mobilenetv3_small_050")


def test_a_tag_that_timm_does_not_know_is_refused():
    with pytest.raises((BadInput, UnknownName)):
        find_architecture("timm:resnet50.no_such_tag")


@pytest.mark.parametrize("row", ARCHITECTURES.values(), ids=lambda row: row.name)
def test_every_architecture_takes_another_number_of_classes(row):
    with torch.device("meta"):
        whole, fewer = row.build().state_dict(), builder(row.name, 7)().state_dict()
    other = [key for key in whole if whole[key].shape != fewer[key].shape]
    assert {fewer[key].shape[0] for key in other} == {7}
    assert 1 <= len(other) <= 2
