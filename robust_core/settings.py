"""Where things lie and what may be changed from outside: the environment variables, read in one place.

ROBUST_LAB_CACHE    downloaded weights and own runs (default: cache/ of this checkout)
ROBUST_LAB_DATA     the user's picture folders (default: none)
ROBUST_LAB_DEVICE   cuda, mps or cpu (default: the best there is)
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_CACHE = ROOT / "cache"


def cache_dir() -> Path:
    """The folder that downloads and runs go to; made by whoever writes first."""
    return Path(os.environ.get("ROBUST_LAB_CACHE") or SHIPPED_CACHE).expanduser()


def weights_dir() -> Path:
    """The folder of downloaded and imported weights."""
    return cache_dir() / "weights"


def data_dir() -> Path | None:
    """The folder of the user's own pictures, or None."""
    folder = os.environ.get("ROBUST_LAB_DATA")
    return Path(folder).expanduser() if folder else None


def device_name() -> str | None:
    """The device that the user asked for, or None to choose the best."""
    return os.environ.get("ROBUST_LAB_DEVICE") or None
