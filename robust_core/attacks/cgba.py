"""CGBA, a decision-based search for the nearest image in L2 (Reza, Rahmati, Wu and Dai, ICCV 2023, section 3).

From a point of the decision boundary and an estimate of the normal there, it looks for the next point of the boundary
on the semicircle over the line from the clean image to the point, in the plane of that line and the normal. All points
of the semicircle are nearer than the old one, and where the boundary is flat and the normal exact, it meets the
boundary at its nearest point. Written from the geometry of the paper; the noise is of the image's full dimension,
without the paper's restriction to low frequencies.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from robust_core.attacks import query_search
from robust_core.attacks.query_search import Ask
from robust_core.attacks.search import Search, Standing
from robust_core.events import Progress

FIRST_QUERIES = 30  # for the first normal; the t-th takes √t times as many
NOISE = 2e-4  # standard deviation around the point of the boundary, in pixel units
TOLERANCE = NOISE / 4  # by which a point may lie behind the boundary, in pixel units


def run(search: Search) -> Generator[Progress | Standing, None, None]:
    """Each active image with its own draws, until its queries are used up."""
    return query_search.run(search, lambda ask, clean, generator: _Descent(ask, clean, generator).run())


@dataclass
class _Descent:
    """The search for one image, `clean` (1,3,H,W)."""

    ask: Ask
    clean: Tensor
    generator: torch.Generator

    def run(self) -> None:
        """Goes on for as long as it may ask."""
        point = self._on_the_line(self._noise_that_fools())
        number = 1
        while True:
            normal = self._normal(point, math.ceil(FIRST_QUERIES * math.sqrt(number)))
            point = self._on_the_semicircle(point, normal)
            number += 1

    def _noise_that_fools(self) -> Tensor:
        while True:
            noise = torch.rand(self.clean.shape, generator=self.generator).to(self.clean)
            if bool(self.ask(noise)):
                return noise

    def _on_the_line(self, far: Tensor) -> Tensor:
        """The point of the boundary between the clean image and one that fools."""
        change = far - self.clean
        low, high = 0.0, 1.0
        while (high - low) * float(change.norm()) > TOLERANCE:
            middle = (low + high) / 2
            low, high = (low, middle) if bool(self.ask(self.clean + middle * change)) else (middle, high)
        return self.clean + high * change

    def _normal(self, point: Tensor, queries: int) -> Tensor:
        """(1,3,H,W) of length 1, to where the model is fooled: the mean of random directions, with the sign of their
        decisions.
        """
        self.ask(queries)
        noise = torch.randn((queries, *point.shape[1:]), generator=self.generator).to(point)
        signs = torch.where(self.ask((point + NOISE * noise).clamp(0, 1)), 1.0, -1.0)
        normal = (signs[:, None, None, None] * noise).mean(0, keepdim=True)
        return normal / normal.norm()

    def _on_the_semicircle(self, point: Tensor, normal: Tensor) -> Tensor:
        """The next point of the boundary: `angle` 0 is the point, a right angle the clean image."""
        change = point - self.clean
        radius = change.norm()
        along = change / radius
        across = normal - (normal * along).sum() * along
        across = across / across.norm().clamp_min(1e-12)

        def at(angle: float) -> Tensor:
            ray = math.cos(angle) * along + math.sin(angle) * across
            return (self.clean + radius * math.cos(angle) * ray).clamp(0, 1)

        low, high = 0.0, math.pi / 2
        while (high - low) * float(radius) > TOLERANCE:
            middle = (low + high) / 2
            low, high = (middle, high) if bool(self.ask(at(middle))) else (low, middle)
        return at(low) if low else point
