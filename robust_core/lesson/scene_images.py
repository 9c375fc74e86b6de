"""An image that a scene shows to the class, before the bet or with the reveal."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class SceneImage:
    """`rgb` (H,W,3) uint8 under a `title`, with `alt` for who cannot see it, both of which tell nothing about the
    answer.

    label    what it turns out to be, shown at the reveal alone; "" for none
    at_once  whether it is shown before the bet; False keeps it for the reveal
    """

    title: str
    rgb: np.ndarray
    alt: str
    label: str = ""
    at_once: bool = True
