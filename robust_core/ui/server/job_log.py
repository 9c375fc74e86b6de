"""One line of log for each job: what, how it ended, how long it took, on which device."""

import logging
import time
from collections.abc import Generator, Hashable
from typing import Any

from robust_core.jobs import Work

log = logging.getLogger(__name__)


def set_up() -> None:
    """Let the server's terminal show what this package logs."""
    package = logging.getLogger("robust_core")
    if not package.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        package.addHandler(handler)
    package.setLevel(logging.INFO)


def logged(key: Hashable, work: Work, queue_name: str) -> Work:
    """The same work, which leaves its line when it ends, whatever ends it."""

    def run() -> Generator[Any, None, Any]:
        began, end = time.monotonic(), "failed"
        try:
            result = yield from work()
            end = "done"
            return result
        except GeneratorExit:
            end = "cancelled"
            raise
        finally:
            where = f" on {_device()}" if queue_name == "device" else ""
            log.info("%s: %s after %.2f s%s", _what(key), end, time.monotonic() - began, where)

    return run


def _what(key: Hashable) -> str:
    """A request's study and models, and the kind of any other work."""
    if not isinstance(key, tuple):
        return str(key)
    return ", ".join(part for part in key[:2] if isinstance(part, str))


def _device() -> str:
    from robust_core.models.device import choose_device

    return str(choose_device())
