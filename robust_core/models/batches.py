"""Work on many images in batches that fit the device, with news between them."""

from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import TypeVar

import torch

from robust_core.errors import DeviceOutOfMemory
from robust_core.events import Progress
from robust_core.models import pool
from robust_core.models.loading import LoadedModel

Part = TypeVar("Part")
Whole = TypeVar("Whole")
# As many images at once as have this many pixels. On a CPU more are hardly faster, and the user waits longer for
# news.
PIXELS_AT_ONCE = {"cuda": 64 * 224**2, "mps": 16 * 224**2, "cpu": 4 * 224**2}
MOST_AT_ONCE: ContextVar[int | None] = ContextVar("MOST_AT_ONCE", default=None)  # what somebody asked for instead


class Batches:
    """How many images of one size go through a network at once: `size`, which is halved whenever memory runs out, and
    stays so.

    Idle models leave the device then, too.
    """

    def __init__(self, model: LoadedModel, height_px: int, width_px: int):
        self.model = model
        self.size = MOST_AT_ONCE.get() or max(1, PIXELS_AT_ONCE[model.device.type] // (height_px * width_px))

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
            places = range(done, min(done + self.size, n))
            try:
                parts.append(work(places))
            except torch.OutOfMemoryError as error:
                self._make_room(error)
                continue
            done = places.stop
            if done < n:
                yield Progress(done, n, unit, note)
        self.model.check_finite()
        return parts

    def _make_room(self, error: torch.OutOfMemoryError) -> None:
        freed = pool.shared_pool().free_idle()
        if self.size == 1 and not freed:
            raise DeviceOutOfMemory(
                "The device ran out of memory with a single image; choose a smaller model."
            ) from error
        self.size = max(1, self.size // 2)


def in_batches_of(size: int | None, work: Generator[Part, None, Whole]) -> Generator[Part, None, Whole]:
    """The same work with at most `size` images at once; None leaves it as it is."""
    while True:
        token = MOST_AT_ONCE.set(size)
        try:
            event = next(work)
        except StopIteration as end:
            return end.value
        finally:
            MOST_AT_ONCE.reset(token)
        yield event
