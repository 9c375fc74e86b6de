"""The policy for a full device: how many images go through a model at once, who leaves, and when to give up.

Who has a model has its policy: `model.batches(height_px, width_px)`.
"""

import math
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

import torch

from robust_core.errors import DeviceOutOfMemory
from robust_core.events import Progress

if TYPE_CHECKING:
    from robust_core.models.loading import LoadedModel

Part = TypeVar("Part")
Whole = TypeVar("Whole")
# As many images at once as have this many pixels. On a CPU more are hardly faster, and the user waits longer for
# news.
PIXELS_AT_ONCE = {"cuda": 64 * 224**2, "mps": 16 * 224**2, "cpu": 64 * 64**2}
# What CUDA's libraries say where there is no room for their workspace; cuDNN finds no engine, as it tries one after the
# other and PyTorch keeps to itself what each of them lacked.
NO_ROOM = ("unable to find an engine", "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED")
# What the caller of one study asked for instead. Sessions share a model, and a study hands no model from one part to
# the other but takes it from the pool under its key, so that the limit can lie with neither: it holds for what one
# generator computes in one step, in whichever thread.
_MOST_AT_ONCE: ContextVar[int | None] = ContextVar("_MOST_AT_ONCE", default=None)


class Batches:
    """How many images of one size go through a model at once: `size`, which is halved whenever memory runs out, and
    stays so.

    Other models leave the device then, too, as far as the model's `make_room` can have them leave. `at_once` images are
    tried first where it is given, else as many as usual.
    """

    def __init__(self, model: "LoadedModel", height_px: int, width_px: int, *, at_once: int | None = None):
        self.model = model
        usual = max(1, PIXELS_AT_ONCE[model.device.type] // (height_px * width_px))
        self.size = _MOST_AT_ONCE.get() or at_once or usual
        self._is_second_try = False

    def run(
        self, n: int, work: Callable[[range], Part], unit: str = "images", note: str = ""
    ) -> Generator[Progress, None, list[Part]]:
        """`work(places)` over the places 0 to n - 1, a batch at a time; returns the parts in order, with a Progress
        between batches.

        Raises DeviceOutOfMemory when not even one image fits, NotFinite when one of the passes through the model gave
        NaN or infinity.
        """
        parts, done = [], 0
        while done < n:
            places = range(done, done + _next_of(n - done, self.size))
            try:
                parts.append(work(places))
            except RuntimeError as error:
                if not ran_out(error):
                    raise
                self.make_room(error)
                continue
            done, self._is_second_try = places.stop, False
            if done < n:
                yield Progress(done, n, unit, note)
        self.model.check_finite()
        return parts

    def make_room(self, error: RuntimeError) -> None:
        """Halve `size` and have other models leave; where neither can help, raises DeviceOutOfMemory, or the `error`
        itself where that may have another cause.
        """
        freed = self.model.make_room()
        if self.size == 1 and not freed and self._is_second_try:
            if not isinstance(error, torch.OutOfMemoryError):
                raise error
            raise DeviceOutOfMemory(
                "The device ran out of memory with a single image; choose a smaller model."
            ) from error
        # memory that somebody else had may be back by now, so that one image is tried twice
        self._is_second_try = self.size == 1
        self.size = max(1, self.size // 2)


def _next_of(left: int, most: int) -> int:
    """How many of `left` go next where `most` may: of batches of nearly one size, as a small last one is slow."""
    return math.ceil(left / math.ceil(left / most))


def ran_out(error: RuntimeError) -> bool:
    """Whether a device is full by what PyTorch says, or perhaps by what a library of CUDA's does."""
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in NO_ROOM)


def in_batches_of(size: int | None, work: Generator[Part, None, Whole]) -> Generator[Part, None, Whole]:
    """The same work with at most `size` images at once; None leaves it as it is."""
    while True:
        token = _MOST_AT_ONCE.set(size)
        try:
            event = next(work)
        except StopIteration as end:
            return end.value
        finally:
            _MOST_AT_ONCE.reset(token)
        yield event
