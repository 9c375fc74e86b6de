"""Models are loaded as they are chosen, on a thread of their own, so that the first click waits for no file."""

from collections.abc import Generator, Sequence
from functools import partial

from robust_core.jobs import queue
from robust_core.models.spec import ModelSpec
from robust_core.ui.server import warmup
from robust_core.ui.session import subscriber

QUEUE = "models"
MOST_BYTES = 2**28  # of a model that is loaded before anybody has asked it for anything


def load_ahead(specs: Sequence[ModelSpec]) -> None:
    """Have those that are small and not loaded yet loaded, with the copies that will serve, once PyTorch is there; one
    that fails is reported where it is used.
    """
    if not warmup.all_here():
        return
    from robust_core.models.pool import shared_pool

    loaded = shared_pool().keys()
    for spec in specs:
        if spec.key not in loaded and spec.memory_bytes <= MOST_BYTES:
            queue(QUEUE).forget(spec.key)  # it was loaded once, and has left since
            queue(QUEUE).submit(spec.key, partial(_load, spec), subscriber())


def _load(spec: ModelSpec) -> Generator[None, None, None]:
    from robust_core.models.pool import shared_pool

    with shared_pool().use(spec.key) as model:
        yield
        model.folded()
