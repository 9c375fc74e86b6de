import pytest

from robust_core.attributions.costs import PASSES, is_quick, passes
from robust_core.attributions.methods import METHODS


def test_every_method_has_a_forecast_by_its_own_settings():
    assert set(PASSES) == set(METHODS)
    assert all(passes(key, row.settings({})) > 0 for key, row in METHODS.items())


def test_more_steps_take_longer_and_finer_windows_too():
    settings = METHODS["integrated_gradients"].settings
    assert passes("integrated_gradients", settings({"steps": 128})) == 128
    windows = METHODS["occlusion"].settings({"window_percent": 50, "stride_percent": 25})
    assert passes("occlusion", windows) == pytest.approx(9 / 3), "three windows each way, forward alone"


def test_a_class_activation_map_is_made_at_once_and_rise_is_not():
    assert is_quick("grad_cam", {})
    assert not is_quick("rise", METHODS["rise"].settings({}))
