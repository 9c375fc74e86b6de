"""From a row of the table to a network that predicts: `load_network` reads the weights, `LoadedModel` holds the result.

Parameters are frozen, the network is in evaluation mode, nothing in it works in place, and normalisation lives inside,
so that everything outside sees only pixels in [0, 1].
"""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, TypeVar

import torch
from torch import Tensor, nn

from robust_core import settings
from robust_core.checks import check_pixels
from robust_core.errors import BadInput, DeviceOutOfMemory, WeightsUnavailable
from robust_core.images import Preprocess
from robust_core.models import tensors, weights
from robust_core.models.batches import Batches
from robust_core.models.catalogue import get_spec
from robust_core.models.copies import Copies, Served
from robust_core.models.device import choose_device
from robust_core.models.finite import FiniteCheck
from robust_core.models.spec import Architecture, ModelSpec

Network = TypeVar("Network", bound=nn.Module)
Made = TypeVar("Made")


class Normalised(nn.Module):
    """A network behind its own normalisation: pixels (B,3,H,W) in [0, 1] in, logits (B,K) out, each of which `finite`
    has seen.

    The body gets its input in the memory `layout`.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, body: nn.Module, preprocess: Preprocess, finite: FiniteCheck, layout: torch.memory_format):
        super().__init__()
        self.body, self.finite, self.layout = body, finite, layout
        self.register_buffer("mean", torch.tensor(preprocess.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(preprocess.std).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.finite.watch(self.body(((pixels - self.mean) / self.std).contiguous(memory_format=self.layout)))


class LoadedModel:
    """A model that is ready to predict; never changed after loading, so that threads may share it. `model(x)` gives its
    logits.
    """

    def __init__(
        self, spec: ModelSpec, body: nn.Module, device: torch.device, layout: torch.memory_format = torch.channels_last
    ):
        self.spec = spec
        self.device = device
        network = Normalised(body, spec.preprocess, FiniteCheck(spec.title), layout)
        self.network = freeze(network).to(device).to(memory_format=layout)
        self.copies = Copies(self.network, spec)
        self.folds = settings.folding_allowed()
        self.make_room: Callable[[], bool] = _nothing_leaves

    def __call__(self, pixels: Tensor) -> Tensor:
        return self.logits(pixels)

    def __repr__(self) -> str:
        return (
            f"<Model {self.name}: {len(self.spec.label_space.names):,} classes, {self.spec.preprocess}, on "
            f"{self.device}>"
        )

    @property
    def name(self) -> str:
        """What results call it: its key in the table, or the name of a wrapped network."""
        return self.spec.name

    def logits(self, pixels: Tensor) -> Tensor:
        """Logits (B,K) for float32 RGB pixels (B,3,H,W) in [0, 1], on this model's device; gradients reach the pixels.

        Raises BadInput when the shape, the type or the range is another one, and NotFinite for NaN or infinite logits:
        on the CPU at once, on a GPU at a later pass of this thread or at its `check_finite`, so that no pass has to
        wait.
        """
        check_pixels(pixels)
        return self.serving(pixels.to(self.device).contiguous(memory_format=torch.channels_last))

    @property
    def serving(self) -> Normalised:
        """The network that predicts and that attacks go through: the folded copy, where there is a safe one, or
        whatever else stands in for the network, such as a defence around it.
        """
        return self.folded().network

    def unfolded(self) -> Self:
        """The same model, which predicts through its network itself: for what looks into layers, or writes into
        them.
        """
        twin = copy.copy(self)
        twin.folds = False
        return twin

    def check_finite(self) -> None:
        """Raise NotFinite when a pass of this thread, through this model or a copy that shares its weights, gave NaN or
        infinite logits; waits for the device.

        To be called before anything counts what the passes gave. `ModelPool.use` does so at its end, `Batches.run`
        after its batches.
        """
        self.network.finite.finish()

    def batches(self, height_px: int, width_px: int, *, at_once: int | None = None) -> Batches:
        """How many images of that size go through this model at once; arguments as in `Batches`."""
        return Batches(self, height_px, width_px, at_once=at_once)

    def beside(self, make_room: Callable[[], bool]) -> Self:
        """The same model among others, which `make_room()` has leave the device where it can: it returns whether any
        did.
        """
        neighbour = copy.copy(self)
        neighbour.make_room = make_room
        return neighbour

    @property
    def memory_bytes(self) -> int:
        """Bytes that its parameters take, and those of its copies."""
        return self.spec.memory_bytes + self.copies.memory_bytes

    def folded(self) -> Served:
        """The network with batch norm folded into its convolutions, made when it is first asked for; where that is not
        safe, has nothing to fold or does not fit on the device, the network as it is. What looks into layers takes
        `network`.
        """
        if not self.folds or self.network is not self.copies.network:
            return Served(self.network)
        try:
            return self._with_room(self.copies.folded)
        except DeviceOutOfMemory:
            return self.copies.do_without_folding()

    def in_bfloat16(self) -> Normalised:
        """The network for gradients of attacks, in bfloat16 with its stem in float32.

        Raises what `Copies.bfloat16` raises, BadInput for a network behind something else, such as a defence, and
        DeviceOutOfMemory where the copy does not fit.
        """
        if self.network is not self.copies.network:
            raise BadInput(f"{self.spec.title} is not alone, so that it is attacked in float32; choose that precision.")
        return self._with_room(self.copies.bfloat16)

    def _with_room(self, make: Callable[[], Made]) -> Made:
        """What `make` makes; where it does not fit, other models leave first."""
        try:
            return make()
        except torch.OutOfMemoryError:
            self.make_room()
        try:
            return make()
        except torch.OutOfMemoryError as error:
            raise DeviceOutOfMemory(
                f"The copy of {self.spec.title} does not fit beside it on this device; choose another precision."
            ) from error

    def cam_layer(self) -> nn.Module:
        """The module whose output class activation maps read."""
        return self.network.body.get_submodule(self.spec.cam_layer)


def _nothing_leaves() -> bool:
    """The `make_room` of a model that no pool holds."""
    return False


def load(key: str, device: torch.device | str | None = None) -> LoadedModel:
    """The model called `key`, on `device` (None: the best there is), loaded anew; the dashboard shares models through
    `pool.py`.

    Raises UnknownName, or WeightsUnavailable when the weights are not on this machine or do not fit.
    """
    spec = get_spec(key)
    return load_network(spec, locate(spec), choose_device() if device is None else torch.device(device))


def locate(spec: ModelSpec) -> Path:
    """The weight file of `spec` on this machine; raises WeightsUnavailable when there is none."""
    path = weights.find(spec)
    if path is None:
        how = "download them on the Models page." if weights.downloadable(spec) else weights.how_to_restore(spec)
        raise WeightsUnavailable(f"The weights of {spec.title} are not on this machine; {how}")
    return path


def load_network(spec: ModelSpec, path: Path, device: torch.device) -> LoadedModel:
    """Read the weight file at `path` into the row's architecture on `device`.

    The network is built without memory and takes the tensors of the file one by one, so that 3.3 GB of weights never
    stand twice. Raises WeightsUnavailable when the file cannot be read, does not fit, or holds anything but finite
    numbers.
    """
    body = _empty_network(spec.architecture)
    state = dict(weights.read_state(spec, path))
    _refuse_other_than_numbers(spec, state, body.state_dict())
    try:
        body.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise WeightsUnavailable(
            f"The weights of {spec.title} do not fit {spec.architecture.name}: {str(error).splitlines()[-1].strip()}"
        ) from error
    del state
    if device.type == "cpu":  # elsewhere the move is a copy
        _let_go_of_the_file(body)
    _refuse_not_finite(spec, body.float())
    return LoadedModel(spec, body, device)


def _refuse_other_than_numbers(spec: ModelSpec, state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    for name, tensor in state.items():
        must_be_float = name in wanted and wanted[name].is_floating_point()
        if tensors.fault_of_form(tensor) or must_be_float and not tensor.is_floating_point():
            kind = "no values" if tensor.is_meta else tensors.kind_of(tensor)
            raise WeightsUnavailable(
                f"The weights of {spec.title} cannot be used: {name} holds {kind}, not floating-point numbers; get a "
                "sound file."
            )


def _refuse_not_finite(spec: ModelSpec, body: nn.Module) -> None:
    if name := first_not_finite(body):
        raise WeightsUnavailable(
            f"The weights of {spec.title} hold NaN or infinite values, first in {name}; "
            "remove them and get a sound file (weights saved in float16 overflow above 65,504)."
        )


def first_not_finite(body: nn.Module) -> str | None:
    """The name of the first tensor of the network that holds NaN or infinite values."""
    for name, tensor in body.state_dict().items():
        # The extremes tell as much as every value, as NaN is the extreme of whatever has one, at a tenth of the cost.
        if tensor.is_floating_point() and tensor.numel() and not torch.stack(tensor.aminmax()).isfinite().all():
            return name
    return None


def _empty_network(architecture: Architecture) -> nn.Module:
    """The network without memory; one that computes buffers for itself, which no weight file holds, is built whole."""
    with torch.device("meta"):
        body = architecture.build()
    computed = {name for name, _ in body.named_buffers()} - body.state_dict().keys()
    return architecture.build() if computed else body


def _let_go_of_the_file(body: nn.Module) -> None:
    """Copy what was mapped into memory: a file that is overwritten later would change the model, one that is cut short
    end the process.
    """
    for tensor in (*body.parameters(), *body.buffers()):
        tensor.data = tensor.data.clone()


def freeze(network: Network) -> Network:
    """The same network in evaluation mode, with frozen parameters and with nothing that overwrites its input."""
    for module in network.modules():
        if getattr(module, "inplace", False):
            module.inplace = False  # type: ignore[assignment]  # the stubs know of tensors and modules alone
    return network.eval().requires_grad_(False)
