import copy
import math
from types import SimpleNamespace

import pytest
import torch

from robust_core.cli.progress import follow
from robust_core.errors import DeviceOutOfMemory, NotFinite, WeightsUnavailable
from robust_core.events import result_of
from robust_core.jobs import JobQueue, Room, State
from robust_core.models import copies as copies_module
from robust_core.models import in_use
from robust_core.models import pool as pool_module
from robust_core.models.device import Memory
from robust_core.models.finite import Flags
from robust_core.models.loading import LoadedModel
from robust_core.models.pool import ModelPool
from tests.models.rows import OVERFLOWING, tiny_network, tiny_spec

MODEL_BYTES = 4 * 5112


@pytest.fixture
def make_pool(tmp_path, monkeypatch):
    """A pool over models a, b, c and d of `MODEL_BYTES` each, with room for `models` of them."""
    specs = {key: tiny_spec(tmp_path / "weights", key, seed=index) for index, key in enumerate("abcd")}
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(pool_module, "get_spec", specs.__getitem__)
    return lambda models: ModelPool(torch.device("cpu"), models * MODEL_BYTES)


def touch(pool, keys):
    for key in keys:
        with pool.use(key):
            pass


def test_a_model_is_loaded_once_and_shared(make_pool):
    pool = make_pool(2)
    with pool.use("a") as first, pool.use("a") as second:
        assert first is second
    with pool.use("a") as third:
        assert third is first
    assert pool.used_bytes() == MODEL_BYTES


def test_the_least_recently_used_leaves_first(make_pool):
    pool = make_pool(2)
    touch(pool, "abac")
    assert pool.keys() == ("a", "c")


def test_what_is_in_use_never_leaves_and_what_was_over_leaves_after(make_pool):
    pool = make_pool(1)
    with pool.use("a"), pool.use("b"):
        assert pool.keys() == ("a", "b")
    assert pool.keys() == ("a",) or pool.keys() == ("b",)
    assert pool.used_bytes() <= pool.budget_bytes


def test_a_failure_inside_the_block_gives_the_model_free(make_pool):
    pool = make_pool(1)
    with pytest.raises(ZeroDivisionError), pool.use("a"):
        raise ZeroDivisionError
    touch(pool, "b")
    assert pool.keys() == ("b",)


def test_a_model_larger_than_the_whole_device_is_refused_before_it_is_read(make_pool, monkeypatch):
    monkeypatch.setattr(pool_module, "memory", lambda _device: Memory(0, MODEL_BYTES - 1))
    with pytest.raises(DeviceOutOfMemory, match="Tiny a needs"), make_pool(1).use("a"):
        pass


def test_missing_weights_say_what_to_do(make_pool, tmp_path):
    (tmp_path / "weights" / "a.safetensors").unlink()
    with pytest.raises(WeightsUnavailable, match="Models page"), make_pool(1).use("a"):
        pass


def run_short_of_memory(model, failures):
    """Four places, of which the first batch fails so many times for want of memory; returns the sizes that were
    tried.
    """
    tried = []

    def work(places):
        tried.append(len(places))
        if len(tried) <= failures:
            raise torch.OutOfMemoryError("out of memory")

    result_of(model.batches(24, 24, at_once=4).run(4, work))
    return tried


def test_out_of_memory_makes_idle_models_leave_and_keeps_the_one_in_use(make_pool):
    pool = make_pool(3)
    touch(pool, "ab")
    with pool.use("c") as model:
        assert run_short_of_memory(model, 1) == [4, 2, 2]
        assert pool.keys() == ("c",)


def test_a_model_makes_room_in_the_pool_that_handed_it_out_and_in_no_other(make_pool, monkeypatch):
    pool, other = make_pool(3), make_pool(3)
    monkeypatch.setattr(pool_module, "shared_pool", lambda: other)
    touch(other, "a")
    touch(pool, "a")
    with pool.use("b") as model:
        run_short_of_memory(model, 1)
    assert (pool.keys(), other.keys()) == (("b",), ("a",))


def test_a_model_that_somebody_holds_makes_room_in_the_pool_through_which_it_is_used(make_pool, tmp_path):
    pool, held = make_pool(3), LoadedModel(tiny_spec(tmp_path, "held"), tiny_network(), torch.device("cpu"))
    in_use.hold(held)
    touch(pool, "ab")
    with pytest.raises(DeviceOutOfMemory, match="single image"):
        run_short_of_memory(held, math.inf)
    assert pool.keys() == ("a", "b")
    with pool.use(held.spec.key) as model:
        assert model.network is held.network
        run_short_of_memory(model, 1)
    assert pool.keys() == ()


def test_loading_makes_room_before_it_reads(make_pool, monkeypatch):
    pool = make_pool(2)
    touch(pool, "ab")
    seen = []
    load = pool_module.load_network
    monkeypatch.setattr(pool_module, "load_network", lambda *arguments: (seen.append(pool.keys()), load(*arguments))[1])
    touch(pool, "c")
    assert seen == [("b",)]


def test_the_shared_pool_takes_three_fifths_of_the_device(monkeypatch):
    monkeypatch.setattr(pool_module, "choose_device", lambda: torch.device("cpu"))
    monkeypatch.setattr(pool_module, "memory", lambda _device: SimpleNamespace(total_bytes=1000))
    assert pool_module.shared_pool.__wrapped__().budget_bytes == 600


@pytest.fixture
def slow_and_bad(make_pool, tmp_path, monkeypatch):
    """A pool whose only model computes infinity, on a device that says so only when it is waited for."""
    spec = tiny_spec(tmp_path / "weights", "bad", filled=OVERFLOWING)
    monkeypatch.setattr(pool_module, "get_spec", {"bad": spec}.__getitem__)
    monkeypatch.setattr(Flags, "arrived", lambda _: False)
    return make_pool(1)


PIXELS = torch.full((1, 3, 24, 24), 0.5)


def predicted(pool):
    """What all work looks like: it returns its result inside the block."""
    with pool.use("bad") as model:
        yield "loading"
        label = int(model.logits(PIXELS).argmax())
        yield "predicting"
        return label


@pytest.mark.parametrize("drive", [list, result_of, lambda work: follow("bad", work)])
def test_whoever_drives_work_to_its_end_gets_no_number_that_came_from_nan(slow_and_bad, drive):
    with pytest.raises(NotFinite, match="Tiny bad computed"):
        drive(predicted(slow_and_bad))
    with slow_and_bad.use("bad"):
        pass  # and the next block in this thread is not blamed


def test_a_job_that_counted_nan_fails_with_the_sentence_and_has_no_result(slow_and_bad):
    queue = JobQueue("finite", Room(2, 2, 2))
    job = queue.submit("bad", lambda: predicted(slow_and_bad), "someone")
    assert job.finished.wait(10)
    assert job.state is State.FAILED
    assert job.error.startswith("Tiny bad computed NaN or infinite logits")
    assert job.result is None


def test_the_failure_of_a_block_comes_before_the_check_and_leaves_nothing_to_the_next(slow_and_bad):
    with pytest.raises(ZeroDivisionError), slow_and_bad.use("bad") as model:
        1 / (0 * model.logits(PIXELS).shape[0])
    abandoned = predicted(slow_and_bad)
    next(abandoned), next(abandoned)
    abandoned.close()
    with slow_and_bad.use("bad"):
        pass


def test_a_copy_counts_and_makes_others_leave_at_the_end_of_its_block(make_pool, monkeypatch):
    pool = make_pool(2)
    touch(pool, "ab")
    monkeypatch.setattr(copies_module, "folded", copy.deepcopy)
    with pool.use("b") as model:
        assert model.folded().network is not model.network
        assert pool.used_bytes() == 3 * MODEL_BYTES
        assert pool.keys() == ("a", "b")
    assert pool.keys() == ("b",)
    assert pool.used_bytes() == 2 * MODEL_BYTES
    touch(pool, "a")
    assert pool.keys() == ("a",), "there is no room for the other and its copy"
