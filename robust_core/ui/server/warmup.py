"""PyTorch is imported once, in the background, after the first page has gone out; the worker waits for it, no page
does.
"""

import gc
import logging
import os
import threading
import time
from contextlib import suppress

log = logging.getLogger(__name__)
_done = threading.Event()
_lock = threading.Lock()
_thread: threading.Thread | None = None


def start(delay_seconds: float = 0.0) -> None:
    """Begin importing, once per process; numpy and pandas must have been imported whole before (see app.py)."""
    global _thread
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_import_torch, args=(delay_seconds,), name="warm-up", daemon=True)
            _thread.start()


def ready() -> bool:
    """Whether PyTorch is there, without waiting."""
    return _done.is_set()


def wait() -> None:
    """Return when PyTorch is there; starts the import if nobody did."""
    start()
    _done.wait()


def _import_torch(delay_seconds: float) -> None:
    time.sleep(delay_seconds)
    started = time.perf_counter()
    try:
        import torch
        import torchvision  # noqa: F401

        if not torch.cuda.is_available():
            torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))  # one core stays with the web server
    except ImportError:
        log.exception("PyTorch cannot be imported")
    _freeze()
    _done.set()
    log.info("PyTorch imported in %.1f s", time.perf_counter() - started)
    with suppress(ImportError):
        import timm  # noqa: F401  # the first models are timm's networks; who needs one earlier waits for this import

        _freeze()


def _freeze() -> None:
    """Take 400,000 objects of imported modules out of the collector, whose full passes then cost next to nothing."""
    gc.collect()
    gc.freeze()
