"""Units on a Ray cluster: each is a call of an actor, which asks its node for a share of a GPU and for memory and keeps
its models loaded.

Ray places the actors, starts those again that die with their process or node, and ends all of them with this process. A
unit whose actor dies goes to another one. Predictions come back through Ray, so that no disk is shared for them; image
files and weights every node reads from its own disk, under the path that this process knows. Ray itself is imported by
`on_ray` alone.
"""

import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from robust_core import settings
from robust_core.benchmark.executors import Predicted, Underway, UnitPredicted
from robust_core.benchmark.plans import Plan
from robust_core.benchmark.ray_actor import UnitActor
from robust_core.benchmark.run_configs import RunConfig
from robust_core.checks import whole
from robust_core.errors import BadInput, ClusterUnavailable, RobustError
from robust_core.models.catalogue import get_spec

INSTALL = 'pip install ".[cluster]" in a checkout, or pip install "ray>=2.60,<3"'
CONNECT_SECONDS = 30
POLL_SECONDS = 0.5
MOST_TRIES = 3
MOST_READERS = 16
PROCESS_BYTES = 1_500_000_000
CONNECT = "import sys, ray; ray.init(address=sys.argv[1], log_to_driver=False, logging_level='ERROR')"


@dataclass(frozen=True)
class Ask:
    """What one actor asks of its node: a share of a GPU (0: it computes on the CPU), CPUs, and bytes of main memory."""

    gpus: float
    cpus: int
    memory_bytes: int

    def fit(self, node: Mapping[str, float]) -> int:
        """How many such actors a node with these resources of Ray's holds."""
        asked = {"GPU": self.gpus, "CPU": self.cpus, "memory": self.memory_bytes}
        return min(int(node.get(name, 0) / amount + 1e-9) for name, amount in asked.items() if amount)

    def __str__(self) -> str:
        gpus = f"{self.gpus:g} GPU, " if self.gpus else ""
        return f"{gpus}{self.cpus} CPU and {self.memory_bytes / 1e9:.1f} GB of memory"


def memory_bytes(config: RunConfig) -> int:
    """Main memory for an actor that runs this: what a process with PyTorch and a batch takes (measured in
    tests/bench/RESULTS.md), and the parameters of its models twice, as they stand while they are read.
    """
    others = [get_spec(key) for key in dict.fromkeys(config.other_models) if key != config.model_key]
    return PROCESS_BYTES + 2 * sum(spec.memory_bytes for spec in (config.spec, *others))


@contextmanager
def on_ray(address: str, gpu_share: float | None = None, workers: int | None = None) -> Iterator["OnRay"]:
    """An executor on the Ray cluster at `address`: "auto" for the one that this machine is a node of, or HOST:PORT.

    Each actor asks for `gpu_share` of a GPU (None: a whole one where the cluster has any, 0: the CPU), and reads images
    with `workers` processes (None: as many CPUs as come with its share of a GPU, less its own). Raises BadInput for a
    share that is none, and ClusterUnavailable without Ray, or where nothing answers within 30 seconds.
    """
    if gpu_share is not None and not 0 <= gpu_share <= 1:
        raise BadInput(f"--gpu-share must be between 0 and 1; got {gpu_share:g}.")
    ray = _ray()
    _refuse_a_silent(address)
    ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    try:
        nodes = _nodes(ray)
        share = _usual_share(nodes) if gpu_share is None else gpu_share
        readers = _readers(nodes, share) if workers is None else whole("--workers", workers, 0, MOST_READERS)
        yield OnRay(ray, share, readers)
    finally:
        ray.shutdown()


class OnRay:
    """The executor on a cluster that `ray` is connected to; its actors stay from one run to the next."""

    def __init__(self, ray: Any, gpu_share: float, workers: int):
        self.ray, self.gpu_share, self.workers = ray, gpu_share, workers
        self.ask: Ask | None = None
        self.actors: list[Any] = []

    def predict(self, plan: Plan, numbers: Iterator[int]) -> Predicted:
        """The predictions of the units, as the actors come to them; a run that is closed leaves no call behind.

        Raises BadInput for a wrapped network, ClusterUnavailable when no node has room or a unit ended three actors,
        and what is wrong with a unit, as one process does.
        """
        if plan.config.spec.is_wrapped:
            raise BadInput(f"{plan.config.spec.title} is known to this process alone, and cannot be run on Ray.")
        yield Underway(0, "waiting for actors on Ray")
        calls = _Calls(self.ray, plan, numbers, self._actors_for(plan))
        try:
            while calls.go_on():
                yield from calls.settled()
                yield Underway(0, calls.note)
        finally:
            self._end(calls.working_actors())

    def _actors_for(self, plan: Plan) -> list[Any]:
        """As many actors as the cluster holds and the plan has units, with enough memory for its models."""
        bytes_now = memory_bytes(plan.config)
        if self.ask is None or bytes_now > self.ask.memory_bytes:
            self._end(self.actors)
            self.ask = Ask(self.gpu_share, 1 + self.workers, bytes_now)
        room = self._room(self.ask)
        wanted = min(room, len(plan.units))
        while len(self.actors) < wanted:
            self.actors.append(_new_actor(self.ray, self.ask, self.workers))
        return self.actors[:wanted]

    def _room(self, ask: Ask) -> int:
        nodes = _nodes(self.ray)
        room = sum(ask.fit(node) for node in nodes.values())
        if not room:
            raise ClusterUnavailable(
                f"No node of the Ray cluster has {ask}, which one actor needs; it has {len(nodes)} "
                f"node{'' if len(nodes) == 1 else 's'}, the largest with {_largest(nodes)}. --gpu-share and --workers "
                "change what an actor asks for."
            )
        return room

    def _end(self, actors: Sequence[Any]) -> None:
        for actor in list(actors):
            self.ray.kill(actor)
            self.actors.remove(actor)


class _Calls:
    """The calls of one run: which actors wait to be placed, which are at a unit, and what has to be done again."""

    def __init__(self, ray: Any, plan: Plan, numbers: Iterator[int], actors: Sequence[Any]):
        self.ray, self.plan, self.numbers = ray, plan, numbers
        self.waiting = {actor.hello.remote(): actor for actor in actors}
        self.idle: list[Any] = []
        self.working: dict[Any, tuple[Any, int]] = {}
        self.again: deque[int] = deque()
        self.tries: Counter[int] = Counter()

    @property
    def note(self) -> str:
        """How many actors are there, in words."""
        count = len(self.idle) + len(self.working)
        return f"on {count} actor{'' if count == 1 else 's'} of Ray"

    def go_on(self) -> bool:
        """Give idle actors units; whether anything is left to wait for."""
        while self.idle and (number := self._next()) is not None:
            actor = self.idle.pop()
            call = actor.predict.remote(self.plan.config.identity, self.plan.part(number))
            self.working[call] = actor, number
        return bool(self.working) or not self.idle

    def settled(self) -> Predicted:
        """What has come back after half a second."""
        done, _ = self.ray.wait([*self.waiting, *self.working], timeout=POLL_SECONDS)
        for call in done:
            if call in self.waiting:
                self._greet(call)
            else:
                yield from self._take(call)

    def working_actors(self) -> list[Any]:
        """Those that are at a unit, or on their way to be."""
        return [*self.waiting.values(), *(actor for actor, _ in self.working.values())]

    def _next(self) -> int | None:
        return self.again.popleft() if self.again else next(self.numbers, None)

    def _greet(self, call: Any) -> None:
        """An actor is placed, or never will be."""
        actor = self.waiting.pop(call)
        try:
            self.ray.get(call)
        except self.ray.exceptions.RayError as error:
            raise ClusterUnavailable(f"Ray cannot start an actor; {_first_sentence(error)}") from error
        self.idle.append(actor)

    def _take(self, call: Any) -> Predicted:
        """The predictions of a unit, the error that is the run's, or an actor that Ray starts again."""
        actor, number = self.working.pop(call)
        errors = self.ray.exceptions
        try:
            predictions = self.ray.get(call)
        except errors.RayTaskError as error:
            self.idle.append(actor)
            if isinstance(error.cause, RobustError):
                raise error.cause from None
            raise
        except errors.RayError as error:
            self._do_again(number, error)
            self.waiting[actor.hello.remote()] = actor
            return
        self.idle.append(actor)
        yield UnitPredicted(number, predictions)

    def _do_again(self, number: int, error: Exception) -> None:
        self.tries[number] += 1
        if self.tries[number] == MOST_TRIES:
            raise ClusterUnavailable(
                f"The unit {self.plan.units[number].name} ended {MOST_TRIES} actors of Ray, so it is not tried again; "
                f"{_first_sentence(error)}"
            ) from error
        self.again.append(number)


def _ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise ClusterUnavailable(f"Ray is not installed here; every node needs it: {INSTALL}.") from error
    return ray


def _refuse_a_silent(address: str) -> None:
    """Raise ClusterUnavailable unless a cluster answers; a process of its own tries, as Ray itself waits for minutes
    and cannot be interrupted meanwhile.
    """
    advice = "Start one with `ray start --head`, and give this command on one of its nodes."
    try:
        command = [sys.executable, "-c", CONNECT, address]
        tried = subprocess.run(command, capture_output=True, text=True, timeout=CONNECT_SECONDS)
    except subprocess.TimeoutExpired:
        raise ClusterUnavailable(
            f"No Ray cluster answers at {address} within {CONNECT_SECONDS} seconds. {advice}"
        ) from None
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise ClusterUnavailable(f"No Ray cluster can be reached at {address} ({reason}). {advice}")


def _new_actor(ray: Any, ask: Ask, workers: int) -> Any:
    # a greeting waits until Ray has started the actor again; a unit does not, since another actor may be idle
    ray.method(max_task_retries=-1)(UnitActor.hello)
    options = {"num_gpus": ask.gpus, "num_cpus": ask.cpus, "memory": ask.memory_bytes, "max_restarts": -1}
    return ray.remote(UnitActor).options(**options).remote("cuda" if ask.gpus else "cpu", workers)


def _nodes(ray: Any) -> dict[str, dict[str, float]]:
    """The resources of every node that is alive, by its id."""
    return {node["NodeID"]: node["Resources"] for node in ray.nodes() if node["Alive"]}


def _largest(nodes: Mapping[str, Mapping[str, float]]) -> str:
    most = {name: max(node.get(name, 0) for node in nodes.values()) for name in ("GPU", "CPU", "memory")}
    return str(Ask(most["GPU"], int(most["CPU"]), int(most["memory"])))


def _usual_share(nodes: Mapping[str, Mapping[str, float]]) -> float:
    """A whole GPU where the cluster has any, unless the CPU was asked for."""
    has_gpus = any(node.get("GPU") for node in nodes.values())
    return 1.0 if has_gpus and settings.device_name() != "cpu" else 0.0


def _readers(nodes: Mapping[str, Mapping[str, float]], share: float) -> int:
    """The CPUs that come with a share of a GPU on the node with the fewest, less the actor's own; none on a CPU."""
    with_gpu = [share * node["CPU"] / node["GPU"] for node in nodes.values() if share and node.get("GPU")]
    return max(0, min(MOST_READERS, int(min(with_gpu, default=0)) - 1))


def _first_sentence(error: Exception) -> str:
    return f"Ray says: {str(error).strip().splitlines()[0]}"
