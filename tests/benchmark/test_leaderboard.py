import pytest

from robust_core.benchmark.leaderboard import METRICS, beside, board_of, boards, ranked, series
from robust_core.errors import UnknownName
from robust_core.labels import IMAGENET, MINI
from robust_core.results import published, published_tables
from tests.benchmark.finished_runs import number


@pytest.mark.parametrize("table", published_tables())
def test_every_published_row_stands_on_exactly_one_board(table):
    found = boards(published(table))
    assert sum(map(len, found.values())) == len(published(table))
    for board, rows in found.items():
        assert {(row.benchmark, row.metric, row.protocol, row.unit) for row in rows} == {
            (board.benchmark, board.metric, board.protocol, board.unit)
        }


def test_a_metric_that_nobody_explained_is_refused():
    with pytest.raises(UnknownName, match="no metric called 'top7'"):
        board_of(number(metric="top7"))


def test_the_table_says_which_end_is_good():
    assert {key for key, metric in METRICS.items() if metric.higher_is_better is None} == {
        "shape_bias",
        "coverage",
        "abstention_rate",
    }
    assert {key for key, metric in METRICS.items() if metric.higher_is_better is False} > {
        "mce",
        "mfr",
        "top1_error",
        "rms_calibration_error",
    }
    assert all(key == metric.key for key, metric in METRICS.items())
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)


def test_accuracy_ranks_from_above_error_from_below_and_equals_share_a_rank():
    rows = [number(name, value=value) for name, value in (("a", 10.0), ("b", 30.0), ("c", 20.0), ("d", 30.0))]
    board = board_of(rows[0])
    assert [(place.rank, place.result.model) for place in ranked(rows, board)] == [
        (1, "b"),
        (1, "d"),
        (3, "c"),
        (4, "a"),
    ]
    rows = [number(name, metric="top1_error", value=value) for name, value in (("a", 10.0), ("b", 30.0))]
    assert [place.result.model for place in ranked(rows, board_of(rows[0]))] == ["a", "b"]
    rows = [number(name, metric="shape_bias", value=value) for name, value in (("a", 10.0), ("b", 30.0))]
    assert [place.result.model for place in ranked(rows, board_of(rows[0]))] == ["b", "a"]


@pytest.mark.parametrize(
    "other", [{"protocol": "another"}, {"unit": "% of AlexNet"}, {"condition": "severity=3"}, {"benchmark": "mini-C"}]
)
def test_nothing_else_stands_on_a_board(other):
    rows = [number("a"), number("b", **other)]
    assert [place.result.model for place in ranked(rows, board_of(rows[0]))] == ["a"]


def test_the_papers_models_rank_as_in_the_paper_and_not_beside_the_resized_ones():
    rows = published("orhan2019_benchmarks") + published("testbed")
    board = next(board for board in boards(rows) if board.benchmark == "ImageNet-C" and board.metric == "mce")
    assert [place.result.model for place in ranked(rows, board)] == [
        *(f"resnext101_32x{width}d_wsl" for width in (48, 32, 16, 8)),
        "resnext101_32x8d",
    ]


def test_how_an_image_was_shown_makes_no_other_experiment():
    small, large = number("a", condition="resolution_px=224"), number("b", condition="resolution_px=448")
    assert board_of(small) == board_of(large)
    assert board_of(small).condition == ""


def test_what_was_superseded_stands_apart_and_says_so():
    found = list(boards(published("orhan2019_superseded")))
    assert found
    assert all(board.superseded for board in found)
    assert not any(
        board.superseded
        for table in published_tables()
        if "superseded" not in table
        for board in boards(published(table))
    )


def test_worlds_do_not_mix():
    assert board_of(number(benchmark="mini PGD")).label_space == MINI
    assert board_of(number(benchmark="ImageNet-C")).label_space == IMAGENET


def test_a_series_joins_what_differs_in_the_named_settings_alone():
    rows = [
        number("a", condition=f"corruption={name} severity={severity}")
        for name in ("fog", "snow")
        for severity in (1, 2)
    ]
    mean = number("a", condition="corruption=fog", protocol="mean of severities")
    elsewhere = number("a", condition="corruption=fog severity=1", protocol="another")
    found = boards([*rows, mean, elsewhere])
    by_severity = series(found, "corruption", "severity")
    assert [len(group) for group in by_severity.values()] == [4, 1]
    assert all(board.condition == "" for board in by_severity)
    assert list(series(found, "corruption").values()) == [[mean]]
    assert series(found, "perturbation") == {}
    apart = series(found, "severity", apart=("corruption",))
    assert [(board.condition, len(group)) for board, group in apart.items()] == [
        ("corruption=fog", 2),
        ("corruption=snow", 2),
        ("corruption=fog", 1),
    ]


def test_calibration_stands_beside_the_accuracy_of_the_same_predictions():
    for table in ("orhan2019_benchmarks", "orhan2020"):
        found = boards(published(table))
        (accuracy,) = (board for board in found if (board.benchmark, board.metric) == ("ImageNet-A", "top1"))
        error = beside(accuracy, "rms_calibration_error", found)
        assert [row.model for row in found[error]] == [row.model for row in found[accuracy]]
        assert error.protocol.startswith(accuracy.protocol)
    assert beside(accuracy, "mce", found) is None
