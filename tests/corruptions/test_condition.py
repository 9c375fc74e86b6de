"""A condition as a value: what determines the image is part of its identity and of its protocol."""

import pytest
import torch

from robust_core.corruptions import frost_photos
from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.condition import CLEAN, Condition

FOG = Condition("fog", 3, 5)


@pytest.fixture
def no_photos(monkeypatch):
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)


def test_frost_of_the_procedure_is_another_condition_than_frost_of_photos(monkeypatch):
    pytest.importorskip("imagecorruptions")
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    photos = Condition("frost", 3, 0)
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    procedure = Condition("frost", 3, 0)
    assert photos != procedure
    assert [one.identity["frost"] for one in (photos, procedure)] == ["frost photos of ImageNet-C", "procedural frost"]
    assert [one.protocol for one in (photos, procedure)] == ["frost photos of ImageNet-C", "procedural frost"]


def test_only_frost_names_a_source(no_photos):
    assert FOG.identity == {"corruption": "fog", "severity": 3, "seed": 5}
    assert FOG.protocol == ""
    assert Condition("frost", 0, 0).identity is None


def test_as_stored_is_the_same_image_through_jpeg_and_is_said():
    pixels = torch.rand(2, 3, 40, 48, generator=torch.Generator().manual_seed(0))
    stored = Condition("fog", 3, 5, as_stored=True)
    assert torch.equal(stored.apply(pixels), corrupt(pixels, "fog", 3, 5, as_stored=True))
    assert not torch.equal(stored.apply(pixels), FOG.apply(pixels))
    assert stored.identity == FOG.identity | {"as_stored": True}
    assert stored.protocol == "JPEG of quality 85, as stored"


def test_a_clean_image_is_the_same_whatever_the_switch(no_photos):
    clean = Condition("frost", 0, 3, as_stored=True)
    assert (clean.identity, clean.protocol, str(clean)) == (CLEAN.identity, "", "clean")
