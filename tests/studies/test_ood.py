import numpy as np
import pytest

from robust_core.data.image_set import ImageSet
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.studies import ood
from robust_core.studies.ood import OodRequest
from tests.made_images import make_image
from tests.studies.test_predictions import events_and_result

KNOWN = ImageSet.of([make_image(seed) for seed in range(5)], "made images")


def measured(spec, known, unknown):
    return result_of(ood.run(OodRequest((spec,), known, unknown)))


def test_the_same_images_on_both_sides_cannot_be_told_apart(tiny_model):
    found = measured(tiny_model, KNOWN, KNOWN)
    assert found.frame["auroc_percent"].to_list() == [50, 50, 50]
    assert any("5 of the unknown images are among the known ones too" in sentence for sentence in found.caveats)


def test_turning_the_sets_round_turns_the_area_round(tiny_model):
    other = ImageSet.of([make_image(seed) for seed in range(20, 27)], "others")
    there, back = measured(tiny_model, KNOWN, other), measured(tiny_model, other, KNOWN)
    assert np.allclose(there.frame["auroc_percent"] + back.frame["auroc_percent"], 100)
    assert there.frame["unknown"].unique().tolist() == ["others"]
    assert not any("among the known ones" in sentence for sentence in there.caveats)


def test_synthetic_images_are_made_at_the_models_size(tiny_model):
    found = measured(tiny_model, KNOWN, SyntheticUnknown("constant_colours", 18, seed=4))
    frame = found.frame
    assert frame["score"].to_list() == ["max_softmax", "max_logit", "energy"]
    assert (frame["n_known"] == 5).all()
    assert (frame["n_unknown"] == 18).all()
    assert (frame["low_percent"] <= frame["auroc_percent"]).all()
    assert "seed 4" in frame.loc[0, "unknown"]
    assert len(found.caveats) == 2
    assert len(found.figure().data[0].x) == 3


def test_a_request_is_known_by_its_unknown_set(tiny_model):
    keys = {
        OodRequest((tiny_model,), KNOWN, SyntheticUnknown(kind, n, seed)).key
        for kind, n, seed in (("blobs", 3, 0), ("blobs", 4, 0), ("blobs", 3, 1), ("uniform_noise", 3, 0))
    }
    assert len(keys) == 4


def test_empty_sets_are_refused(tiny_model):
    empty = ImageSet.of([])
    for known, unknown in ((empty, KNOWN), (KNOWN, empty)):
        with pytest.raises(BadInput, match="no images"):
            OodRequest((tiny_model,), known, unknown)


def test_progress_counts_both_sets(tiny_model):
    request = OodRequest((tiny_model,), KNOWN, SyntheticUnknown("blobs", 17))
    events, _ = events_and_result(ood.run(request))
    assert [(event.done, event.total, event.unit) for event in events][-2:] == [
        (0, 17, "unknown images"),
        (16, 17, "unknown images"),
    ]
