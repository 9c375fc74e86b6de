"""What the smallest pieces of a benchmark cost, measured: an image through a network, forward and back to its pixels,
and an image read or drawn. No weights are needed, as random ones take as long.

`unit_costs.csv` beside this file was measured by `robust-lab benchmark plan --measure` on the machine that each row
names.
"""

import csv
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from robust_core import csv_cells
from robust_core.benchmark.experiment import Experiment
from robust_core.benchmark.run_configs import RunConfig
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.files import replacing
from robust_core.labels import MINI
from robust_core.models.spec import STORED_PX, ModelSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from robust_core.models.loading import LoadedModel

SHIPPED = Path(__file__).with_name("unit_costs.csv")
FORWARD, GRADIENT, LOAD = "forward", "gradient", "load"
ENOUGH_SECONDS = 2.0
LOADED_IMAGES = 4


@dataclass(frozen=True)
class UnitCost:
    """Seconds of `device` for one image: `key` is an architecture for `what` forward or gradient (forward and back to
    the pixels), an experiment for load; `px` is the side of the image.

    `saved_bytes` is what a forward pass keeps for the way back, for an image.
    """

    what: str
    key: str
    px: int
    seconds: float
    saved_bytes: int
    device: str
    date: str


def read_costs(path: Path = SHIPPED) -> tuple[UnitCost, ...]:
    """The rows of a table of costs; raises BadInput when it cannot be read."""
    kinds = {
        field.name: {"px": int, "saved_bytes": int, "seconds": float}.get(field.name, str) for field in fields(UnitCost)
    }
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return tuple(UnitCost(**{name: kinds[name](row[name]) for name in kinds}) for row in csv.DictReader(file))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BadInput(f"{path} is no table of measured costs; `benchmark plan --measure FILE` writes one.") from error


def write_costs(path: Path, costs: Iterable[UnitCost]) -> None:
    """Write a table of costs, at once or not at all."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv_cells.write_rows(file, [[field.name for field in fields(UnitCost)], *map(astuple, costs)])


def measure(
    specs: Sequence[ModelSpec], experiments: Sequence[Experiment]
) -> Generator[Progress, None, tuple[UnitCost, ...]]:
    """The costs of every architecture of `specs` on the chosen device, and of loading an image of each experiment on
    the CPU; an architecture that does not fit the memory is left out, and so is an experiment for none of the models.
    """
    networks = {(spec.architecture.name, side_px(spec)): spec for spec in specs}
    of_world = {spec.label_space: spec for spec in reversed(specs)}
    fitting = [experiment for experiment in experiments if experiment.label_space in of_world]
    total, costs = len(networks) + len(fitting), []
    for done, spec in enumerate(networks.values()):
        yield Progress(done, total, "measurements", spec.architecture.name)
        costs += _passes(spec)
    for number, experiment in enumerate(fitting):
        yield Progress(len(networks) + number, total, "measurements", experiment.title)
        costs.append(_load(experiment, of_world[experiment.label_space], number))
    return tuple(costs)


def side_px(spec: ModelSpec) -> int:
    """The side of the images that a model is given."""
    return spec.preprocess.crop or STORED_PX


def _passes(spec: ModelSpec) -> list[UnitCost]:
    import torch

    from robust_core.models.device import choose_device, this_machine
    from robust_core.models.loading import LoadedModel

    device, today = choose_device(), datetime.now(UTC).date().isoformat()
    try:
        model = LoadedModel(spec, spec.architecture.build(), device)
        forward_s, _ = _seconds(model, _forward)
        gradient_s, saved_bytes = _seconds(model, _gradient)
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if "alloc" not in str(error) and "memory" not in str(error):
            raise
        return []
    row, where = (spec.architecture.name, side_px(spec)), f"{device.type}: {this_machine()}"
    return [
        UnitCost(FORWARD, *row, forward_s, 0, where, today),
        UnitCost(GRADIENT, *row, gradient_s, saved_bytes, where, today),
    ]


def _seconds(model: "LoadedModel", work: "Callable[[LoadedModel, Tensor], int]") -> tuple[float, int]:
    """Seconds for an image, and the bytes that `work` returns, over as many images as the runner takes at once; fewer
    where one alone takes long.
    """
    import torch

    px, most = side_px(model.spec), model.batches(side_px(model.spec), side_px(model.spec)).size
    one = torch.rand(1, 3, px, px, device=model.device)
    first = _timed(model, work, one)
    if first[0] > ENOUGH_SECONDS:
        return first
    n = max(1, min(most, int(ENOUGH_SECONDS / first[0])))
    pixels = one.expand(n, -1, -1, -1).contiguous()
    rounds = [_timed(model, work, pixels) for _ in range(1 if n < most else 3)]
    seconds, saved_bytes = min(rounds)
    return seconds / n, saved_bytes // n


def _timed(model: "LoadedModel", work: "Callable[[LoadedModel, Tensor], int]", pixels: "Tensor") -> tuple[float, int]:
    started = _clock_s(model.device)
    saved_bytes = work(model, pixels)
    return _clock_s(model.device) - started, saved_bytes


def _clock_s(device: "torch.device") -> float:
    """Seconds that do not count what else a machine does: of the processor, for each of its threads; of a GPU, when it
    has done what it was given.
    """
    import torch

    if device.type == "cpu":
        return time.process_time() / torch.get_num_threads()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def _forward(model: "LoadedModel", pixels: "Tensor") -> int:
    import torch

    with torch.inference_mode():
        model.logits(pixels)
    return 0


def _gradient(model: "LoadedModel", pixels: "Tensor") -> int:
    """Forward and back to the pixels; returns the bytes that were kept for the way back, without the parameters."""
    import torch

    parameters = {one.untyped_storage().data_ptr() for one in model.network.parameters()}
    saved: dict[int, int] = {}

    def pack(tensor: "Tensor") -> "Tensor":
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in parameters:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    leaf = pixels.clone().requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        logits = model.logits(leaf)
    torch.autograd.grad(logits.sum(), leaf)
    return sum(saved.values())


def _load(experiment: Experiment, spec: ModelSpec, number: int) -> UnitCost:
    """Seconds to read or draw an image: the mean over all conditions, of a whole chunk of what is drawn together under
    the first of them, which the others find drawn. Each experiment takes another chunk, by its `number`. The twenty
    photos that come with the project stand in for images of ImageNet, and for the frames of a sequence.
    """
    from robust_core.benchmark.plans import make_plan
    from robust_core.benchmark.unit_images import forget_drawn
    from robust_core.mini.world import CHUNK
    from robust_core.models.device import this_machine

    plan = make_plan(_stand_in(experiment, spec))
    means: list[float] = []
    next(iter(plan.images.values())).load(0)  # what the first image of all imports is no cost of any
    forget_drawn()
    for images in plan.images.values():
        first = number % max(1, len(images.ids) // CHUNK) * CHUNK
        places = range(first, min(len(images.ids), first + (LOADED_IMAGES if means else CHUNK)))
        started = time.process_time()
        for place in places:
            images.load(place)
        means.append((time.process_time() - started) / len(places))
    where, today = f"cpu: {this_machine()}", datetime.now(UTC).date().isoformat()
    seconds = fmean(means) * (1 if experiment.label_space == MINI else experiment.task.frames)
    return UnitCost(LOAD, experiment.key, side_px(spec), seconds, 0, where, today)


def _stand_in(experiment: Experiment, spec: ModelSpec) -> RunConfig:
    from robust_core.data.foolbox import Foolbox

    if experiment.label_space == MINI:
        return RunConfig(experiment.key, spec.key)
    return RunConfig("imagenet", spec.key, images=Foolbox().title)
