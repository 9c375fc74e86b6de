"""A canvas on which one silhouette is drawn: where the object covers the image, and how light or dark its parts are."""

import numpy as np
from PIL import Image, ImageDraw

SIDE_PX = 96
OVERSAMPLING = 3
NEUTRAL = 128  # the grey level of shade 1

Points = list[tuple[float, float]] | np.ndarray


class Canvas:
    """Draws in object coordinates, -1 to 1 from left to right and from top to bottom, through one smooth random warp.

    `shade` multiplies the texture's colour: 1 leaves it, below darkens, above lightens, up to 2.
    """

    def __init__(self, rng: np.random.Generator, warp: float = 0.03):
        self.side = SIDE_PX * OVERSAMPLING
        self.coverage = Image.new("L", (self.side, self.side), 0)
        self.shade = Image.new("L", (self.side, self.side), NEUTRAL)
        self.amplitude = rng.normal(0, warp, 4)
        self.phase = rng.uniform(0, 2 * np.pi, 4)
        self.frequency = 1.6 * rng.uniform(1, 2.5, 4)

    def polygon(self, points: Points, shade: float = 1.0) -> None:
        """A filled polygon."""
        ImageDraw.Draw(self.coverage).polygon(self._to_side_px(points), fill=255)
        self.detail(points, shade)

    def detail(self, points: Points, shade: float) -> None:
        """A polygon that changes the shade only, never the outline."""
        ImageDraw.Draw(self.shade).polygon(self._to_side_px(points), fill=min(int(shade * NEUTRAL), 255))

    def box(self, left: float, top: float, right: float, bottom: float, shade: float = 1.0) -> None:
        """A filled rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], shade)

    def ellipse(self, x: float, y: float, rx: float, ry: float, shade: float = 1.0, tilt: float = 0.0) -> None:
        """A filled ellipse around (x, y), its x-axis turned by `tilt` radians."""
        angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        along, across = rx * np.cos(angle), ry * np.sin(angle)
        cos, sin = np.cos(tilt), np.sin(tilt)
        self.polygon(np.stack([x + cos * along - sin * across, y + sin * along + cos * across], 1), shade)

    def disc(self, x: float, y: float, radius: float, shade: float = 1.0) -> None:
        """A filled circle."""
        self.ellipse(x, y, radius, radius, shade)

    def stroke(self, points: Points, width: float, shade: float = 1.0) -> None:
        """A line through `points` with round ends."""
        points = np.asarray(points, float)
        for start, end in zip(points[:-1], points[1:], strict=True):
            along = (end - start) / (np.hypot(*(end - start)) + 1e-6)
            side = np.array([-along[1], along[0]]) * width / 2
            self.polygon([start + side, end + side, end - side, start - side], shade)
        for x, y in points:
            self.disc(x, y, width / 2, shade)

    def ring(self, x: float, y: float, radius: float, width: float, shade: float = 1.0) -> None:
        """A circle drawn as a line."""
        angle = np.linspace(0, 2 * np.pi, 40)
        self.stroke(np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], 1), width, shade)

    def planes(self) -> np.ndarray:
        """The finished drawing: uint8 (2, 96, 96), coverage 0-255 and shade, where 128 is neutral."""
        return np.stack(
            [
                np.asarray(plane.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX))
                for plane in (self.coverage, self.shade)
            ]
        )

    def _to_side_px(self, points: Points) -> list[tuple[float, float]]:
        x, y = _dense(np.asarray(points, float)).T
        waves = self.amplitude * np.sin(self.frequency * np.stack([y, x, x, y], 1) + self.phase)
        warped = np.stack([x + waves[:, 0] + waves[:, 1], y + waves[:, 2] + waves[:, 3]], 1)
        return [tuple(point) for point in (warped + 1) / 2 * self.side]


def _dense(points: np.ndarray, parts: int = 4) -> np.ndarray:
    """Cut every edge into `parts`, so that the warp bends it; a curve has points enough already."""
    if len(points) > 20:
        return points
    ends = np.roll(points, -1, axis=0)
    steps = np.linspace(0, 1, parts, endpoint=False)[:, None]
    return np.concatenate([start + (end - start) * steps for start, end in zip(points, ends, strict=True)])
