import pytest

from robust_core.jobs.durations import REMEMBERED, Durations


@pytest.fixture
def durations():
    measured = Durations()
    for kind, seconds in (("film", 8.0), ("film", 10.0), ("film", 90.0), ("map", 1.0)):
        measured.note(kind, seconds)
    return measured


def test_nothing_is_said_before_anything_was_measured():
    assert Durations().usual("film") is None
    assert Durations().remaining("film", 5.0, None) is None


def test_the_median_of_the_same_kind_counts(durations):
    assert durations.usual("film") == 10.0
    assert durations.usual("map") == 1.0


def test_a_kind_without_measurements_is_taken_for_a_usual_one(durations):
    assert durations.usual("never seen") == 9.0, "the median of 1, 8, 10 and 90"


def test_only_the_last_jobs_count(durations):
    for _ in range(REMEMBERED):
        durations.note("film", 2.0)
    durations.note("film", 3.0)
    assert durations.usual("film") == 2.0
    assert durations.usual("map") == 1.0


def test_what_remains_of_a_running_job(durations):
    assert durations.remaining("film", 6.0, 0.25) == 18.0, "a quarter took 6 s"
    assert durations.remaining("film", 6.0, None) == 4.0
    assert durations.remaining("film", 6.0, 0.0) == 4.0
    assert durations.remaining("film", 60.0, None) == 0.0
    assert Durations().remaining("film", 6.0, 0.5) == 6.0
