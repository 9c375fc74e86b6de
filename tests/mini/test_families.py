import pytest
import torch

from robust_core.cue_conflict.votes import CueVotes
from robust_core.errors import WeightsUnavailable
from robust_core.events import Progress, result_of
from robust_core.mini import families
from robust_core.mini.families import measuring, read
from robust_core.mini.hard_set import HardSet
from robust_core.mini.measurement import Count, Measurement
from robust_core.mini.weights import describe

HARD_SET = HardSet(torch.arange(4))


@pytest.fixture
def measured_paths(tmp_path, monkeypatch):
    """Two weight files, and a measurement that only notes what it was asked for."""
    paths = []

    def measure(path, hard_indices):
        paths.append(path.stem)
        count = Count(3, 4)
        yield Progress(1, 1, "steps", "PGD 4/255")
        return Measurement(describe(path), count, count, count, count, count, CueVotes(1, 2, 4), {"4/255": {0: count}})

    monkeypatch.setattr(families, "measure", measure)
    monkeypatch.setattr("robust_core.mini.weights.metadata_of", lambda path: {"model": path.stem})
    for name in ("first", "second"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode())
    return paths


def test_what_was_measured_is_kept_and_not_measured_again(tmp_path, measured_paths):
    record = tmp_path / "record.json"
    first = result_of(measuring(record, tmp_path, ["first"], HARD_SET))
    both = result_of(measuring(record, tmp_path, ["first", "second"], HARD_SET))
    assert measured_paths == ["first", "second"]
    assert both["first"] == first["first"]
    assert read(record) == both


def test_another_file_of_the_same_name_is_measured_again(tmp_path, measured_paths):
    record = tmp_path / "record.json"
    result_of(measuring(record, tmp_path, ["first"], HARD_SET))
    (tmp_path / "first.safetensors").write_bytes(b"trained anew")
    family = result_of(measuring(record, tmp_path, ["first"], HARD_SET))
    assert measured_paths == ["first", "first"]
    assert family["first"].file == describe(tmp_path / "first.safetensors")


def test_measurements_of_another_world_are_none(tmp_path, measured_paths, monkeypatch):
    record = tmp_path / "record.json"
    result_of(measuring(record, tmp_path, ["first"], HARD_SET))
    monkeypatch.setattr(families, "WORLD", "another world")
    assert read(record) == {}
    assert read(tmp_path / "none.json") == {}


def test_a_missing_model_is_named(tmp_path, measured_paths):
    with pytest.raises(WeightsUnavailable, match="third"):
        result_of(measuring(tmp_path / "record.json", tmp_path, ["first", "third"], HARD_SET))
    assert list(read(tmp_path / "record.json")) == ["first"], "what was done before is kept"
