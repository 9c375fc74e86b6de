"""A run on the disk: whole or not at all, whatever is damaged, missing or full."""

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from robust_core.benchmark.stored_runs import (
    Run,
    finished,
    joined,
    merge,
    own_store,
    run_of,
    runs_in,
    stores,
    unit_name,
)
from robust_core.errors import DataUnavailable
from robust_core.results import Result

IDENTITY = {"experiment": "imagenet", "model": "tiny", "seed": 0}
NAMES = [unit_name("eps=0.1", 0, "aa"), unit_name("eps=0.1", 1, "bb"), unit_name("", 0, "cc")]
RESULT = Result("ImageNet", "tiny", "", "top1", 50.0, "%", 2, "a protocol", "cached", "a test")


def predictions(start, n=200):
    """Predictions that compress badly, as real ones do."""
    draw = np.random.default_rng(start)
    return {
        "correct": draw.random(n) < 0.5,
        "confidence": draw.random(n, np.float32),
        "label": np.arange(start, start + n, dtype=np.int16),
    }


def same(one, other):
    return one.keys() == other.keys() and all(
        (one[field] == other[field]).all() and one[field].dtype == other[field].dtype for field in one
    )


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def run(tmp_path):
    run = run_of(IDENTITY, tmp_path / "store")
    run.begin(IDENTITY)
    return run


@pytest.fixture
def done(run):
    """A finished run of three units."""
    for start, name in enumerate(NAMES):
        run.write_unit(name, predictions(start))
    run.finish(IDENTITY, NAMES, "digest", [RESULT])
    return Run(run.folder)


# Units


def test_a_unit_comes_back_as_it_went(run):
    assert run.read_unit(NAMES[0]) is None
    run.write_unit(NAMES[0], predictions(0))
    assert same(run.read_unit(NAMES[0]), predictions(0))
    assert same(Run(run.folder).read_unit(NAMES[0]), predictions(0))
    assert files(run.folder / "units") == [f"{NAMES[0]}.npz"]


def test_every_cut_of_a_units_file_is_seen_as_damaged(run):
    run.write_unit(NAMES[0], predictions(0, n=16))
    path = run.folder / "units" / f"{NAMES[0]}.npz"
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert run.read_unit(NAMES[0]) is None, f"{length} of {len(content)} bytes"


def test_a_flipped_byte_never_stops_a_run_and_never_changes_a_prediction(run):
    """zlib, zipfile and NumPy each raise errors of their own over it; where only a date or a mode is hit the
    predictions are sound.
    """
    run.write_unit(NAMES[0], predictions(0, n=16))
    path, expected = run.folder / "units" / f"{NAMES[0]}.npz", predictions(0, n=16)
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        found = run.read_unit(NAMES[0])
        assert found is None or all((found[field] == expected[field]).all() for field in found), f"byte {place}"


def test_other_contents_are_no_unit(run, tmp_path):
    path = run.folder / "units" / f"{NAMES[0]}.npz"
    path.parent.mkdir()
    np.save(tmp_path / "array.npy", np.arange(3))
    np.savez(tmp_path / "pickled.npz", correct=np.array([{}], dtype=object))
    for content in (b"", b"no unit", (tmp_path / "array.npy").read_bytes(), (tmp_path / "pickled.npz").read_bytes()):
        path.write_bytes(content)
        assert run.read_unit(NAMES[0]) is None
    path.unlink()
    path.mkdir()
    assert run.read_unit(NAMES[0]) is None


def test_an_unreadable_unit_is_a_missing_one(run, monkeypatch):
    run.write_unit(NAMES[0], predictions(0))

    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(np, "load", refuse)
    assert run.read_unit(NAMES[0]) is None


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing_half_written(run, monkeypatch):
    run.write_unit(NAMES[0], predictions(0))
    before = files(run.folder)
    write = Path.write_bytes

    def write_half(path, content):
        write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_half)
        for name in NAMES[:2]:
            with pytest.raises(
                DataUnavailable, match=r"cannot be written \(No space left on device\); what was finished is safe"
            ):
                run.write_unit(name, predictions(1))
    assert files(run.folder) == before
    assert same(run.read_unit(NAMES[0]), predictions(0))
    run.write_unit(NAMES[1], predictions(1))
    assert same(run.read_unit(NAMES[1]), predictions(1))


@pytest.mark.parametrize(
    "act",
    [
        lambda run: run.begin(IDENTITY),
        lambda run: run.lock(NAMES[0]),
        lambda run: run.finish(IDENTITY, NAMES, "", [RESULT]),
    ],
)
def test_a_store_that_cannot_be_written_is_a_sentence_without_its_path(tmp_path, act):
    (tmp_path / "store").write_bytes(b"a file where a folder should be")
    run = run_of(IDENTITY, tmp_path / "store")
    with pytest.raises(DataUnavailable, match="cannot be written") as raised:
        act(run)
    assert run.title in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


# Locks


def test_a_lock_is_one_processs_until_it_lets_go(run):
    held = run.lock(NAMES[0])
    assert Run(run.folder).lock(NAMES[0]) is None
    run.lock(NAMES[1]).release()
    held.release()
    run.lock(NAMES[0]).release()


def test_a_lock_whose_folder_goes_meanwhile_is_not_had_this_time(run, monkeypatch):
    mkdir = Path.mkdir

    def gone_at_once(path, *arguments, **options):
        mkdir(path, *arguments, **options)
        if path.name == "locks":
            path.rmdir()

    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", gone_at_once)
        assert run.lock(NAMES[0]) is None
    run.lock(NAMES[0]).release()


# Runs


def test_a_run_lies_under_its_experiment_model_and_everything_else_that_determines_it(tmp_path):
    run = run_of(IDENTITY, tmp_path)
    assert run.folder.parent == tmp_path / "imagenet" / "tiny"
    assert run_of(dict(reversed(IDENTITY.items())), tmp_path) == run
    assert run_of(IDENTITY | {"seed": 1}, tmp_path).folder.name != run.folder.name


def test_a_finished_run_knows_its_numbers_its_images_and_its_predictions(done):
    assert done.is_finished
    assert done.results() == (RESULT,)
    assert done.images_digest == "digest"
    found = done.predictions()
    assert list(found) == ["eps=0.1", ""]
    assert same(
        found["eps=0.1"],
        {field: np.concatenate([predictions(0)[field], predictions(1)[field]]) for field in predictions(0)},
    )
    assert same(found[""], predictions(2))


def test_finishing_clears_up_what_killed_attempts_left(run):
    run.write_unit(NAMES[0], predictions(0))
    (run.folder / "units" / f".{NAMES[0]}.npz.0123").write_bytes(b"half a unit")
    run.lock(NAMES[0]).release()
    run.finish(IDENTITY, NAMES[:1], "", [RESULT])
    assert files(run.folder) == ["results.csv", "run.json", f"units/{NAMES[0]}.npz"]


def test_beginning_again_changes_nothing_and_mends_a_damaged_record(done):
    record = done.folder / "run.json"
    before = record.read_bytes()
    done.begin(IDENTITY)
    assert record.read_bytes() == before
    record.write_bytes(before[:10])
    Run(done.folder).begin(IDENTITY)
    assert json.loads(record.read_bytes()) == IDENTITY


def test_a_run_that_is_not_finished_has_no_predictions(run):
    run.write_unit(NAMES[0], predictions(0))
    assert not run.is_finished
    assert run.results() == ()
    with pytest.raises(DataUnavailable, match="not all there"):
        run.predictions()


def test_a_finished_run_that_lost_a_unit_says_so(done):
    (done.folder / "units" / f"{NAMES[1]}.npz").write_bytes(b"damaged")
    with pytest.raises(DataUnavailable, match="run it again"):
        done.predictions()
    assert done.results() == (RESULT,)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"another,table\n1,2\n", b"benchmark,model\n1\n", b"\0" * 100])
def test_a_damaged_table_of_results_is_no_results(done, content):
    (done.folder / "results.csv").write_bytes(content)
    assert done.results() == ()


def test_runs_of_a_store_are_found_but_for_those_that_nobody_knows(done, tmp_path):
    store = tmp_path / "store"
    begun = run_of(IDENTITY | {"seed": 1}, store)
    begun.begin(IDENTITY | {"seed": 1})
    damaged = run_of(IDENTITY | {"seed": 2}, store)
    damaged.folder.mkdir(parents=True)
    (damaged.folder / "run.json").write_bytes(b"{")
    assert {run.folder for run in runs_in(store)} == {done.folder, begun.folder}
    assert finished(store) == [done]
    assert runs_in(tmp_path / "nothing") == []


def test_stores_are_the_shipped_one_and_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    assert own_store() == tmp_path / "runs" / "benchmarks"
    assert stores()[-1] == own_store()
    assert stores()[0].parts[-3:] == ("cache", "mini", "results")


# Packed, and merged


def test_a_packed_run_is_the_same_in_three_files(done, tmp_path):
    packed = done.pack(tmp_path / "packed")
    assert files(tmp_path / "packed") == [
        f"imagenet/tiny/{done.folder.name}/{name}" for name in ("answers.npz", "results.csv", "run.json")
    ]
    assert packed.results() == done.results()
    assert packed.identity == done.identity
    assert all(
        same(one, other) for one, other in zip(packed.predictions().values(), done.predictions().values(), strict=True)
    )
    assert all(same(packed.read_unit(name), done.read_unit(name)) for name in NAMES)
    assert packed.read_unit("another") is None
    with pytest.raises(DataUnavailable, match="not all there"):
        run_of(IDENTITY | {"seed": 1}, tmp_path / "store").pack(tmp_path / "packed")


def test_merging_takes_over_what_is_sound_and_missing(done, tmp_path):
    store = tmp_path / "other"
    (done.folder / "units" / f"{NAMES[1]}.npz").write_bytes(b"damaged")
    own = run_of(IDENTITY, store)
    own.write_unit(NAMES[0], predictions(7))
    assert merge(tmp_path / "store", store) == 1
    assert same(own.read_unit(NAMES[0]), predictions(7)), "what is there stays"
    assert own.read_unit(NAMES[1]) is None
    assert same(own.read_unit(NAMES[2]), predictions(2))
    assert Run(own.folder).identity == IDENTITY, "whether it is finished is for the next run to say"
    assert merge(tmp_path / "store", store) == 0


def test_merging_a_packed_store_gives_its_units(done, tmp_path):
    done.pack(tmp_path / "packed")
    assert merge(tmp_path / "packed", tmp_path / "other") == len(NAMES)
    assert same(run_of(IDENTITY, tmp_path / "other").read_unit(NAMES[2]), predictions(2))


def test_merging_the_halves_of_a_run_makes_it_whole(done, tmp_path):
    halves = [tmp_path / "left", tmp_path / "right"]
    for half, kept in zip(halves, (NAMES[:1], NAMES[1:]), strict=True):
        shutil.copytree(tmp_path / "store", half)
        for name in set(NAMES) - set(kept):
            (run_of(IDENTITY, half).folder / "units" / f"{name}.npz").unlink()
    assert [merge(half, tmp_path / "whole") for half in halves] == [1, 2]
    assert all(run_of(IDENTITY, tmp_path / "whole").read_unit(name) is not None for name in NAMES)


def test_there_must_be_something_to_merge(tmp_path):
    with pytest.raises(DataUnavailable, match="no runs in .*nothing; expected <experiment>/<model>/<key>/run.json"):
        merge(tmp_path / "nothing", tmp_path)


def test_units_are_joined_by_condition_in_order():
    units = {
        unit_name("corruption=fog severity=3", number, "ff"): {"label": np.arange(2) + 10 * number}
        for number in range(3)
    }
    found = joined(units | {unit_name("", 0, "ff"): {"label": np.array([5])}})
    assert {condition: one["label"].tolist() for condition, one in found.items()} == {
        "corruption=fog severity=3": [0, 1, 10, 11, 20, 21],
        "": [5],
    }
