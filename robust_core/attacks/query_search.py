"""Attacks that see no more of a model than its decisions: every image has a search of its own, all go on together.

A search is a blocking function that asks whether images fool the model. None asks more than its queries, and a Standing
after q of them holds what each image has after at most q, whatever the others do.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any

import torch
from torch import Tensor

from robust_core.attacks.distances import DISTANCES
from robust_core.attacks.draws import torch_generator
from robust_core.attacks.handover import calls_of
from robust_core.attacks.search import Search, Standing
from robust_core.events import Progress

# (Q,) which of the images (Q,3,H,W) fool the model. A number in their place waits until so many may be asked; to be
# used before many are made, as all images would hold them at the same time.
Ask = Callable[[Any], Tensor]
# From what it asks, the clean image (1,3,H,W) and what it draws from.
Find = Callable[[Ask, Tensor, torch.Generator], None]
MARKS = 60


def marks(queries: int) -> tuple[int, ...]:
    """After how many queries to say how it stands: evenly on a log axis, the last included."""
    return tuple(sorted({round(queries ** (number / MARKS)) for number in range(MARKS + 1)}))


class _Image:
    """The search for the image at `place`: `asked` is what it waits for, None once it is at its end, and `used` how
    many queries it had.
    """

    def __init__(self, search: Search, place: int, find: Find):
        self.place, self.used = place, 0
        self.clean = search.clean[place : place + 1].contiguous()
        generator = torch_generator(search.config.seed, search.indices[place])
        self._calls: Generator[Any, Any, None] = calls_of(lambda ask: find(ask, self.clean, generator))
        self.asked: int | Tensor | None = next(self._calls, None)

    @property
    def asks(self) -> int:
        """How many queries it waits for."""
        return self.asked if isinstance(self.asked, int) else 0 if self.asked is None else len(self.asked)

    def give(self, fools: Tensor | None) -> None:
        """What it waits for."""
        try:
            self.asked = self._calls.send(fools)
        except StopIteration:
            self.asked = None

    def close(self) -> None:
        """End the search."""
        self._calls.close()


def run(search: Search, find: Find) -> Generator[Progress | Standing, None, None]:
    """The searches of all active images, until each has asked as often as the configuration allows."""
    images: list[_Image] = []
    try:
        images.extend(_Image(search, place, find) for place in search.active.tolist())
        for mark in marks(search.config.steps):
            while ready := [one for one in images if one.asks and one.used + one.asks <= mark]:
                yield from _serve(search, ready)
                done = sum(one.used for one in images)
                yield Progress(done, len(images) * search.config.steps, "queries")
            yield search.standing(mark)
    finally:
        for image in images:
            image.close()


def _serve(search: Search, ready: Sequence[_Image]) -> Generator[Progress, None, None]:
    """What each of these images asks: one after the other where it is many, together otherwise."""
    many = [image for image in ready if isinstance(image.asked, int)]
    for image in many:
        image.give(None)
        yield from _ask(search, [image])
    if few := [image for image in ready if image not in many]:
        yield from _ask(search, few)


def _ask(search: Search, asking: Sequence[_Image]) -> Generator[Progress, None, None]:
    sizes = [image.asks for image in asking]
    pixels = torch.cat([image.asked for image in asking if isinstance(image.asked, Tensor)]).clamp(0, 1)
    predicted = (yield from search.passes.forward(pixels)).argmax(1)
    for image, its_pixels, its_classes in zip(asking, pixels.split(sizes), predicted.split(sizes), strict=True):
        fools = its_classes != search.labels[image.place]
        if fools.any():
            _take_nearest(search, image, its_pixels[fools.to(its_pixels.device)], its_classes[fools])
        image.used += len(fools)
        image.give(fools.to(pixels.device))


def _take_nearest(search: Search, image: _Image, pixels: Tensor, classes: Tensor) -> None:
    nearest = int(DISTANCES[search.config.norm](pixels - image.clean).argmin())
    its = slice(nearest, nearest + 1)
    search.take(torch.tensor([image.place]), pixels[its], classes[its])
