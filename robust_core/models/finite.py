"""Whether the logits of every pass are finite, found out without making a GPU wait for the CPU at every pass.

On the CPU a bad pass raises at once. On CUDA each pass sends one flag per image to the CPU; the next pass looks at the
flags that have arrived, and `FiniteCheck.finish` waits for the rest. On other devices the flags stay where they are
until `finish` asks for them.
"""

import threading
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

from robust_core.errors import NotFinite


class Flags:
    """Flags (B,) bool of one pass, on their way to the CPU."""

    def __init__(self, flags: Tensor):
        self._flags, self._event = flags, None
        if flags.is_cuda:
            self._flags = flags.to("cpu", non_blocking=True)  # into pinned memory, by PyTorch's own rule
            self._event = torch.cuda.Event()
            self._event.record(torch.cuda.current_stream(flags.device))

    def arrived(self) -> bool:
        """Whether `values` would not have to wait."""
        return self._event.query() if self._event else self._flags.device.type == "cpu"

    def values(self) -> Tensor:
        """The flags on the CPU, waited for if need be."""
        if self._event:
            self._event.synchronize()
        return self._flags.cpu()


class _Sent(threading.local):
    """The flags that a thread has not looked at yet, oldest first."""

    def __init__(self) -> None:
        self.flags: deque[Flags] = deque()


class FiniteCheck:
    """The check of one network, called `title` in its sentence. Threads share the network, but each sees only its own
    passes.
    """

    def __init__(self, title: str, send: Callable[[Tensor], Flags] = Flags):
        self.title = title
        self._send = send
        self._sent = _Sent()

    def watch(self, logits: Tensor) -> Tensor:
        """`logits` (B,…) unchanged, with all their gradients; raises NotFinite when these, or earlier ones of this
        thread, are known to be bad.
        """
        low, high = logits.detach().flatten(1).aminmax(dim=1)
        # the spread too: softmax and cross-entropy compute it
        self._sent.flags.append(self._send((high - low).isfinite()))
        while self._sent.flags and self._sent.flags[0].arrived():
            self._look()
        return logits

    def finish(self) -> None:
        """Wait for the flags of all passes of this thread; raises NotFinite when one of them was bad."""
        while self._sent.flags:
            self._look()

    def forget(self) -> None:
        """Drop the flags of this thread, since nothing will count what they belong to."""
        self._sent.flags.clear()

    def __deepcopy__(self, memo: dict) -> "FiniteCheck":
        return self  # what holds for a network holds for its copies

    def _look(self) -> None:
        require_finite(self.title, "logits", self._sent.flags.popleft().values())


def require_finite(title: str, what: str, finite: Tensor) -> None:
    """Raise NotFinite unless all of `finite` is True: (B,) bool on the CPU, whether the model called `title` gave an
    image finite `what`.
    """
    bad, n = int((~finite).sum()), len(finite)
    if bad:
        images = f"{bad} of {n} images" if n > 1 else "an image"
        raise NotFinite(
            f"{title} computed NaN or infinite {what} for {images}, so none of its numbers count; "
            "its weights may be damaged or too large for float32: choose another model, or get a sound weight file."
        )
