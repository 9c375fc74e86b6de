"""Where things lie and what may be changed from outside: the environment variables, read in one place.

ROBUST_LAB_CACHE    downloaded weights and own runs (default: cache/ of this checkout, or the user's cache folder of an
                    installed package)
ROBUST_LAB_DATA     the user's image folders (default: none)
ROBUST_LAB_DEVICE   cuda, mps or cpu (default: the best there is; under torchrun each process has a GPU of its own)
ROBUST_LAB_FOLDING  on or off: whether networks predict and are attacked through a copy with batch norm folded into
                    convolutions (default: on)

For a server that many share:

ROBUST_LAB_QUEUE           how many jobs may wait in one queue (default: 1000)
ROBUST_LAB_QUEUE_EACH      how many of them for one browser session (default: 100)
ROBUST_LAB_QUEUE_ADDRESS   how many of them for all sessions of one address (default: 400)
ROBUST_LAB_JOB_SECONDS     how long one job may compute (default: as long as it takes)
ROBUST_LAB_DOWNLOADS       on or off: whether pages download and remove weights; a terminal always does (default: on
                           where only this machine reaches the server)
ROBUST_LAB_IMPORTS         on or off: whether pages import weight files (default: on where only this machine reaches the
                           server)
ROBUST_LAB_VISITORS_EACH   how many visitors may come from one address at once (default: 64)
ROBUST_LAB_TRUSTED_PROXY   addresses or networks, separated by commas, of proxies that say truly where visitors come
                           from (default: none)
"""

import ipaddress
import os
from pathlib import Path
from typing import TypeVar

from robust_core.checks import whole
from robust_core.errors import BadInput

Default = TypeVar("Default")

PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (
    PACKAGE / "_shipped"
).is_dir()  # from a wheel, in which what lies beside the package in a checkout lies within it
SHIPPED_CACHE = PACKAGE / "_shipped" if IS_INSTALLED else PACKAGE.parent / "cache"
ROOT = PACKAGE / "_app" if IS_INSTALLED else PACKAGE.parent


def cache_dir() -> Path:
    """The folder that downloads and runs go to; made by whoever writes first."""
    own = os.environ.get("ROBUST_LAB_CACHE")
    if own:
        return Path(own).expanduser()
    return _user_cache() if IS_INSTALLED else SHIPPED_CACHE


def shipped(path: str) -> Path:
    """A file of the project by its `path` in a checkout, such as cache/mini/mini_resnext.safetensors."""
    folder, _, below = path.partition("/")
    return SHIPPED_CACHE / below if folder == "cache" else ROOT / path


def _user_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("robust-lab", appauthor=False)


def weights_dir() -> Path:
    """The folder of downloaded and imported weights."""
    return cache_dir() / "weights"


def data_dir() -> Path | None:
    """The folder of the user's own images, or None."""
    folder = os.environ.get("ROBUST_LAB_DATA")
    return Path(folder).expanduser() if folder else None


def device_name() -> str | None:
    """The device that the user asked for, or None to choose the best."""
    return os.environ.get("ROBUST_LAB_DEVICE") or None


def local_rank() -> int | None:
    """The number of this process among those that torchrun started on this machine; None without torchrun."""
    rank = os.environ.get("LOCAL_RANK")
    return int(rank) if rank else None


def queue_length() -> int:
    """How many jobs may wait in one queue; raises BadInput for anything but a whole number from 1 on."""
    return _whole_number("ROBUST_LAB_QUEUE", 1000)


def queue_length_each() -> int:
    """How many jobs may wait for one browser session; raises BadInput for anything but a whole number from 1 on."""
    return _whole_number("ROBUST_LAB_QUEUE_EACH", 100)


def queue_length_address() -> int:
    """How many jobs may wait for all sessions of one address; raises BadInput for anything but a whole number from 1
    on.
    """
    return _whole_number("ROBUST_LAB_QUEUE_ADDRESS", 400)


def job_seconds() -> int | None:
    """How long one job may compute, None for as long as it takes; raises BadInput for anything but a whole number
    from 1 on.
    """
    return _whole_number("ROBUST_LAB_JOB_SECONDS", None)


def visitors_each() -> int:
    """How many visitors one address may send at once; raises BadInput for anything but a whole number from 1 on."""
    return _whole_number("ROBUST_LAB_VISITORS_EACH", 64)


def trusted_proxies() -> tuple[str, ...]:
    """The networks of proxies whose X-Forwarded-For is believed, such as 127.0.0.1/32; raises BadInput for anything but
    addresses and networks.
    """
    listed = os.environ.get("ROBUST_LAB_TRUSTED_PROXY") or ""
    try:
        return tuple(str(ipaddress.ip_network(one.strip(), strict=False)) for one in listed.split(",") if one.strip())
    except ValueError as error:
        raise BadInput(
            "ROBUST_LAB_TRUSTED_PROXY must be addresses or networks, separated by commas, such as "
            f"127.0.0.1, 10.0.0.0/8; got {listed!r}."
        ) from error


def downloads_allowed() -> bool | None:
    """Whether pages may download and remove weights, None where nothing is said; raises BadInput for anything but on
    and off.
    """
    return _on_or_off("ROBUST_LAB_DOWNLOADS")


def imports_allowed() -> bool | None:
    """Whether pages may import weight files, None where nothing is said; raises BadInput for anything but on and
    off.
    """
    return _on_or_off("ROBUST_LAB_IMPORTS")


def folding_allowed() -> bool:
    """Whether networks serve through folded copies; raises BadInput for anything but on and off."""
    return _on_or_off("ROBUST_LAB_FOLDING") is not False


def _on_or_off(name: str) -> bool | None:
    answer = os.environ.get(name) or None
    if answer not in (None, "on", "off"):
        raise BadInput(f"{name} must be on or off; got {answer!r}.")
    return None if answer is None else answer == "on"


def _whole_number(name: str, default: Default) -> int | Default:
    text = os.environ.get(name)
    if not text:
        return default
    return whole(name, int(text) if text.isdecimal() else text, 1)
