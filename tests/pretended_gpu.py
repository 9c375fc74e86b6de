"""A GPU that is none: tensors that say they are on `cuda:0` and compute on the CPU, with the rules of a real one.

What a real GPU refuses is refused here: an operation on tensors of both devices (a CPU tensor without dimensions is let
through, and one of indices), and NumPy arrays of what lies on it. It is stricter in one thing: a single number
is set at places that a tensor on the GPU says. So code that would break on a GPU breaks on a machine
without one. Speed, memory, streams and rounding are a CPU's.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map

GPU = torch.device("cuda", 0)
INDEXING = ("aten::index.", "aten::index_put", "aten::_index_put_impl_", "aten::_unsafe_index")
FROM_ANYWHERE = ("aten::copy_", "aten::_to_copy")


ANSWERS = {  # what a machine with such a GPU says
    "is_available": True,
    "device_count": 1,
    "current_stream": SimpleNamespace(wait_stream=lambda stream: None),
    "empty_cache": None,
    "get_device_capability": (9, 0),
    "get_device_name": "a pretended GPU",
    "get_device_properties": SimpleNamespace(total_memory=2**33),
    "memory_reserved": 0,
    "memory_allocated": 0,
    "max_memory_allocated": 0,
    "reset_peak_memory_stats": None,
    "synchronize": None,
}


class OnGpu(Tensor):
    """A tensor on the pretended GPU; `inner` has its values."""

    inner: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner: Tensor) -> "OnGpu":
        return Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=inner.device,
        )

    def __init__(self, inner: Tensor):
        self.inner = inner

    device = property(lambda self: GPU)  # type: ignore[assignment]
    is_cuda = property(lambda self: True)  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"OnGpu({self.inner!r})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        _refuse_mixed(func, args)
        if func is torch.ops.aten._local_scalar_dense.default:
            _refuse_while_capturing()
        if func is torch.ops.aten._conj.default:  # whose lazy result a kernel called from here would take unconjugated
            return OnGpu(args[0].inner.conj_physical())
        result = func(*tree_map(_inner, args), **tree_map(_inner, kwargs or {}))
        return return_and_correct_aliasing(func, args, kwargs or {}, tree_map(_outer, result))


def _inner(thing: Any) -> Any:
    return thing.inner if isinstance(thing, OnGpu) else torch.device("cpu") if thing == GPU else thing


def _outer(thing: Any) -> Any:
    return OnGpu(thing) if isinstance(thing, Tensor) and not isinstance(thing, OnGpu) else thing


def _refuse_mixed(func: Any, args: tuple) -> None:
    name = f"{func._schema.name}.{func._schema.overload_name}"
    if name.startswith(FROM_ANYWHERE) or torch._C._current_autograd_node() is not None:
        return
    if name.startswith(INDEXING) and isinstance(args[0], OnGpu):
        args = (args[0], *args[2:])  # whose indices may lie on the CPU
    tensors = [one for one in tree_flatten(args)[0] if isinstance(one, Tensor)]
    if len({isinstance(one, OnGpu) for one in tensors if one.ndim}) > 1:
        raise RuntimeError(f"Expected all tensors to be on the same device, but {name} got some of cuda:0 and of cpu")


class _Up(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, plain: Tensor) -> Tensor:
        return OnGpu(plain.detach().clone())

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return _inner(grad)


class _Down(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, there: OnGpu) -> Tensor:
        return there.inner.detach().clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return OnGpu(grad)


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """The same values on `device`; gradients find the way back."""
    if isinstance(tensor, OnGpu) == (device.type == "cuda"):
        return tensor
    _refuse_while_capturing()
    if not (tensor.requires_grad and torch.is_grad_enabled()):
        return OnGpu(tensor.detach().clone()) if device.type == "cuda" else _inner(tensor).detach().clone()
    return (_Up if device.type == "cuda" else _Down).apply(tensor)


class Pretending(TorchFunctionMode):
    """While it is entered, `cuda` is the pretended GPU, for whatever names a device in this thread."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is Tensor.to:
            return _to(*args, **kwargs)
        if func in (Tensor.cpu, Tensor.cuda):
            return moved(args[0], GPU if func is Tensor.cuda else torch.device("cpu"))
        if func is Tensor.pin_memory:
            return args[0]
        if func is Tensor.tolist:
            return moved(args[0], torch.device("cpu")).tolist()
        if func is Tensor.numpy and isinstance(args[0], OnGpu):
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.")
        if func in (Tensor.new_tensor, Tensor.new_full, Tensor.new_zeros, Tensor.new_ones, Tensor.new_empty):
            return _made_like(func, args, kwargs)
        device = kwargs.get("device")
        if device is not None and torch.device(device).type == "cuda":
            _refuse_generator(kwargs)
            return moved(func(*args, **{**kwargs, "device": "cpu"}), GPU)
        return func(*args, **kwargs)


def _refuse_generator(kwargs: dict) -> None:
    generator = kwargs.get("generator")
    if generator is not None and generator.device.type == "cpu":
        raise RuntimeError("Expected a 'cuda' device type for generator but found 'cpu'")


def _made_like(func: Callable, args: tuple, kwargs: dict) -> Tensor:
    like, *rest = args
    device = torch.device(kwargs.pop("device", None) or like.device)
    return moved(func(_inner(like), *rest, **kwargs), device)


def _to(tensor: Tensor, *where: Any, **kwargs: Any) -> Tensor:
    device, rest = tensor.device, []
    for one in (*where, *([kwargs.pop("device")] if kwargs.get("device") is not None else [])):
        if isinstance(one, Tensor):
            device, rest = one.device, [*rest, one.dtype]
        elif isinstance(one, str | torch.device):
            device = torch.device(one)
        elif isinstance(one, torch.dtype):
            rest.append(one)  # the others say whether to wait, which nothing does here
    kwargs = {name: kwargs[name] for name in ("dtype", "memory_format") if kwargs.get(name) is not None}
    here = moved(tensor, device)
    return Tensor.to(here, *rest, **kwargs) if rest or kwargs else here


_capturing = threading.Event()


def _refuse_while_capturing() -> None:
    """A graph cannot hold what waits for the other device."""
    if _capturing.is_set():
        raise RuntimeError("operation not permitted when stream is capturing")


@contextmanager
def _graph(*_: Any) -> Iterator[None]:
    """What a graph is recorded in; here it is done at once, and done again by nothing."""
    _capturing.set()
    try:
        yield
    finally:
        _capturing.clear()


class _Event:
    """An event that has always come."""

    def __init__(self, **_: Any): ...

    def record(self, stream: Any = None) -> None: ...

    def synchronize(self) -> None: ...

    def query(self) -> bool:
        return True

    def elapsed_time(self, other: "_Event") -> float:
        return 1.0


def _without_gradients(mode: Any) -> None:
    """Inference mode as far as tensors of a class of one's own know it."""
    mode._inference_mode_context = torch.no_grad()
    mode._inference_mode_context.__enter__()


@contextmanager
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """The pretended GPU, as the device of the block and of the threads that begin in it."""
    monkeypatch.setattr(torch.cuda, "Event", _Event)
    monkeypatch.setattr(torch.cuda, "Stream", lambda: torch.cuda.current_stream())
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: SimpleNamespace(replay=lambda: None))
    monkeypatch.setattr(torch.cuda, "graph", _graph)
    monkeypatch.setattr(torch.accelerator, "current_stream", lambda *_: SimpleNamespace(is_capturing=lambda: False))
    monkeypatch.setattr(torch.inference_mode, "__enter__", _without_gradients)
    for name, answer in ANSWERS.items():
        monkeypatch.setattr(torch.cuda, name, lambda *_, answer=answer, **__: answer)
    run = threading.Thread.run

    def run_pretending(thread: threading.Thread) -> None:
        with Pretending():
            run(thread)

    monkeypatch.setattr(threading.Thread, "run", run_pretending)
    torch.__future__.set_overwrite_module_params_on_conversion(True)  # as for devices of another kind
    try:
        with Pretending():
            yield torch.device("cuda")
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(False)
