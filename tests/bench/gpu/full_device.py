"""A device that is nearly full: batches are halved, idle models leave, and what cannot fit is a sentence.

On a GPU the allocator itself is limited; on a CPU, which has no such limit, the network raises the same error above a
number of images, and the rows say so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from robust_core.attacks.passes import Passes
from robust_core.attacks.pgd import pgd
from robust_core.errors import DeviceOutOfMemory
from robust_core.events import result_of
from robust_core.models.loading import LoadedModel
from robust_core.models.pool import ModelPool
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import judge_labels, said
from tests.bench.gpu.machine import exactly, index_of
from tests.bench.gpu.networks import MINI, noise, random_model
from tests.bench.gpu.trajectories import ROBUST, threat

PART = "full device"
ROOM_BYTES = 2**30  # for activations: a batch of 64 images of 224 px needs several times as much in ResNet-50
ROOM_IMAGES = 2


def cases(bench: Bench) -> list[Case]:
    """The policy of models/batches.py and models/pool.py, each from another side."""
    rows = {
        "a batch too large is halved, logits stay": _halved,
        "PGD leaves what it left with room": _attacked,
        "idle models leave, the one in use stays": _left,
        "one image too many is a sentence": _refused,
    }
    how = "" if bench.on_gpu else " (simulated)"
    return [Case(PART, f"{name}{how}", 20, partial(work, bench)) for name, work in rows.items()]


@contextmanager
def little_room(bench: Bench, model: LoadedModel, room_bytes: int, room_images: int) -> Iterator[None]:
    """A device with so much room beside what it holds already; without a GPU, for so many images."""
    if not bench.on_gpu:
        with _refusing(model.serving, room_images):
            yield
        return
    index = index_of(bench.device)
    torch.cuda.empty_cache()
    total_bytes = torch.cuda.get_device_properties(index).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved(index) + room_bytes) / total_bytes, index)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, index)
        torch.cuda.empty_cache()


@contextmanager
def _refusing(network: nn.Module, most: int) -> Iterator[None]:
    def refuse(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        if len(given[0]) > most:
            raise torch.OutOfMemoryError(f"{len(given[0])} images, as if there were no room")

    handle = network.register_forward_pre_hook(refuse)
    try:
        yield
    finally:
        handle.remove()


def _subject(bench: Bench) -> tuple[LoadedModel, Tensor]:
    """A network that has run once, so that its libraries hold what they need, and images that need much room."""
    architecture, side_px, n = ("resnet18", 64, 6) if bench.small else ("resnet50", 224, 64)
    model, pixels = random_model(architecture, side_px, bench.device), noise(n, side_px).to(bench.device)
    _labelled(model, pixels[:1])
    return model, pixels


def _labelled(model: LoadedModel, pixels: Tensor, at_once: int | None = None) -> tuple[Tensor, int, int]:
    """Logits (N,K) out of passes forward and backward, and how many images went at once, first and last."""
    passes = Passes(model, *pixels.shape[2:])
    passes.batches.size = at_once or len(pixels)
    logits, _ = result_of(passes.forward_backward(pixels, lambda logits, rows: logits.amax(1)))
    return logits, at_once or len(pixels), passes.batches.size


def _halved(bench: Bench) -> Found:
    model, pixels = _subject(bench)
    with exactly():
        reference, _, _ = _labelled(model, pixels, at_once=ROOM_IMAGES)
        with little_room(bench, model, ROOM_BYTES, ROOM_IMAGES):
            logits, first, last = _labelled(model, pixels)
    outcome, words = judge_labels(reference, logits)
    return outcome if last < first else "fail", f"{first} at once became {last}; {words}"


def _attacked(bench: Bench) -> Found:
    model, pixels = _subject(bench)
    labels, row = [None] * len(pixels), threat(0.5 / 255, 2)
    with exactly():
        with_room = result_of(pgd(model, pixels, labels, row))
        with little_room(bench, model, ROOM_BYTES, ROOM_IMAGES):
            without = result_of(pgd(model, pixels, labels, row))
    apart = int((with_room.correct != without.correct).sum())
    return said(apart <= 1), f"{apart} of {len(pixels)} images differ; {int(without.correct.sum())} are left"


def _left(bench: Bench) -> Found:
    pool = ModelPool(bench.device, budget_bytes=2**33)
    with pool.use(ROBUST):
        pass
    idle = pool.keys()
    with pool.use(MINI) as model:
        pixels = noise(4 if bench.small else 2048, 64).to(bench.device)
        _labelled(model, pixels[:1])
        with little_room(bench, model, ROOM_BYTES // 2, ROOM_IMAGES):  # twice the gradients of all, and some batches
            _, first, last = _labelled(model, pixels)
        stayed = pool.keys()
    agrees = idle == (ROBUST,) and stayed == (MINI,) and last < first
    return said(agrees), f"{', '.join(idle)} was idle, {', '.join(stayed)} stayed; {first} images at once became {last}"


def _refused(bench: Bench) -> Found:
    model, pixels = _subject(bench)
    try:
        with little_room(bench, model, 0, 0):
            _labelled(model, pixels)
    except DeviceOutOfMemory as error:
        again, _, _ = _labelled(model, pixels[:1])
        return said(bool(again.isfinite().all())), f"“{error}”; with room it runs again"
    return "fail", "it fitted where there was no room"
