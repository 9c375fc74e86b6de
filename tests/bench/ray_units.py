"""What Ray costs and gives on one machine: units a second in one process and on two actors, what a lost node costs, and
the memory of an actor.

    python -m tests.bench.ray_units [--images 128]

A cluster of three nodes in this machine (the first without a CPU, two with one each) runs the 75 units of mini-C. The
actors have loaded the model before the clock starts, as the model of the one process is loaded; one run loses a node
after a third of its units. Prints Markdown.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil
from ray.cluster_utils import Cluster

from robust_core.benchmark.experiments_imagenet import EPS_IN_255
from robust_core.benchmark.ray_executor import OnRay, on_ray
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import RunStatus, UnitDone, run
from robust_core.data.foolbox import Foolbox
from robust_core.events import Progress, mapped, result_of
from robust_core.models.pool import shared_pool

WARM = RunConfig("mini_p", "mini_resnext", limit=2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ray_units", description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=128, help="of each of the 75 units")
    config = RunConfig("mini_c", "mini_resnext", limit=parser.parse_args().images)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    try:
        with tempfile.TemporaryDirectory() as folder, shared_pool().use(config.model_key):
            _measure(config, Path(folder), cluster, nodes)
    finally:
        cluster.shutdown()


def _measure(config: RunConfig, folder: Path, cluster: Cluster, nodes: list) -> None:
    before_s = _processor_s()
    alone_s, _, alone = _timed(config, folder / "alone")
    alone_cpu_s = _processor_s() - before_s
    started = time.perf_counter()
    with on_ray(cluster.address) as executor:
        result_of(run(WARM, store=folder / "warm", executor=executor))
        print(
            f"Connected, and two actors ready with a first run of 10 units after {time.perf_counter() - started:.1f} s\n"
        )
        before_s = _processor_s()
        shared_s, _, shared = _timed(config, folder / "shared", executor)
        shared_cpu_s = _processor_s() - before_s
        print(_memory("mini-C with mini_resnext"))
        killed_s, noticed_s, killed = _timed(
            config, folder / "killed", executor, lambda: cluster.remove_node(nodes[1], False)
        )
        heavy = RunConfig("pgd", "efficientnet_lite2", images=Foolbox().title, limit=4, only=EPS_IN_255[0])
        result_of(run(heavy, store=folder / "heavy", executor=executor))
        print(_memory("untargeted PGD with efficientnet_lite2, 4 photos"))
    same = {(status.run.folder / "results.csv").read_bytes() for status in (alone, shared, killed)}
    print("\n| | s | units/s | processor s |\n|---|--:|--:|--:|")
    print(f"| one process | {alone_s:.1f} | {75 / alone_s:.2f} | {alone_cpu_s:.1f} |")
    print(f"| two actors | {shared_s:.1f} | {75 / shared_s:.2f} | {shared_cpu_s:.1f} |")
    print(f"| two actors, of which one is lost | {killed_s:.1f} | {75 / killed_s:.2f} | |")
    print(f"\nThe lost node was noticed after {noticed_s:.1f} s. results.csv identical: {len(same) == 1}.")


def _timed(
    config: RunConfig, store: Path, executor: OnRay | None = None, after_25=lambda: None
) -> tuple[float, float, RunStatus]:
    """Seconds of the run, those from its 25th unit until one actor is left, and how it ended."""
    times = [time.perf_counter()]
    alone: list[float] = []

    def tell(event: UnitDone | Progress) -> None:
        if isinstance(event, UnitDone):
            times.append(time.perf_counter())
            if len(times) == 26:
                after_25()
        elif len(times) > 25 and event.note == "on 1 actor of Ray":
            alone.append(time.perf_counter())

    status = result_of(mapped(run(config, store=store, executor=executor), tell))
    return time.perf_counter() - times[0], alone[0] - times[25] if alone else 0.0, status


def _actors() -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [one for one in found if "ray::UnitActor" in " ".join(one.info["cmdline"] or ())]


def _processor_s() -> float:
    """Processor time of this process and of the actors."""
    return sum(sum(one.cpu_times()[:2]) for one in (psutil.Process(), *_actors()))


def _memory(what: str) -> str:
    """The most that an actor has held so far, from /proc."""
    lines = [line for one in _actors() for line in Path(f"/proc/{one.pid}/status").read_text().splitlines()]
    peaks = [int(line.split()[1]) / 1e6 for line in lines if line.startswith("VmHWM")]
    return f"Peak memory of an actor, {what}: {', '.join(f'{peak:.2f}' for peak in sorted(peaks))} GB"


if __name__ == "__main__":
    main()
