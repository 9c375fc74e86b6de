"""PyTorch is imported once, in the background, while the first page goes out; the worker waits for it and all that
comes with it, a page that shows what is recorded for PyTorch alone, the others for nothing.
"""

import ctypes
import gc
import importlib.util
import logging
import threading
import time
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
_torch_is_here = threading.Event()
_all_is_here = threading.Event()
_all_is_wanted = threading.Event()
_lock = threading.Lock()
_thread: threading.Thread | None = None

GRACE_SECONDS = 3  # for the page that waited for PyTorch, before the rest takes a core from it and its browser
# In the order in which `import torch` loads them; the first of them for everybody, as there.
LIBRARIES = (("libtorch_global_deps", ctypes.RTLD_GLOBAL), ("libtorch_python", ctypes.RTLD_LOCAL))


def load_libraries() -> threading.Thread:
    """Load PyTorch's shared libraries on a thread, which needs no interpreter for it, so that other imports go on
    meanwhile and that of PyTorch finds them loaded.
    """
    thread = threading.Thread(target=_load_libraries, name="torch-libraries", daemon=True)
    thread.start()
    return thread


def start() -> None:
    """Begin importing, once per process; numpy and pandas must have been imported whole before (see app.py)."""
    global _thread
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_import, name="warm-up", daemon=True)
            _thread.start()


def ready() -> bool:
    """Whether PyTorch is there, without waiting."""
    return _torch_is_here.is_set()


def all_ready() -> bool:
    """Whether a model can be asked at once, without waiting; who asks for it has no time to lose."""
    _all_is_wanted.set()
    return _all_is_here.is_set()


def all_here() -> bool:
    """The same, asked by who has time."""
    return _all_is_here.is_set()


def wait() -> None:
    """Return when PyTorch is there and torchvision, too; starts the import if nobody did."""
    start()
    _all_is_wanted.set()
    _all_is_here.wait()


def _load_libraries() -> None:
    found = importlib.util.find_spec("torch")
    folder = Path(found.origin).parent / "lib" if found and found.origin else None
    for name, mode in LIBRARIES:
        for file in folder.glob(f"{name}.*") if folder else ():
            with suppress(OSError):  # the import says what is wrong
                ctypes.CDLL(str(file), mode)


def _import() -> None:
    started = time.perf_counter()
    try:
        import torch  # noqa: F401

        from robust_core.ui.server import cores

        cores.every()
        _freeze()
        _torch_is_here.set()
        log.info("PyTorch imported in %.1f s", time.perf_counter() - started)
        _all_is_wanted.wait(GRACE_SECONDS)
        import torchvision  # noqa: F401  # as long again, since it brings PyTorch's compiler
    except ImportError:
        log.exception("PyTorch cannot be imported")
    _freeze()
    _torch_is_here.set()
    _all_is_here.set()
    with suppress(ImportError):
        import timm  # noqa: F401  # the first models are timm's networks; who needs one earlier waits for this import

        _freeze()


def _freeze() -> None:
    """Take 400,000 objects of imported modules out of the collector, whose full passes then cost next to nothing."""
    gc.collect()
    gc.freeze()
