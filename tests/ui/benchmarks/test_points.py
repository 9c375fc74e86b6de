from dataclasses import replace

import pytest

from robust_core.intervals import wilson
from robust_core.ui.benchmarks.known_models import NEUTRAL, UNKNOWN, who
from robust_core.ui.benchmarks.points import by_family, group_of, in_figures, methods, point_of, sentence
from tests.benchmark.finished_runs import number


def known_of(name):
    return who([number(name)])[name]


def test_a_point_carries_its_interval_and_its_words():
    row = number("resnet50", condition="corruption=fog severity=2", value=75.0, n=400)
    point = point_of(known_of("resnet50"), row, 2)
    assert (point.x, point.y) == (2, 75.0)
    assert (point.low, point.high) == (
        pytest.approx(100 * wilson(300, 400).low),
        pytest.approx(100 * wilson(300, 400).high),
    )
    assert point.words.split("<br>")[:2] == ["ResNet-50", "fog, severity 2"]


def test_a_sentence_says_n_interval_and_badge_or_that_they_are_not_known():
    assert sentence(number(value=75.0, n=400)) == "75.0% [70.5, 79.0], n = 400, CACHED"
    assert (
        sentence(number(value=66.65, unit="% of AlexNet", n=0, kind="published"))
        == "66.7% of AlexNet, n not stated, PUBLISHED"
    )


def test_a_group_runs_from_left_to_right():
    rows = [number("resnet50", condition=f"severity={severity}", value=severity) for severity in (3, 1, 2)]
    group = group_of(known_of("resnet50"), rows, lambda row: row.setting("severity"))
    assert [point.x for point in group.points] == [1, 2, 3]
    assert (group.title, group.hollow) == ("ResNet-50", False)


def test_families_have_their_colours_and_the_unknown_stands_back():
    points = [
        (known_of(name), point_of(known_of(name), number(name), 0))
        for name in ("resnet50_simsiam", "resnet50", "resnet18")
    ]
    trained, unknown = by_family(points)
    assert (trained.title, len(trained.points), trained.hollow) == ("ImageNet-trained", 2, False)
    assert (unknown.title, unknown.colour, len(unknown.points), unknown.hollow) == (UNKNOWN, NEUTRAL, 1, True)


def test_n_in_figures():
    assert in_figures([number(n=50_000)]) == "50,000"
    assert in_figures([number(n=500), number(n=1_000), number(n=700)]) == "500 to 1,000"
    assert in_figures([number(n=0)]) == "not stated"


def test_few_images_are_counted_in_a_sentence():
    assert sentence(number(value=75.0, n=4)) == "3 of 4 [30.1, 95.4], n = 4, CACHED"
    mean = number(metric="mean_error", value=75.0, n=4)
    assert sentence(mean) == "75.0%, n = 4, CACHED", "a mean over severities is no count of images"


def test_other_numbers_have_their_stored_bounds_and_the_method_is_named_once():
    mce = replace(number(metric="mce", unit="% of AlexNet"), low=45.0, high=56.5, interval_method="bootstrap")
    assert sentence(mce) == "50.0% of AlexNet [45.0, 56.5], n = 4, CACHED"
    point = point_of(known_of("resnet50"), replace(mce, model="resnet50"), 0)
    assert (point.low, point.high) == (45.0, 56.5)
    assert methods([mce, mce, number()]) == " Whiskers: 95%, bootstrap; Wilson."
    assert methods([number(metric="mce", unit="% of AlexNet")]) == ""
