import subprocess
import sys

import numpy as np
import pytest
import torch

from robust_core import settings
from robust_core.attacks.goals import Goal
from robust_core.attacks.threat import ThreatModel
from robust_core.events import result_of
from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec
from robust_core.recordings.codec import MODULE_OF, class_of, from_bytes, to_bytes
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.predictions import Prediction
from tests.attacks.threats import threat
from tests.studies.test_attack_curve import image_set

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)


def there_and_back(value):
    return from_bytes(to_bytes(value))


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.1, float("inf"), "ε ≤ 4/255", (), (1, (2, "x")), [1, [2]], {0: "a", "b": (1,)}, threat(steps=7)],
)
def test_plain_values_come_back_as_they_were(value):
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("array", [FRAMES, FRAMES[:1], FRAMES[0], np.float32([[1, np.nan]]), np.array([True, False])])
def test_arrays_and_tensors_come_back_bit_for_bit(array):
    back = there_and_back((array, torch.from_numpy(array)))
    np.testing.assert_array_equal(back[0], array)
    assert back[0].dtype == array.dtype
    assert torch.equal(back[1].nan_to_num(), torch.from_numpy(array).nan_to_num())
    assert back[1].dtype == torch.from_numpy(array).dtype


def test_what_is_known_here_comes_back_as_the_same_thing():
    spec = get_spec("mini_resnext")
    assert there_and_back((spec, MINI, IMAGENET)) == (spec, MINI, IMAGENET)


def test_a_whole_attack_comes_back(tiny_model, monkeypatch):
    monkeypatch.setitem(*known_model(tiny_model))
    request = AttackCurveRequest((tiny_model,), image_set([3, None]), (threat(steps=2),), frames_of=(1,))
    curve = result_of(attack_curve.run(request))
    back = there_and_back(curve)
    assert back.frame.equals(curve.frame)
    assert back.csv_by_image() == curve.csv_by_image()
    (one,), (other,) = back.trajectories["tiny"], curve.trajectories["tiny"]
    np.testing.assert_array_equal(one.frames[1].attacked, other.frames[1].attacked)
    assert one.frames[1].reopened.label == other.frames[1].reopened.label


def known_model(spec):
    from robust_core.recordings.codec import BY_KEY

    return BY_KEY, "model", {spec.key: spec}.__getitem__


def test_nothing_but_what_the_tables_name_is_kept():
    class Stranger:
        pass

    with pytest.raises(TypeError, match="Stranger has no plain form"):
        to_bytes((1, Stranger()))


def test_every_class_of_the_table_is_one_of_ours():
    assert {Goal, Prediction, ThreatModel} <= set(map(class_of, MODULE_OF))
    assert all(class_of(name).__module__ == module for name, module in MODULE_OF.items())
    with pytest.raises(KeyError):
        class_of("Popen")


def test_a_part_comes_out_by_its_class_alone():
    one = threat(steps=7)
    assert from_bytes(to_bytes((1, {"a": [one]})), only="ThreatModel") == one


def test_frames_are_read_without_torch():
    """The home page shows them before torch is there."""
    code = (
        "import sys; from robust_core.recordings import shipped, store; "
        "found = store.find(shipped.hero_request(), only='AttackFrames'); "
        "assert found.result.label and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=settings.ROOT, check=True, timeout=60)
