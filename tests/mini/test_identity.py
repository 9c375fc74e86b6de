import json

from robust_core.mini import golden_images
from robust_core.mini.identity import GOLDEN_DIGEST, WORLD
from robust_core.mini.weights import SHIPPED


def test_the_world_of_this_name_looks_as_it_did():
    """A changed scene configuration, split or golden image needs another WORLD, and weights that were trained on it."""
    assert golden_images.digest() == GOLDEN_DIGEST


def test_a_changed_configuration_changes_the_digest(monkeypatch):
    before = golden_images.digest()
    first = next(iter(golden_images.SPLITS))
    changed = golden_images.SPLITS[first].__class__(**(vars(golden_images.SPLITS[first]) | {"count": 1}))
    monkeypatch.setitem(golden_images.SPLITS, first, changed)
    assert golden_images.digest() != before


def test_what_is_shipped_is_of_this_world():
    assert json.loads((SHIPPED / "card.json").read_text())["generator"] == WORLD
