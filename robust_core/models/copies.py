"""The copies of a loaded network that predictions and attacks go through, each made when it is first asked for, and
checked against the network itself.
"""

import copy
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from robust_core.errors import BadInput
from robust_core.models.device import require_bfloat16, without_tf32
from robust_core.models.folding import folded
from robust_core.models.reduced import reduced
from robust_core.models.spec import ModelSpec

if TYPE_CHECKING:  # which makes the copies
    from robust_core.models.loading import Normalised

LARGEST_GAP = 1e-4  # between logits of the folded copy and the network's own
CHECKED_PX = 224  # of networks that take several sizes


@dataclass(frozen=True, eq=False)
class Served:
    """A network that stands in for another; `note` says why it is that other one after all, "" where it is not."""

    network: "Normalised"
    note: str = ""


class Copies:
    """The copies of one `network`, shared by whoever shares it."""

    def __init__(self, network: "Normalised", spec: ModelSpec):
        self.network, self.spec = network, spec
        self._folded: Served | None = None
        self._reduced: Served | None = None
        self._lock = threading.RLock()

    def folded(self) -> Served:
        """The network with batch norm folded into its convolutions; itself where it has none there, cannot be traced,
        or would differ by more than LARGEST_GAP in a logit.
        """
        with self._lock:
            if self._folded is None:
                with torch.inference_mode(False):  # whoever asks first: gradients will go through it
                    self._folded = self._fold()
            return self._folded

    def do_without_folding(self) -> Served:
        """The network itself, from now on: there is no room for a copy."""
        with self._lock:
            self._folded = Served(self.network, f"{self.spec.title} serves as it is: no folded copy of it fits.")
            return self._folded

    def bfloat16(self) -> "Normalised":
        """The network in bfloat16 with its stem in float32, folded where that is safe.

        Raises BadInput where its row does not allow it, its device does not compute in bfloat16, or its stem cannot be
        told.
        """
        require_allowed(self.spec)
        require_bfloat16(self.network.mean.device)
        with self._lock:
            if self._reduced is None:
                with torch.inference_mode(False):
                    body = reduced(self.folded().network.body)
                if body is None:
                    raise BadInput(
                        f"{self.spec.title} does not begin with one convolution that can stay in float32; attack it in "
                        "float32."
                    )
                self._reduced = Served(_with_body(self.network, body))
            return self._reduced.network

    @property
    def memory_bytes(self) -> int:
        """Bytes of what the copies do not share with the network."""
        seen = {tensor.data_ptr() for tensor in _tensors(self.network)}
        count = 0
        for served in (self._folded, self._reduced):
            for tensor in _tensors(served.network) if served else ():
                if tensor.data_ptr() not in seen:
                    seen.add(tensor.data_ptr())
                    count += tensor.nbytes
        return count

    def _fold(self) -> Served:
        body = folded(self.network.body)
        if body is None:
            return Served(self.network)
        gap = _largest_gap(self.network, body, _samples(self.spec))
        if not gap <= LARGEST_GAP:  # nor where it is NaN
            return Served(
                self.network,
                f"{self.spec.title} serves as it is: folding its batch norm changes a logit by {gap:.1g}, more than "
                f"{LARGEST_GAP:g}.",
            )
        return Served(_with_body(self.network, body))


def require_allowed(spec: ModelSpec) -> None:
    """Raise BadInput unless the row says that attacks in bfloat16 were measured to be as strong."""
    if not spec.architecture.bfloat16:
        raise BadInput(
            f"{spec.title} is attacked in float32 alone: attacks in bfloat16 were not measured to be as strong on "
            f"{spec.architecture.name}. Choose another precision."
        )


def _with_body(network: "Normalised", body: nn.Module) -> "Normalised":
    """The same normalisation and the same check for NaN, which threads share, around another body."""
    memo = {id(network.body): body, id(network.mean): network.mean, id(network.std): network.std}
    return copy.deepcopy(network, memo)


def _largest_gap(network: "Normalised", body: nn.Module, images: Tensor) -> float:
    """How far the logits of another body are from the network's own, before anything counts them; NaN where it cannot
    predict.
    """
    inputs = (images.to(network.mean.device) - network.mean) / network.std
    inputs = inputs.contiguous(memory_format=network.layout)
    try:
        with torch.no_grad(), without_tf32():
            return float((body(inputs) - network.body(inputs)).abs().max())
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, AttributeError, TypeError):  # a body that looks into the layers that are gone
        return float("nan")


def _samples(spec: ModelSpec) -> Tensor:
    """(2,3,H,W) in [0, 1]: noise, and a drawn image with even surfaces, edges and slow changes."""
    side_px = spec.preprocess.crop or CHECKED_PX
    noise = torch.rand(3, side_px, side_px, generator=torch.Generator().manual_seed(0))
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, side_px), torch.linspace(-1, 1, side_px), indexing="ij")
    disc = ((rows - 0.1) ** 2 + (columns + 0.2) ** 2 < 0.3).float()
    stripes = ((8 * columns).floor() % 2) * (rows > 0.5)
    sky = 0.5 + 0.3 * rows
    drawn = torch.stack([sky + 0.2 * stripes, sky * (1 - disc) + 0.9 * disc, 0.6 - 0.3 * rows * (1 - disc)])
    return torch.stack([noise, drawn.clamp(0, 1)])


def _tensors(network: nn.Module) -> list[Tensor]:
    return [*network.parameters(), *network.buffers()]
