"""Loaded models within a byte budget: the least recently used leaves first, what is in use never leaves."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

from robust_core.errors import DeviceOutOfMemory
from robust_core.models import in_use
from robust_core.models.catalogue import get_spec
from robust_core.models.device import choose_device, memory
from robust_core.models.loading import LoadedModel, load_network, locate
from robust_core.models.spec import ModelSpec

BUDGET_FRACTION = 0.6


class ModelPool:
    """The models of one device; `budget_bytes` bounds what idle models may hold."""

    def __init__(self, device: torch.device, budget_bytes: int):
        self.device = device
        self.budget_bytes = budget_bytes
        self._loaded: OrderedDict[tuple[str, str], LoadedModel] = OrderedDict()
        self._users: dict[tuple[str, str], int] = {}
        self._lock = threading.RLock()

    @contextmanager
    def use(self, key: str) -> Iterator[LoadedModel]:
        """The model called `key`, loaded if it was not; it stays at least until the `with` block ends.

        One that somebody holds in this process is taken as it is, on its own device. Raises UnknownName,
        WeightsUnavailable, or DeviceOutOfMemory when the device is too small or others fill it; and at the end of the
        block NotFinite when a pass in it gave NaN or infinite logits.
        """
        with self._found(key) as model:
            try:
                yield model
                model.check_finite()
            finally:
                # what a failed block leaves is no business of the next one in this thread
                model.network.finite.forget()

    def keys(self) -> tuple[str, ...]:
        """The keys of the loaded models, least recently used first."""
        with self._lock:
            return tuple(key for key, _ in self._loaded)

    def used_bytes(self) -> int:
        """Bytes that the parameters of all loaded models take, and those of their copies."""
        with self._lock:
            return sum(model.memory_bytes for model in self._loaded.values())

    def free_idle(self) -> bool:
        """Drop every model that nobody is using, and give the memory back to the device; whether there was any."""
        with self._lock:
            before = len(self._loaded)
            self._evict(0)
            freed = len(self._loaded) < before
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return freed

    @contextmanager
    def _found(self, key: str) -> Iterator[LoadedModel]:
        if model := in_use.held(key):
            yield model.beside(self.free_idle)
            return
        model, identity = self._acquire(key)
        try:
            yield model
        finally:
            with self._lock:
                self._users[identity] -= 1
                self._evict(self.budget_bytes)

    def _acquire(self, key: str) -> tuple[LoadedModel, tuple[str, str]]:
        spec = get_spec(key)
        path = locate(spec)
        identity = (key, spec.weights.sha256 or spec.weights.url)
        with self._lock:
            if identity not in self._loaded:
                self._make_room(spec)
                model = self._load(spec, path).beside(self.free_idle)
                locate(spec)  # a file that was altered while it was read is none
                self._loaded[identity] = model
            self._loaded.move_to_end(identity)
            self._users[identity] = self._users.get(identity, 0) + 1
            return self._loaded[identity], identity

    def _make_room(self, spec: ModelSpec) -> None:
        total_bytes = memory(self.device).total_bytes
        if spec.memory_bytes > total_bytes:
            raise DeviceOutOfMemory(
                f"{spec.title} needs {spec.memory_bytes / 1e9:.1f} GB; this device has {total_bytes / 1e9:.1f} GB in "
                "all."
            )
        self._evict(self.budget_bytes - spec.memory_bytes)

    def _load(self, spec: ModelSpec, path: Path) -> LoadedModel:
        """The network; where it does not fit beside idle models, or beside what they left in the allocator, these leave
        first.
        """
        try:
            return load_network(spec, path, self.device)
        except torch.OutOfMemoryError:
            self.free_idle()
        try:
            return load_network(spec, path, self.device)
        except torch.OutOfMemoryError as error:
            raise DeviceOutOfMemory(
                f"{spec.title} needs {spec.memory_bytes / 1e9:.1f} GB, which this device does not have free now; "
                "choose a smaller model or try again."
            ) from error

    def _evict(self, budget_bytes: int) -> None:
        for identity in list(self._loaded):
            if self.used_bytes() <= budget_bytes:
                return
            if not self._users.get(identity):
                del self._loaded[identity]


@cache
def shared_pool() -> ModelPool:
    """The pool of this process, on the chosen device, within 60% of its memory."""
    device = choose_device()
    return ModelPool(device, int(BUDGET_FRACTION * memory(device).total_bytes))
