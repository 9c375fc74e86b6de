from robust_core.ui.benchmarks.factors import error_ratio
from tests.benchmark.finished_runs import number


def test_the_ratio_is_of_errors():
    assert error_ratio(number(value=60.0), number(value=80.0)) == 2.0
    assert error_ratio(number(value=80.0), number(value=80.0)) == 1.0
    assert error_ratio(number(value=100.0), number(value=100.0)) is None
