"""Foolbox's decision-based attacks, an image at a time: it is told which images fool the model, and nothing else."""

from collections.abc import Callable, Generator
from typing import Any

import eagerpy as ep
import torch
from foolbox import attacks
from foolbox.criteria import Criterion
from torch import Tensor

from robust_core.attacks import query_search
from robust_core.attacks.foolbox_search import AskedModel, drawing_from
from robust_core.attacks.query_search import Ask, Find
from robust_core.attacks.search import Search, Standing
from robust_core.events import Progress

BLENDS = 50  # of an image with noise, among which the start is the nearest that fools; Foolbox's default


class _Decisions(Criterion):
    """Takes what the model gives for the decisions themselves."""

    def __repr__(self) -> str:
        return "what the model gives"

    def __call__(self, perturbed: Any, outputs: Any) -> Any:
        return outputs


class _Remembered:
    """Asks for no single image twice. Foolbox asserts that the image that it has just found fools the model, and in a
    batch of another size a network may change its mind about an image on the boundary.
    """

    def __init__(self, ask: Ask):
        self.ask, self._known = ask, dict[int, Tensor]()

    def __call__(self, pixels: Tensor) -> Tensor:
        if len(pixels) > 1:
            return self.ask(pixels)
        name = hash(pixels.cpu().numpy().tobytes())
        if name not in self._known:
            self._known[name] = self.ask(pixels)
        return self._known[name]


class HopSkipJump(attacks.HopSkipJumpAttack):
    """Foolbox's, whose images around a point are asked for at once, in place of one after the other."""

    def __init__(self, ask: Ask, generator: torch.Generator, **options: Any):
        super().__init__(**options)
        self.ask, self.generator = ask, generator

    def approximate_gradients(self, is_adversarial: Callable[[Any], Any], x_advs: Any, steps: int, delta: Any) -> Any:
        """Foolbox's estimate, made twice from the same draws: to see which images it asks for, and to tell it of
        them.
        """
        self.ask(steps)
        state, images = self.generator.get_state(), []

        def note(image: Any) -> Any:
            images.append(image)
            return ep.zeros(image, 1).bool()

        super().approximate_gradients(note, x_advs, steps, delta)
        decisions = is_adversarial(ep.concatenate(images))
        rest = iter(range(steps))
        self.generator.set_state(state)
        return super().approximate_gradients(lambda image: decisions[(at := next(rest)) : at + 1], x_advs, steps, delta)


def run(search: Search) -> Generator[Progress | Standing, None, None]:
    """Each active image with its own draws, until its queries are used up."""
    return query_search.run(search, _find(search.config.attack, search.config.norm, search.config.steps))


def _find(key: str, norm: str, queries: int) -> Find:
    def find(ask: Ask, clean: Tensor, generator: torch.Generator) -> None:
        drawing = drawing_from([generator])
        model, image = AskedModel(_Remembered(ask)), drawing(clean)
        method = (
            attacks.BoundaryAttack(steps=queries)
            if key == "boundary"
            else HopSkipJump(ask, generator, steps=queries, constraint=norm)
        )
        # as often as there are queries, so that it never gives up before
        start = attacks.LinearSearchBlendedUniformNoiseAttack(directions=queries + 1, steps=BLENDS)
        method.run(model, image, _Decisions(), starting_points=start.run(model, image, _Decisions()))

    return find
