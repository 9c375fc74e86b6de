"""What a run costs at most, from the table and the measured seconds of a pass."""

import pytest

import robust_core as rc
from robust_core.attacks.config import AttackConfig
from robust_core.models.catalogue import get_spec
from robust_core.studies.attack_comparison import AttackComparisonRequest
from robust_core.ui.compare_attacks import costs
from robust_core.ui.pgd_steps import forecast


def request(*keys, models=("mini_resnext",), n=4):
    configs = tuple(AttackConfig.of(key, "linf", 8 / 255) for key in keys)
    return AttackComparisonRequest(tuple(map(get_spec, models)), rc.draw_images("mini", n), configs)


def test_passes_are_those_of_the_table_and_one_over_the_clean_images():
    assert costs.passes(request("pgd")) == 4 * (1 + 51 + 50)
    assert costs.passes(request("pgd", "square")) == 4 * (1 + 51 + 50) + 4 * (1 + 5_000)
    assert costs.passes(request("pgd", models=("mini_resnext", "mini_resnext_wsl"))) == 2 * 4 * 102


def test_a_forward_pass_takes_a_third_of_one_forward_and_back(monkeypatch):
    seconds = {"mini_resnext": 0.3, "mini_resnext_wsl": 0.6}
    monkeypatch.setattr(forecast, "seconds_of_a_pass", lambda spec: seconds.get(spec.key))
    assert costs.seconds(request("square")) == pytest.approx(4 * 5_001 * 0.1)
    assert costs.seconds(request("pgd")) == pytest.approx(4 * (50 * 0.3 + 2 * 0.1))
    both = request("square", models=("mini_resnext", "mini_resnext_wsl"))
    assert costs.seconds(both) == pytest.approx(4 * 5_001 * (0.1 + 0.2))


def test_what_was_never_measured_is_not_forecast(monkeypatch):
    monkeypatch.setattr(forecast, "seconds_of_a_pass", lambda spec: None)
    assert costs.seconds(request("pgd")) is None
