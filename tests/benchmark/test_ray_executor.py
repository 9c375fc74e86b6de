"""Units on a Ray cluster of two nodes in this machine, one of which the first test kills: whatever happens to a node or
to the run, its numbers are those of one process.
"""

import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from robust_core.benchmark import ray_executor
from robust_core.benchmark.executors import InProcess
from robust_core.benchmark.plans import make_plan
from robust_core.benchmark.ray_executor import Ask, OnRay, on_ray
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import UnitDone, run
from robust_core.cli import main
from robust_core.errors import BadImage, BadInput, ClusterUnavailable, DataUnavailable
from robust_core.events import mapped, result_of

MANY_UNITS = RunConfig("mini_c", "mini_resnext", limit=2)  # 75 units
FEW_UNITS = RunConfig("mini_p", "mini_resnext", limit=2)  # 10 units
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def cluster() -> Iterator:
    """Two nodes with a CPU each; after the last test no process of theirs is left."""
    from ray.cluster_utils import Cluster

    before = _processes_of_ray()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := _processes_of_ray() - before:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


@pytest.fixture(scope="module")
def executor(cluster) -> Iterator[OnRay]:
    with on_ray(cluster.address) as executor:
        yield executor


def _processes_of_ray() -> set[int]:
    import ray

    names = ("raylet", "gcs_server", "ray::", f"{Path(ray.__file__).parent}/")
    found = psutil.process_iter(["cmdline"])
    return {one.pid for one in found if any(name in " ".join(one.info["cmdline"] or ()) for name in names)}


def numbers(status) -> bytes:
    return (status.run.folder / "results.csv").read_bytes()


def stopped_after(units, events) -> list[str]:
    """The names of the first units of a run that is closed then."""
    done = []
    for event in events:
        done += [event.name] if isinstance(event, UnitDone) else []
        if len(done) == units:
            break
    events.close()
    return done


# Shared and resumed


def test_a_node_is_killed_in_mid_run_and_the_numbers_are_those_of_one_process(cluster, executor, tmp_path):
    alone = result_of(run(MANY_UNITS, store=tmp_path / "alone"))
    nodes, done = cluster.list_all_nodes(), []

    def kill(event):
        if isinstance(event, UnitDone):
            done.append(event.name)
            if len(done) == 10:
                cluster.remove_node(nodes[-1], allow_graceful=False)

    shared = result_of(mapped(run(MANY_UNITS, store=tmp_path / "ray", executor=executor), kill))
    assert shared.computed == shared.total == len(set(done)) == 75
    assert numbers(shared) == numbers(alone)
    assert sorted(path.name for path in shared.run.folder.iterdir()) == ["results.csv", "run.json", "units"]


def test_a_run_that_is_closed_goes_on_under_the_other_executor(executor, tmp_path):
    alone = result_of(run(FEW_UNITS, store=tmp_path / "alone"))
    began_here = stopped_after(4, run(FEW_UNITS, store=tmp_path / "a"))
    ended_on_ray = result_of(run(FEW_UNITS, store=tmp_path / "a", executor=executor))
    assert 4 == len(began_here) == 10 - ended_on_ray.computed
    began_on_ray = stopped_after(3, run(FEW_UNITS, store=tmp_path / "b", executor=executor))
    rest = result_of(run(FEW_UNITS, store=tmp_path / "b"))
    assert 3 == len(began_on_ray) == 10 - rest.computed
    assert numbers(rest) == numbers(ended_on_ray) == numbers(alone)


def test_the_command_asks_the_executor_for_units_and_prints_what_one_process_prints(tmp_path, monkeypatch, capsys):
    asked_for = []

    class Counted(InProcess):
        def predict(self, plan, numbers):
            asked_for.append(plan.config.experiment_key)
            return super().predict(plan, numbers)

    @contextmanager
    def same(*asked):
        assert asked == ("somewhere:6379", 0.0, None)
        yield Counted()

    monkeypatch.setattr(ray_executor, "on_ray", same)
    few = ("benchmark", "run", "--model", "mini_resnext", "--experiment", "mini_shape_bias", "--n", "4")
    here = ("--workers", "0", "--store", str(tmp_path / "here"))
    there = ("--store", str(tmp_path / "there"), "--executor", "ray", "--address", "somewhere:6379", "--gpu-share", "0")
    assert [main([*few, *here]), main([*few, *there])] == [0, 0]
    lines = capsys.readouterr().out.replace(str(tmp_path / "here"), str(tmp_path / "there")).splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert "1 of 1 units are here, 1 computed now" in lines[0]
    assert asked_for == ["mini_shape_bias"]


# What is wrong with a unit, or with a node


@pytest.fixture
def photos(tree, tmp_path) -> RunConfig:
    """Four units of ImageNet-C for a network whose weights every installation has."""
    shutil.copytree(tree / "imagenet-c", tmp_path / "data" / "imagenet-c")
    return RunConfig("imagenet_c", "efficientnet_lite0", tmp_path / "data")


def test_the_error_of_a_unit_is_that_of_one_process_and_what_was_done_is_kept(executor, photos, tmp_path):
    broken = sorted((photos.data / "imagenet-c" / "contrast" / "3").glob("*/*"))[-1]
    sound = broken.read_bytes()
    broken.write_bytes(sound[:-1_000] + bytes(1_000))
    sentences = []
    for store, chosen in (("ray", executor), ("alone", None)):
        with pytest.raises(BadImage, match=broken.name) as raised:
            result_of(run(photos, store=tmp_path / store, executor=chosen))
        sentences.append(str(raised.value))
    assert sentences[0] == sentences[1]
    broken.write_bytes(sound)
    statuses = [result_of(run(photos, store=tmp_path / store)) for store in ("ray", "alone")]
    assert statuses[0].computed < 4
    assert numbers(statuses[0]) == numbers(statuses[1])


def test_a_node_without_the_images_is_named(executor, photos):
    plan = make_plan(photos)
    (photos.data / "imagenet-c").rename(photos.data / "elsewhere")
    with pytest.raises(DataUnavailable) as raised:
        list(executor.predict(plan, iter([0])))
    assert f"The node {socket.gethostname()} (" in str(raised.value)
    assert f"cannot read the same images of ImageNet-C at {photos.data}" in str(raised.value)


def test_a_node_that_does_not_know_the_model_or_has_other_weights_is_named(executor, tiny, tree, monkeypatch):
    with pytest.raises(DataUnavailable, match=r"On the node .* \(\w{8}\): There is no model called 'tiny'"):
        list(executor.predict(make_plan(RunConfig("imagenet", "tiny", tree)), iter([0])))
    plan = make_plan(FEW_UNITS)
    monkeypatch.setattr(RunConfig, "identity", {**FEW_UNITS.identity, "weights_sha256": "0" * 64})
    with pytest.raises(DataUnavailable, match=r"would run something else: weights_sha256 differ there"):
        list(executor.predict(plan, iter([0])))


def test_no_node_with_room_is_said_with_what_there_is(executor):
    with pytest.raises(ClusterUnavailable, match=r"No node of the Ray cluster has 0\.5 GPU, 3 CPU and .* the largest"):
        list(OnRay(executor.ray, 0.5, 2).predict(make_plan(FEW_UNITS), iter([0])))


# No cluster


def test_an_address_that_answers_nothing_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(ray_executor, "CONNECT_SECONDS", 3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        with (
            pytest.raises(ClusterUnavailable, match=f"answers at {address} within 3 seconds. Start one"),
            on_ray(address),
        ):
            pass
    assert time.monotonic() - begun < 10


def test_an_address_that_is_none_is_said_with_rays_reason():
    with (
        pytest.raises(ClusterUnavailable, match=r"at nonsense \(ValueError: Invalid address.*ray start"),
        on_ray("nonsense"),
    ):
        pass


def test_without_ray_a_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterUnavailable, match=r'pip install "\.\[cluster\]"'), on_ray("auto"):
        pass


def test_who_does_not_ask_for_ray_needs_none(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)  # an import of it fails
    few = ("--model", "mini_resnext", "--experiment", "mini_shape_bias", "--n", "2", "--workers", "0")
    assert main(["benchmark", "run", *few, "--store", str(tmp_path)]) == 0


@pytest.mark.parametrize("share", [-0.5, 2.0])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(BadInput, match="--gpu-share must be between 0 and 1"), on_ray("auto", share):
        pass


# What an actor asks for

CPU_NODE = {"CPU": 8.0, "memory": 64e9}
GPU_NODE = {"CPU": 64.0, "GPU": 8.0, "memory": 512e9}


def test_a_node_holds_as_many_actors_as_its_scarcest_resource_allows():
    assert Ask(0, 1, 10**9).fit(CPU_NODE) == 8
    assert Ask(0, 3, 10**9).fit(CPU_NODE) == 2
    assert Ask(0, 1, 20 * 10**9).fit(CPU_NODE) == 3
    assert Ask(1, 1, 10**9).fit(CPU_NODE) == 0
    assert Ask(0.1, 1, 10**9).fit(GPU_NODE) == 64
    assert Ask(0.2, 1, 10**9).fit(GPU_NODE) == 40


def test_a_gpu_is_asked_for_where_there_is_one_with_the_cpus_that_come_with_it(monkeypatch):
    monkeypatch.delenv("ROBUST_LAB_DEVICE", raising=False)
    nodes = {"a": CPU_NODE, "b": GPU_NODE}
    assert ray_executor._usual_share(nodes) == 1
    assert [ray_executor._readers(nodes, share) for share in (1, 0.5, 0)] == [7, 3, 0]
    assert ray_executor._usual_share({"a": CPU_NODE}) == 0
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
    assert ray_executor._usual_share(nodes) == 0


def test_an_actor_asks_for_the_memory_of_all_its_models():
    black_box = RunConfig("black_box", "resnet50")
    models = [25_557_032, 25_028_904]  # parameters of ResNet-50, and of the substitute ResNeXt-50
    assert ray_executor.memory_bytes(black_box) == ray_executor.PROCESS_BYTES + 2 * 4 * sum(models)


class Mortal:
    """A Ray whose only actor dies at every call of the unit called `mortal`."""

    mortal: str

    class exceptions:
        class RayError(Exception):
            pass

        class RayTaskError(RayError):
            pass

    def __init__(self):
        self.calls = []
        actor = SimpleNamespace(
            hello=SimpleNamespace(remote=lambda: ("hello", len(self.calls))),
            predict=SimpleNamespace(remote=lambda identity, part: self.calls.append(part.units[0]) or part.units[0]),
        )
        self.actor = actor

    def nodes(self):
        return [{"NodeID": "a", "Alive": True, "Resources": CPU_NODE}]

    def wait(self, calls, timeout):
        return calls, []

    def get(self, call):
        if getattr(call, "name", "") == self.mortal:
            raise self.exceptions.RayError("The actor died.\nand why")
        return {}

    def kill(self, actor):
        pass


def test_a_unit_that_ends_one_actor_after_the_other_is_given_up_and_named(monkeypatch):
    plan, ray = make_plan(FEW_UNITS), Mortal()
    ray.mortal = plan.units[0].name
    monkeypatch.setattr(ray_executor, "_new_actor", lambda *options: ray.actor)
    sentence = f"The unit {ray.mortal} ended 3 actors of Ray, so it is not tried again; Ray says: The actor died."
    with pytest.raises(ClusterUnavailable, match=sentence.replace("+", r"\+")):
        list(OnRay(ray, 0, 0).predict(plan, iter([0])))
    assert len(ray.calls) == 3
