"""A plan is arithmetic on measured costs: what it says of networks whose costs are made up is known in advance."""

from dataclasses import replace

import pytest

from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.forecasts import Costs, forecast, images_per_condition, read_bytes, summed
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.unit_costs import FORWARD, GRADIENT, LOAD, UnitCost

F, G, F_OTHER, G_OTHER = 0.01, 0.03, 0.1, 0.5  # seconds
SAVED_BYTES = 1_000_000
RESNET50_BYTES, RESNEXT50_BYTES = 4 * 25_557_032, 4 * 25_028_904


def cost(what, key, seconds, saved_bytes=0, px=224):
    return UnitCost(what, key, px, seconds, saved_bytes, "cpu: made up", "2026-11-30")


COSTS = Costs(
    [
        cost(FORWARD, "resnet50", F),
        cost(GRADIENT, "resnet50", G, SAVED_BYTES),
        cost(FORWARD, "resnext50_32x4d", F_OTHER),
        cost(GRADIENT, "resnext50_32x4d", G_OTHER, 3 * SAVED_BYTES),
        cost(LOAD, "imagenet_c", 0.002),
    ]
)


def of(key, **options):
    return forecast(RunConfig(key, "resnet50", **options), COSTS)


def test_a_classification_is_one_pass_for_each_image_of_each_condition():
    found = of("imagenet_c")
    assert (found.units, found.images) == (75 * 50, 75 * 50_000)
    assert found.unit_seconds == pytest.approx(1_000 * F)
    assert found.hours(1) == pytest.approx(75 * 50_000 * F / 3_600)
    assert found.load_hours == pytest.approx(75 * 50_000 * 0.002 / 3_600)
    assert found.device_bytes == RESNET50_BYTES


def test_devices_take_whole_units_so_that_the_last_round_may_leave_some_idle():
    found = of("imagenet_a")  # 7,500 images in units of 1,000
    assert found.units == 8
    rounds = [found.hours(n) / (1_000 * F / 3_600) for n in (1, 3, 7, 8, 64)]
    assert rounds == pytest.approx([8, 3, 2, 1, 1])


def test_an_attack_is_a_gradient_for_each_step_and_one_pass():
    found = of("pgd")
    assert found.unit_seconds == pytest.approx(100 * (50 * G + F))
    assert found.device_bytes == RESNET50_BYTES + 64 * SAVED_BYTES


def test_an_attack_on_another_model_costs_what_that_one_costs():
    found = of("black_box")
    assert found.unit_seconds == pytest.approx(250 * (10 * G_OTHER + F_OTHER + F))
    assert found.device_bytes == RESNET50_BYTES + RESNEXT50_BYTES + 64 * 3 * SAVED_BYTES


def test_the_published_quirk_halves_the_images_and_a_limit_sets_them():
    assert images_per_condition(RunConfig("white_box_eps", "resnet50")) == 25_000
    assert images_per_condition(RunConfig("white_box_eps", "resnet50", without=("every_other_picture",))) == 50_000
    assert images_per_condition(RunConfig("pgd", "resnet50", limit=7)) == 7
    assert images_per_condition(RunConfig("imagenet_sketch", "resnet50")) == 50_889
    assert images_per_condition(RunConfig("mini_c", "mini_resnext")) == 512


def test_a_model_that_was_not_measured_has_no_forecast():
    assert forecast(RunConfig("imagenet", "vgg16"), COSTS) is None
    alone = Costs([cost(FORWARD, "resnet50", F), cost(GRADIENT, "resnet50", G)])
    assert forecast(RunConfig("black_box", "resnet50"), alone) is None, "its substitute was not"


def test_bytes_are_those_that_publishers_state():
    assert read_bytes(EXPERIMENTS["imagenet_a"]) == 687_552_512
    assert read_bytes(EXPERIMENTS["imagenet_c"]) == (21 + 7 + 12 + 7) * 10**9, "the fifth archive is not needed"
    assert read_bytes(EXPERIMENTS["imagenet"]) is None
    assert of("imagenet").written_bytes == pytest.approx(of("imagenet_c").written_bytes / 75, rel=1e-4)


def test_sums_are_over_models_and_the_largest_memory_is_named():
    two = [of("imagenet"), forecast(RunConfig("imagenet", "resnext50_32x4d"), COSTS), of("imagenet_a")]
    rows = {row["experiment"]: row for row in summed(two, (1, 8))}
    assert list(rows) == ["imagenet", "imagenet_a", "all"]
    assert (rows["imagenet"]["models"], rows["imagenet"]["units"], rows["all"]["units"]) == (2, 100, 108)
    assert [rows[key]["read_gb"] for key in rows] == [None, 0.687552512, None]
    assert rows["imagenet"]["hours_on_1"] == pytest.approx(50_000 * (F + F_OTHER) / 3_600)
    assert rows["all"]["hours_on_8"] == pytest.approx(sum(one.hours(8) for one in two))
    assert rows["all"]["device_gb"] == pytest.approx(max(RESNET50_BYTES, RESNEXT50_BYTES) / 1e9)


def test_devices_are_named_with_their_day():
    other = replace(cost(FORWARD, "vgg16", 1.0), device="cuda: made up")
    assert Costs([*COSTS.by_key.values(), other]).devices == (
        "cpu: made up, on 2026-11-30",
        "cuda: made up, on 2026-11-30",
    )
