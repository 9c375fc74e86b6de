"""A run may be stopped anywhere, shared by anybody and damaged in any way: its numbers are those of an undisturbed
one.
"""

import errno
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from robust_core.benchmark import run_configs, runner
from robust_core.benchmark.executors import InProcess
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.plans import make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import Shard, UnitDone, results_of, run
from robust_core.benchmark.stored_runs import merge, run_of
from robust_core.errors import BadImage, DataUnavailable, NotFinite
from robust_core.events import Progress, mapped, result_of
from robust_core.models import pool as pool_module
from robust_core.models.finite import FiniteCheck
from robust_core.settings import ROOT
from tests.models.rows import OVERFLOWING, tiny_spec
from tests.outcomes import events_and_result

GUARD_SECONDS = 240
KILLS = 10
MANY_UNITS = RunConfig("mini_c", "mini_resnext", limit=2)  # 75 units
# its server imports torch once, and each process is one fork of it
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


class Executioner:
    """Kills its own process at a call, of Python or of C, that is known beforehand; counts calls from the first
    prediction on.
    """

    def __init__(self, moment: int | None):
        self.moment, self.calls, self.calls_of_units = moment, 0, 0

    def __call__(self, frame, event, argument):
        self.calls += event in ("call", "c_call")
        if self.calls == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


def work(pipe, config, store, moment=None, barrier=None):
    """In a process of its own: run `config`, and send what is done, then the outcome with the number of calls that all
    units took.
    """
    torch.set_num_threads(1)
    executioner = Executioner(moment)
    if barrier is not None:
        barrier.wait(GUARD_SECONDS)

    def tell(event):
        if isinstance(event, Progress) and event.note.startswith("corruption "):
            sys.setprofile(executioner)
        if isinstance(event, UnitDone):
            executioner.calls_of_units = executioner.calls
            pipe.send(event.name)

    status = result_of(mapped(run(config, store=store), tell))
    sys.setprofile(None)
    pipe.send((status, executioner.calls_of_units))


def start(config, store, **options):
    """The process that does `work`, and the end of the pipe where its news arrive."""
    receiver, sender = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(sender, config, store), kwargs=options, daemon=True)
    process.start()
    sender.close()
    return process, receiver


def news(process, receiver):
    """The units that a process has done, then its outcome if it came to one."""
    received = []
    while receiver.poll(GUARD_SECONDS):
        try:
            received.append(receiver.recv())
        except EOFError:
            break
    process.join(GUARD_SECONDS)
    return received


def unit_files(store):
    """Every finished unit with what tells whether it was written anew."""
    return {
        path.stem: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in store.rglob("units/[!.]*.npz")
    }


def left_behind(store):
    """Files that are neither a unit nor the record or the numbers of a run."""
    return [
        path
        for path in store.rglob("*")
        if path.is_file() and (path.name.startswith(".") or path.suffix not in (".npz", ".json", ".csv"))
    ]


def numbers(status):
    """The content of results.csv."""
    return (status.run.folder / "results.csv").read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The run of many units that nobody disturbed, and how many calls these took."""
    *done, (status, calls) = news(*start(MANY_UNITS, tmp_path_factory.mktemp("undisturbed")))
    assert status.computed == status.total == len(done) == 75
    return status, calls


@pytest.fixture
def config(tiny, tree):
    return RunConfig("imagenet_c", tiny.key, tree)


@pytest.fixture
def small_units(monkeypatch):
    """Every condition of ImageNet-C is three units of two images."""
    monkeypatch.setitem(EXPERIMENTS, "imagenet_c", replace(EXPERIMENTS["imagenet_c"], unit_images=2))


# Killed


def test_killed_at_ten_moments_and_resumed_the_numbers_are_the_same(undisturbed, tmp_path):
    undisturbed, calls = undisturbed
    moments = np.random.default_rng(0).integers(1, calls // (KILLS + 1), KILLS)
    before, by_attempt = {}, []
    for moment in moments.tolist():
        process, receiver = start(MANY_UNITS, tmp_path, moment=moment)
        told = news(process, receiver)
        assert process.exitcode == -signal.SIGKILL
        after = unit_files(tmp_path)
        assert before.items() <= after.items(), "a unit was lost or computed twice"
        new = after.keys() - before.keys()
        assert set(told) <= new
        assert len(new) <= len(told) + 1, "more than the unit in hand was not told"
        by_attempt.append(len(new))
        before = after
    assert sum(by_attempt) < undisturbed.total
    assert max(by_attempt) > 1
    *told, (status, _) = news(*start(MANY_UNITS, tmp_path))
    assert before.items() <= unit_files(tmp_path).items()
    assert len(told) == status.computed == undisturbed.total - len(before)
    assert status.results == undisturbed.results
    assert numbers(status) == numbers(undisturbed)
    assert left_behind(tmp_path) == []


# Shared


def test_two_processes_on_one_store_compute_each_unit_once(undisturbed, tmp_path):
    barrier = PROCESSES.Barrier(2)
    (*first, (one, _)), (*second, (other, _)) = [
        news(process, receiver)
        for process, receiver in [start(MANY_UNITS, tmp_path, barrier=barrier) for _ in range(2)]
    ]
    assert sorted(first + second) == sorted(unit_files(tmp_path)) == sorted(set(first + second))
    assert (one.computed, other.computed) == (len(first), len(second))
    assert one.done == other.done == undisturbed[0].total
    assert one.results == other.results == undisturbed[0].results
    assert numbers(one) == numbers(undisturbed[0])


def test_two_ranks_of_torchrun_give_what_one_process_gives(tmp_path):
    alone, _ = news(*start(replace(MANY_UNITS, experiment_key="mini_p"), tmp_path / "alone"))[-1]
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "--",
        "robust_core",
    ]
    asked = [
        "benchmark",
        "run",
        "--model",
        "mini_resnext",
        "--experiment",
        "mini_p",
        "--n",
        "2",
        "--workers",
        "0",
        "--store",
        str(tmp_path / "shared"),
    ]
    variables = {**os.environ, "OMP_NUM_THREADS": "1"}
    finished = subprocess.run(
        launcher + asked, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=GUARD_SECONDS
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    for rank in (1, 2):
        assert f"({rank} of 2): " in finished.stdout
    assert finished.stdout.count("5 computed now") == 2
    shared = tmp_path / "shared" / alone.run.folder.relative_to(tmp_path / "alone")
    assert (shared / "results.csv").read_bytes() == numbers(alone)
    assert {name: content for name, (*_, content) in unit_files(tmp_path / "shared").items()} == {
        name: content for name, (*_, content) in unit_files(tmp_path / "alone").items()
    }


def test_a_process_takes_its_share_from_torchrun(monkeypatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert Shard.of_process() == Shard(0, 1)
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "8")
    assert Shard.of_process() == Shard(3, 8)


def test_machines_without_a_common_disk_share_the_work_and_merge(config, small_units, tmp_path):
    alone = result_of(run(config, store=tmp_path / "alone"))
    shards = [result_of(run(config, store=tmp_path / f"rank {rank}", shard=Shard(rank, 2))) for rank in range(2)]
    assert [(one.done, one.computed, one.results) for one in shards] == [(6, 6, ()), (6, 6, ())]
    assert sum(merge(tmp_path / f"rank {rank}", tmp_path / "whole") for rank in range(2)) == 12
    whole = result_of(run(config, store=tmp_path / "whole"))
    assert (whole.done, whole.computed) == (12, 0)
    assert whole.results == alone.results


def test_a_unit_that_another_process_is_at_is_waited_for_and_taken_over_when_it_lets_go(
    config, small_units, tmp_path, monkeypatch
):
    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 0)
    found, names = run_of(config.identity, tmp_path), [unit.name for unit in make_plan(config).units]
    held = found.lock(names[3])
    events, done = run(config, store=tmp_path), []
    for event in events:
        if isinstance(event, UnitDone):
            done.append(event.name)
        elif event.note == "another process is at the rest":
            break
    assert done == names[:3] + names[4:]
    held.release()
    rest, status = events_and_result(events)
    assert [event.name for event in rest if isinstance(event, UnitDone)] == [names[3]]
    assert status.computed == status.done == 12


def test_what_another_process_has_finished_meanwhile_is_not_computed_again(config, small_units, tmp_path):
    first = result_of(run(config, store=tmp_path / "other"))
    events = run(config, store=tmp_path / "own")
    while not isinstance(next(events), UnitDone):
        pass
    assert merge(tmp_path / "other", tmp_path / "own") == 11
    status = result_of(events)
    assert (status.computed, status.done, status.results) == (1, 12, first.results)


def test_a_share_without_a_unit_is_done_at_once(config, tmp_path):
    status = result_of(run(config, store=tmp_path, shard=Shard(7, 8)))
    assert (status.done, status.total, status.computed, status.results) == (0, 4, 0, ())


# Readers


@pytest.mark.parametrize("key", ["imagenet_c", "imagenet_p", "shape_bias"])
def test_worker_processes_change_nothing(config, small_units, tmp_path, key):
    config = replace(config, experiment_key=key)
    alone, helped = (
        result_of(run(config, store=tmp_path / str(workers), executor=InProcess(workers))) for workers in (0, 2)
    )
    assert helped.computed == helped.total == alone.total
    assert helped.results == alone.results
    contents = [
        {name: content for name, (*_, content) in unit_files(tmp_path / folder).items()} for folder in ("0", "2")
    ]
    assert contents[0] == contents[1]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_image_is_named_in_a_sentence_and_what_was_done_is_kept(config, small_units, tree, tmp_path, workers):
    data = tmp_path / "data"
    shutil.copytree(tree / "imagenet-c", data / "imagenet-c")
    broken = sorted((data / "imagenet-c" / "contrast" / "3").glob("*/*"))[-1]
    sound = broken.read_bytes()
    broken.write_bytes(sound[:-1_000] + bytes(1_000))
    with pytest.raises(BadImage, match=broken.name) as raised:
        result_of(run(replace(config, data=data), store=tmp_path / "store", executor=InProcess(workers)))
    assert "\n" not in str(raised.value)
    kept = len(unit_files(tmp_path / "store"))
    assert 1 <= kept < 12
    broken.write_bytes(sound)
    assert (
        result_of(run(replace(config, data=data), store=tmp_path / "store", executor=InProcess(workers))).computed
        == 12 - kept
    )


@pytest.mark.parametrize("workers", [0, 2])
def test_every_damaged_image_of_a_unit_is_named_with_its_place(config, tree, tmp_path, workers):
    data = tmp_path / "data"
    shutil.copytree(tree / "imagenet-c", data / "imagenet-c")
    broken = sorted((data / "imagenet-c" / "contrast" / "3").glob("*/*"))[1:3]
    for path in broken:
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadImage) as raised:
        result_of(run(replace(config, data=data), store=tmp_path / "store", executor=InProcess(workers)))
    names = ["/".join(path.relative_to(data).parts) for path in broken]
    assert str(raised.value) == " ".join(
        f"{name} is damaged or cut short, so its pixels cannot be read." for name in names
    )


# Stopped, damaged, full


@pytest.mark.parametrize("key", ["mini_attacks", "mini_smallest_change", "mini_transfer"])
def test_attacks_that_are_stopped_between_units_come_to_what_one_unit_does(key, tmp_path, monkeypatch):
    config = RunConfig(key, "mini_resnext", limit=3)
    whole = result_of(run(config, store=tmp_path / "whole"))
    monkeypatch.setitem(EXPERIMENTS, key, replace(EXPERIMENTS[key], unit_images=2))
    events = run(config, store=tmp_path / "parts")
    while not isinstance(next(events), UnitDone):
        pass
    events.close()
    parts = result_of(run(config, store=tmp_path / "parts"))
    assert (parts.computed, parts.total) == (2 * whole.total - 1, 2 * whole.total)
    assert [(one.condition, one.metric, one.n) for one in parts.results] == [
        (one.condition, one.metric, one.n) for one in whole.results
    ]
    values = [[one.value for one in status.results] for status in (parts, whole)]
    assert values[0] == pytest.approx(values[1], rel=1e-3), "the batch may round differently"


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("units", [0, 1, 5])
def test_a_run_that_is_closed_lets_go_of_everything_and_goes_on_later(config, small_units, tmp_path, workers, units):
    events, done = run(config, store=tmp_path, executor=InProcess(workers)), 0
    for event in events:
        done += isinstance(event, UnitDone)
        if done == units and isinstance(event, Progress) and event.note.startswith("corruption "):
            break
    events.close()
    found = run_of(config.identity, tmp_path)
    names = [unit.name for unit in make_plan(config).units]
    assert len(unit_files(tmp_path)) == units
    assert list((found.folder / "units").glob(".*")) == []
    for name in names:
        found.lock(name).release()
    assert result_of(run(config, store=tmp_path)).computed == len(names) - units


def test_a_run_may_be_driven_by_one_thread_and_closed_by_another(config, small_units, tmp_path):
    events = run(config, store=tmp_path)
    with ThreadPoolExecutor(1) as thread:
        while not isinstance(thread.submit(next, events).result(), UnitDone):
            pass
        thread.submit(next, events).result()
    events.close()
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(result_of, run(config, store=tmp_path)).result().computed == 11


def test_a_run_that_is_finished_computes_nothing_again(config, tmp_path):
    first = result_of(run(config, store=tmp_path))
    before = unit_files(tmp_path)
    again = result_of(run(config, store=tmp_path))
    assert (again.computed, again.results) == (0, first.results)
    assert unit_files(tmp_path) == before


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-9], lambda content: b"", lambda content: b"no unit", lambda content: None]
)
def test_a_damaged_or_missing_unit_is_computed_anew_and_no_other(config, small_units, tmp_path, damage):
    first = result_of(run(config, store=tmp_path))
    before = unit_files(tmp_path)
    path = sorted(tmp_path.rglob("units/*.npz"))[5]
    content = damage(path.read_bytes())
    path.unlink() if content is None else path.write_bytes(content)
    events, status = events_and_result(run(config, store=tmp_path))
    assert [event.name for event in events if isinstance(event, UnitDone)] == [path.stem]
    assert status.computed == 1
    assert status.results == first.results
    after = unit_files(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {path.stem}
    assert after[path.stem][2] == before[path.stem][2]


def test_a_unit_of_another_length_is_computed_anew(config, tmp_path):
    first = result_of(run(config, store=tmp_path))
    name = make_plan(config).units[2].name
    first.run.write_unit(name, {field: values[:-1] for field, values in first.run.read_unit(name).items()})
    again = result_of(run(config, store=tmp_path))
    assert (again.computed, again.results) == (1, first.results)


def test_a_full_disk_ends_the_run_in_a_sentence_and_the_next_one_goes_on(config, small_units, tmp_path, monkeypatch):
    write, left = Path.write_bytes, [2]

    def until_full(path, content):
        if not left[0]:
            write(path, content[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= 1
        return write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", until_full)
        with pytest.raises(DataUnavailable, match="No space left on device.*the next attempt goes on from there"):
            result_of(run(config, store=tmp_path))
    assert len(unit_files(tmp_path)) == 2
    assert list(tmp_path.rglob("units/.*")) == []
    assert result_of(run(config, store=tmp_path)).computed == 10


def test_a_run_that_was_packed_is_a_finished_one(config, tmp_path):
    first = result_of(run(config, store=tmp_path / "own"))
    first.run.pack(tmp_path / "packed")
    packed = result_of(run(config, store=tmp_path / "packed"))
    assert (packed.computed, packed.results) == (0, first.results)


# What comes out


def test_a_number_says_whose_it_is_how_it_was_measured_and_where_it_comes_from(config, tmp_path):
    plan = make_plan(config)
    status = result_of(run(config, store=tmp_path))
    found = {(one.condition, one.metric): one for one in status.results}["corruption=contrast severity=3", "top1_error"]
    assert (found.benchmark, found.model, found.kind, found.unit, found.n) == ("ImageNet-C", "tiny", "cached", "%", 6)
    assert found.protocol == config.protocol
    assert (
        found.source
        == f"robust_core.benchmark, run {status.run.folder.name}; weights {config.spec.weights.sha256[:12]}; images "
        f"{plan.digest}"
    )
    assert status.run.images_digest == plan.digest


def test_weights_without_a_published_hash_are_said_to_have_none(config, tmp_path, monkeypatch):
    spec = replace(config.spec, weights=replace(config.spec.weights, sha256=None))
    monkeypatch.setattr(run_configs, "get_spec", lambda key: spec)
    plan = make_plan(config)
    predictions = {unit.name: {"correct": np.ones(len(unit.places), bool)} for unit in plan.units}
    assert all(
        "; weights of unknown hash; " in one.source
        for one in results_of(plan, run_of(config.identity, tmp_path), predictions)
    )


def test_progress_counts_images_up_to_all_of_them(config, small_units, tmp_path):
    counted = [event for event in run(config, store=tmp_path) if isinstance(event, Progress) and event.unit]
    assert {(event.total, event.unit) for event in counted} == {(24, "images")}
    done = [event.done for event in counted]
    assert done == sorted(done)
    assert done[-1] == 24


def test_a_folder_without_images_is_said_to_have_none(config, tmp_path):
    (tmp_path / "val" / "n01440764").mkdir(parents=True)
    with pytest.raises(DataUnavailable, match="The folder val holds nothing in the layout of ImageNet validation set"):
        result_of(run(replace(config, experiment_key="imagenet", data=tmp_path), store=tmp_path / "store"))


# Not finite


@pytest.mark.parametrize("experiment", ["imagenet", "imagenet_p", "pgd", "white_box_steps", "black_box", "shape_bias"])
def test_a_model_with_infinite_logits_fails_with_a_sentence_and_leaves_no_unit(
    tiny, tree, tmp_path, monkeypatch, experiment
):
    spec = tiny_spec(tmp_path / "weights", filled=OVERFLOWING)
    own = pool_module.get_spec
    for module in (run_configs, pool_module):
        monkeypatch.setattr(module, "get_spec", lambda key: spec if key == "tiny" else own(key))
    with pytest.raises(NotFinite, match="Tiny tiny computed NaN or infinite logits"):
        result_of(run(RunConfig(experiment, "tiny", tree), store=tmp_path / "store"))
    assert not unit_files(tmp_path / "store")
    assert not list((tmp_path / "store").rglob("results.csv"))


def test_units_that_were_finished_before_stay(tiny, tree, tmp_path, monkeypatch):
    """A model may be finite on the first images alone; what these gave is sound, and is not computed again."""
    passes = iter(range(1000))
    watch = FiniteCheck.watch
    monkeypatch.setattr(
        FiniteCheck, "watch", lambda check, logits: watch(check, logits if next(passes) < 2 else logits * torch.inf)
    )
    with pytest.raises(NotFinite):
        result_of(run(RunConfig("imagenet_c", "tiny", tree), store=tmp_path))
    kept = unit_files(tmp_path)
    assert kept
    monkeypatch.setattr(FiniteCheck, "watch", watch)
    status = result_of(run(RunConfig("imagenet_c", "tiny", tree), store=tmp_path))
    assert status.computed == status.total - len(kept)
