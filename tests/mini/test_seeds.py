import pytest
import torch

from robust_core.cue_conflict.votes import CueVotes
from robust_core.events import Progress, result_of
from robust_core.mini import families, seeds
from robust_core.mini.hard_set import HardSet
from robust_core.mini.measurement import Count, Measurement
from robust_core.mini.seeds import OTHER_SEEDS, measure_seed, measured_seeds, record_of
from robust_core.mini.weights import SHIPPED_SEED, describe
from tests.outcomes import events_and_result


@pytest.fixture
def measured_files(few_recipes, monkeypatch):
    """The small family instead of the shown one, and a measurement that only notes the file."""
    files = []

    def measure(path, hard_indices):
        files.append(describe(path))
        count = Count(3, 4)
        yield Progress(1, 1, "steps", "PGD 4/255")
        return Measurement(files[-1], count, count, count, count, count, CueVotes(1, 2, 4), {"4/255": {0: count}})

    def obtained(folder, precision):
        yield from ()
        return HardSet(torch.arange(4))

    monkeypatch.setattr(seeds, "SHOWN", ("attacked", "two_phases"))
    monkeypatch.setattr(seeds, "obtained", obtained)
    monkeypatch.setattr(families, "measure", measure)
    return files


def test_the_shipped_seed_is_none_of_the_others():
    assert SHIPPED_SEED not in OTHER_SEEDS


def test_a_seed_is_trained_measured_and_kept(measured_files, tmp_path):
    family = result_of(measure_seed(2, record_of(2, tmp_path), tmp_path / "weights", "cpu", "float32"))
    assert [(file["model"], file["seed"]) for file in measured_files] == [("attacked", "2"), ("two_phases", "2")]
    assert measured_seeds(tmp_path) == {2: family}


def test_a_second_run_has_nothing_left_to_do(measured_files, tmp_path):
    first = result_of(measure_seed(1, record_of(1, tmp_path), tmp_path / "weights", "cpu", "float32"))
    again = measure_seed(1, record_of(1, tmp_path), tmp_path / "weights", "cpu", "float32")
    assert events_and_result(again) == ([], first)
    assert len(measured_files) == 2
