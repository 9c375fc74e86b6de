"""What tests need to know of architectures beyond their rows."""

import re

from robust_core.models.spec import Architecture


def input_px(architecture: Architecture) -> tuple[int, int]:
    """Height and width of an image that the network takes: those in the name of one of fixed size, else 224."""
    named = re.search(r"_(\d{3})$", architecture.name)
    side = int(named[1]) if architecture.fixed_size and named else 224
    return side, side
