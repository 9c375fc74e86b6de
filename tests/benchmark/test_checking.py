from collections.abc import Iterable
from dataclasses import replace

import pytest

from robust_core.benchmark import checking
from robust_core.benchmark.checking import MOST, Verdict, check, config_for, is_here
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.runner import UnitDone
from robust_core.corruptions import frost_photos
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.results import Result, published
from tests.outcomes import events_and_result


def stated(
    metric="top1_error",
    value=50.0,
    condition="corruption=fog severity=3",
    benchmark="mini-C",
    protocol="Corrupted live, 64 px",
):
    return Result(benchmark, "mini_resnext", condition, metric, value, "%", 512, protocol, "cached", "a test")


def of(experiment, metric, condition):
    """A number of an experiment of Mini's, as the runner files it."""
    row = EXPERIMENTS[experiment]
    return stated(metric, condition=condition, benchmark=row.benchmark, protocol=row.protocol)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    return tmp_path


def test_a_right_number_agrees_and_a_wrong_one_does_not(own_cache):
    news, first = events_and_result(check(stated(), None, 64, 3))
    assert {type(event) for event in news} == {Progress, UnitDone}
    assert first.measured.n == 64
    assert "64 images drawn with seed 3" in first.measured.protocol
    right = result_of(check(stated(value=first.measured.value), None, 64, 3))
    assert right.agrees
    wrong = Verdict(stated(value=(first.measured.value + 50) % 100), first.measured)
    assert not wrong.agrees
    assert not (own_cache / "runs" / "benchmarks").exists(), "a check is no result"


def test_what_an_attack_on_a_source_leaves_is_measured_again():
    row = of("mini_transfer", "top1_under_attack", "source=mini_resnext_wsl steps=20")
    measured = result_of(check(row, None, 64, 5)).measured
    assert (measured.n, measured.condition) == (64, row.condition)
    assert 50 < measured.value < 100, "most of what fools another model does not fool this one"


def test_a_number_whose_source_is_not_here_cannot_be_checked(monkeypatch):
    config = config_for(of("mini_transfer", "top1_under_attack", "source=mini_resnext_at8 steps=20"), None)
    monkeypatch.setattr(checking.weights, "present", lambda spec: spec.key != "mini_resnext_at8")
    assert not is_here(config)
    assert is_here(replace(config, only="source=mini_resnext_wsl"))


def test_an_accuracy_is_checked_against_the_error_that_the_runner_states():
    error = result_of(check(stated(), None, 64, 0))
    accuracy = result_of(check(stated(metric="top1", value=50.0), None, 64, 0))
    assert accuracy.measured.value == pytest.approx(100 - error.measured.value)


@pytest.mark.parametrize(
    ("row", "experiment", "only"),
    [
        (stated(), "mini_c", "corruption=fog severity=3"),
        (stated("top1", benchmark="mini", condition="", protocol="Clean test set"), "mini", ""),
        (
            stated(
                "shape_bias",
                benchmark="mini cue conflict",
                condition="pictures=1024",
                protocol="The best of the 16 classes decides",
            ),
            "mini_shape_bias",
            "",
        ),
        (of("mini_attacks", "top1_under_attack", "attack=apgd_ce steps=100"), "mini_attacks", "attack=apgd_ce"),
        (of("mini_smallest_change", "top1_under_attack", "eps=0.0039215686"), "mini_smallest_change", ""),
        (
            of("mini_transfer", "top1_under_attack", "source=mini_resnext_at8 steps=20"),
            "mini_transfer",
            "source=mini_resnext_at8",
        ),
        (of("mini_certified", "certified_accuracy", "sigma=0.25 radius=0.5"), "mini_certified", "sigma=0.25"),
        (of("mini_certified", "abstention_rate", "sigma=0.50"), "mini_certified", "sigma=0.50"),
    ],
)
def test_a_number_knows_its_run(row, experiment, only):
    config = config_for(row, None)
    assert (config.experiment_key, config.only) == (experiment, only)
    assert is_here(config)


@pytest.mark.parametrize(
    "row",
    [
        stated("mean_error", condition="corruption=fog"),  # no share of images
        stated(condition="corruption=frog severity=3"),
        stated(protocol="Stored images"),
        stated(benchmark="mini-Cx"),
        of("mini_attacks", "top1", ""),  # of no attack
        of("mini_smallest_change", "median_smallest_eps", ""),  # no share
        of("mini_transfer", "top1_under_attack", "source=mini_resnext_wide steps=20"),
    ],
)
def test_what_the_runner_does_not_measure_has_no_run(row):
    assert config_for(row, None) is None


def test_published_numbers_of_the_paper_have_runs():
    assert runs(published("orhan2019_pgd")) == len(published("orhan2019_pgd"))
    assert runs(published("orhan2019_benchmarks")) == 10, "clean and ImageNet-A of five models; means are no shares"


@pytest.mark.parametrize("table", ["timm", "testbed", "robustbench", "orhan2019_superseded"])
def test_numbers_of_another_protocol_have_none(table):
    one_of_each = {(row.model, row.benchmark, row.metric, row.protocol): row for row in published(table)}
    assert runs(one_of_each.values()) == 0


def runs(rows: Iterable[Result]) -> int:
    """How many of them can be measured again."""
    return sum(config_for(row, None) is not None for row in rows)


def test_without_its_images_a_number_is_not_here(tmp_path):
    row = next(row for row in published("orhan2019_pgd") if row.model == "resnext101_32x8d")
    assert not is_here(config_for(row, None))
    assert not is_here(config_for(row, tmp_path))


@pytest.mark.parametrize(
    ("row", "n"), [(stated(), MOST + 1), (stated(), 63), (stated("mean_error", condition="corruption=fog"), 64)]
)
def test_what_cannot_be_checked_is_refused(row, n):
    with pytest.raises(BadInput):
        list(check(row, None, n, 0))


@pytest.mark.parametrize(
    ("protocol", "condition", "has_run"),
    [
        ("Corrupted live, 64 px", "corruption=frost severity=3", False),
        ("Corrupted live, 64 px; procedural frost", "corruption=frost severity=3", True),
        ("Corrupted live, 64 px; procedural frost", "corruption=fog severity=3", True),
    ],
)
def test_frost_is_measured_again_only_where_it_is_made_of_the_same(protocol, condition, has_run, monkeypatch):
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    assert (config_for(stated(condition=condition, protocol=protocol), None) is not None) is has_run


def test_frost_of_the_procedure_is_not_measured_again_with_photos(monkeypatch):
    pytest.importorskip("imagecorruptions")
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    frost = {"condition": "corruption=frost severity=3"}
    assert config_for(stated(**frost), None) is not None
    assert config_for(stated(**frost, protocol="Corrupted live, 64 px; procedural frost"), None) is None


def test_what_went_through_jpeg_goes_through_it_again():
    assert config_for(stated(protocol="Corrupted live, 64 px; JPEG of quality 85, as stored"), None).as_stored
    assert not config_for(stated(), None).as_stored
