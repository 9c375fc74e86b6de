import numpy as np
import pytest

from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies.attack_frames import AttackFrames
from robust_core.studies.predictions import Prediction
from robust_core.ui.pgd_steps import attack_frames as pgd_frames

RGB = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def sure_of(index, classes):
    return Prediction(np.eye(classes, dtype=np.float32)[index], MINI if classes == 16 else IMAGENET)


def sequence(stored_prediction, reopened):
    return AttackFrames(
        get_spec("mini_resnext"),
        (0, 5),
        np.stack([RGB] * 2),
        np.stack([RGB] * 2),
        31,
        (0, 1),
        (0.9, 0.4),
        (True, False),
        RGB,
        stored_prediction,
        reopened,
    )


def test_an_upload_that_changes_nothing_gets_this_very_prediction():
    words = pgd_frames.judgement(get_spec("mini_resnext"), sequence(sure_of(1, 16), sure_of(1, 16)))
    assert words.startswith("**bear**")
    assert words.endswith("Uploaded again, it gets this very prediction.")


@pytest.mark.parametrize(("reopened", "confidence"), [(207, 1.0), (291, 0.5)])
def test_an_upload_that_is_resized_is_said_to_be_another_image(reopened, confidence):
    other = Prediction(sure_of(reopened, 1000).probabilities * np.float32(confidence), IMAGENET)
    words = pgd_frames.judgement(get_spec("resnet50"), sequence(sure_of(291, 1000), other))
    assert words.startswith("**lion**")
    assert "resized to 256 px and cropped to 224 px" in words
    assert words.count("**lion**") == (1 if reopened == 207 else 2)
