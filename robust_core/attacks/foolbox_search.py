"""Attacks that Foolbox runs (Rauber et al. 2017), on passes that are ours: counted, in batches that fit, one by one.

Foolbox asks a model on a thread of its own, which waits while a pass runs here. It draws from a tensor type that has
each image's own random numbers, so that PyTorch's global ones are left alone and the batch makes no difference.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any

import torch
from eagerpy import PyTorchTensor
from foolbox import Misclassification
from foolbox.models import Model
from foolbox.types import Bounds
from torch import Tensor

from robust_core.attacks.draws import torch_generator
from robust_core.attacks.foolbox_methods import METHODS
from robust_core.attacks.handover import calls_of
from robust_core.attacks.search import Search, Standing
from robust_core.events import Progress
from robust_core.models.batches import ran_out
from robust_core.models.finite import require_finite


def drawing_from(generators: Sequence[torch.Generator]) -> type[PyTorchTensor]:
    """A tensor of Foolbox's, random numbers from `generators`: each draws its part of the rows, on the CPU."""

    class Drawing(PyTorchTensor):
        def uniform(self, shape: Any, low: float = 0.0, high: float = 1.0) -> "Drawing":
            return Drawing(self._drawn(torch.rand, shape) * (high - low) + low)

        def normal(self, shape: Any, mean: float = 0.0, stddev: float = 1.0) -> "Drawing":
            return Drawing(self._drawn(torch.randn, shape) * stddev + mean)

        def _drawn(self, draw: Callable[..., Tensor], shape: Any) -> Tensor:
            rows, *rest = (shape,) if isinstance(shape, int) else shape
            parts = [draw(rows // len(generators), *rest, generator=one) for one in generators]
            return torch.cat(parts).to(self.raw)

    return Drawing


class AskedModel(Model):
    """What Foolbox takes for a model, of pixels in [0, 1]: what it is called with is asked."""

    data_format = "channels_first"

    def __init__(self, ask: Callable[[Tensor], Tensor]):
        self.ask = ask

    @property
    def bounds(self) -> Bounds:
        """Of pixels."""
        return Bounds(0, 1)

    def __call__(self, inputs: Any) -> Any:
        return type(inputs)(self.ask(inputs.raw))


class _Chunk:
    """Some of the images, at `places` (A,), which Foolbox attacks at once; `asked` is what it waits for, None once
    it is at its end, `passes` how many each image had, and `done` so many steps, counted in equal shares of all passes.
    """

    def __init__(self, search: Search, places: Tensor):
        self.search, self.places, self.passes, self.done = search, places, 0, 0
        self._calls: Generator[Tensor, Tensor, None] = calls_of(self._attack)
        self.asked: Tensor | None = next(self._calls, None)

    def advance(self) -> None:
        """Give the logits that it waits for; raises NotFinite, and RuntimeError where memory does not suffice."""
        assert self.asked is not None
        search, asked = self.search, self.asked
        with torch.set_grad_enabled(asked.requires_grad):
            logits = search.model.serving(self._sound(asked))
        search.model.check_finite()
        pixels = asked.detach()
        inside = ((pixels >= 0) & (pixels <= 1)).flatten(1).all(1).cpu()  # not so where EAD extrapolates
        search.take(self.places[inside], pixels[inside.to(pixels.device)], logits.detach().argmax(1).cpu()[inside])
        self.passes += 1
        most, _ = search.config.row.passes(search.config.steps, logits.shape[1])
        self.done = self.passes * search.config.steps // most
        try:
            self.asked = self._calls.send(logits)
        except StopIteration:
            self.asked = None

    def close(self) -> None:
        """End Foolbox's work."""
        self._calls.close()

    def _attack(self, ask: Callable[[Tensor], Tensor]) -> None:
        search, config = self.search, self.search.config
        drawing = drawing_from([torch_generator(config.seed, search.indices[place]) for place in self.places.tolist()])
        clean = drawing(search.clean[self.places].contiguous())
        criterion = Misclassification(drawing(search.labels[self.places].to(search.clean.device)))
        epsilon = {} if config.row.minimal else {"epsilon": search.eps}
        model = AskedModel(ask)
        found = METHODS[config.attack, config.norm](config.steps).run(model, clean, criterion, **epsilon)
        # C&W and EAD return a black image where they find nothing.
        model(drawing(torch.where(found.raw.flatten(1).any(1)[:, None, None, None], found.raw, clean.raw)))

    def _sound(self, asked: Tensor) -> Tensor:
        """`asked`, with the clean value for what Foolbox divided by zero, and a look at its gradient."""
        if asked.requires_grad:
            asked.register_hook(self._check_gradient)
        return torch.where(asked.isfinite(), asked, self.search.clean[self.places])

    def _check_gradient(self, gradient: Tensor) -> None:
        require_finite(self.search.model.spec.title, "gradients", gradient.flatten(1).isfinite().all(1).cpu())


def run(search: Search) -> Generator[Progress | Standing, None, None]:
    """All active images, a pass of each after the other, in chunks of the size that fits; a chunk for which memory does
    not suffice begins anew, in smaller ones.
    """
    done = 0
    chunks: list[_Chunk] = []
    try:
        chunks.extend(_Chunk(search, places) for places in search.active.split(search.passes.batches.size))
        while chunks:
            yield from _round(search, chunks)
            chunks[:] = [chunk for chunk in chunks if chunk.asked is not None]
            done = max(done, min((chunk.done for chunk in chunks), default=done))
            yield search.standing(done)
    finally:
        for chunk in chunks:
            chunk.close()


def _round(search: Search, chunks: list[_Chunk]) -> Generator[Progress, None, None]:
    """One pass of each chunk."""
    for number, chunk in enumerate(list(chunks)):
        try:
            chunk.advance()
        except RuntimeError as error:
            if not ran_out(error):
                raise
            chunk.close()
            chunks.remove(chunk)
            search.passes.batches.make_room(error)
            chunks.extend(_Chunk(search, places) for places in chunk.places.split(search.passes.batches.size))
        yield Progress(number + 1, len(chunks), "batches")
