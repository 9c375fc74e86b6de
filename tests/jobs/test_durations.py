import pytest

from robust_core.jobs.durations import REMEMBERED, Durations


@pytest.fixture
def durations():
    measured = Durations()
    for kind, seconds in (("sequence", 8.0), ("sequence", 10.0), ("sequence", 90.0), ("map", 1.0)):
        measured.note(kind, seconds)
    return measured


def test_nothing_is_said_before_anything_was_measured():
    assert Durations().usual("sequence") is None
    assert Durations().remaining("sequence", 5.0, None) is None


def test_the_median_of_the_same_kind_counts(durations):
    assert durations.usual("sequence") == 10.0
    assert durations.usual("map") == 1.0


def test_a_kind_without_measurements_is_taken_for_a_usual_one(durations):
    assert durations.usual("never seen") == 9.0, "the median of 1, 8, 10 and 90"


def test_only_the_last_jobs_count(durations):
    for _ in range(REMEMBERED):
        durations.note("sequence", 2.0)
    durations.note("sequence", 3.0)
    assert durations.usual("sequence") == 2.0
    assert durations.usual("map") == 1.0


def test_what_remains_of_a_running_job(durations):
    assert durations.remaining("sequence", 6.0, 0.25) == 18.0, "a quarter took 6 s"
    assert durations.remaining("sequence", 6.0, None) == 4.0
    assert durations.remaining("sequence", 6.0, 0.0) == 4.0
    assert durations.remaining("sequence", 60.0, None) == 0.0
    assert Durations().remaining("sequence", 6.0, 0.5) == 6.0
