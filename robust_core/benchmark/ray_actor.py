"""What lives in a process on a node of a Ray cluster and predicts units there; who calls it is `ray_executor.py`."""

import os
import socket
from collections.abc import Mapping
from typing import Any

from robust_core.benchmark.executors import InProcess, UnitPredicted
from robust_core.benchmark.plans import Plan, digest_of
from robust_core.benchmark.stored_runs import UnitPredictions
from robust_core.errors import DataUnavailable, RobustError, WeightsUnavailable
from robust_core.models.pool import shared_pool


class UnitActor:
    """Lives in a process on a node: predicts units, each sent as a plan of its own."""

    def __init__(self, device: str, workers: int):
        os.environ["ROBUST_LAB_DEVICE"] = device
        self.executor = InProcess(workers)
        self.model_key = ""

    def hello(self) -> str:
        """The node's name."""
        import ray

        return f"{socket.gethostname()} ({ray.get_runtime_context().get_node_id()[:8]})"

    def predict(self, identity: Mapping[str, Any], part: Plan) -> UnitPredictions:
        """The predictions of the one unit of `part`. Raises what `InProcess` raises, and DataUnavailable, naming the
        node, where it has other weights, code or images than the process whose run has this `identity`.
        """
        self._check(identity, part)
        if part.config.model_key != self.model_key:
            shared_pool().free_idle()
            self.model_key = part.config.model_key
        try:
            events = list(self.executor.predict(part, iter([0])))
        except WeightsUnavailable as error:
            raise WeightsUnavailable(f"On the node {self.hello()}: {error}") from None
        return next(event.predictions for event in events if isinstance(event, UnitPredicted))

    def _check(self, identity: Mapping[str, Any], part: Plan) -> None:
        try:
            own = part.config.identity
        except RobustError as error:
            raise DataUnavailable(f"On the node {self.hello()}: {error}") from None
        if other := [name for name in identity if own.get(name) != identity[name]]:
            raise DataUnavailable(
                f"The node {self.hello()} would run something else: {', '.join(other)} differ there. Every node needs "
                "the same version of the package and the same weights."
            )
        (unit,) = part.units
        if digest_of(part.images[unit.condition].names(unit.places)) != unit.digest:
            raise DataUnavailable(
                f"The node {self.hello()} cannot read the same images of {part.config.experiment.title} at "
                f"{part.config.data}; every node needs the same image files under the same path."
            )
