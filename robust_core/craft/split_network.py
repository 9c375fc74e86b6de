"""A network in two parts that are the whole again: from pixels to the maps of a layer, and from maps to logits."""

import torch
from torch import Tensor

from robust_core.errors import BadInput
from robust_core.models.loading import LoadedModel
from robust_core.models.spec import ModelSpec

ROUNDING = 1e-5  # below zero by no more than this counts as zero


class SplitNetwork:
    """`maps(pixels)` and `logits(maps)` of a model at the last layer whose output still has places.

    The layers above are run by themselves in this way: the model sees a blank image, and the layer puts out what it is
    given. To be made of a copy that is nobody else's, as a hook stays in it.
    """

    def __init__(self, model: LoadedModel, height_px: int, width_px: int):
        self.model = model
        self.blank = torch.zeros(1, 3, height_px, width_px)
        self._seen: Tensor | None = None
        self._given: Tensor | None = None
        model.cam_layer().register_forward_hook(self._exchange)

    @torch.inference_mode()
    def maps(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B,C,h,w) and logits (B,K) of pixels (B,3,H,W), on the model's device.

        Raises BadInput where a value of the maps lies below zero.
        """
        logits = self.model.logits(pixels)
        maps = self._seen
        self._seen = None
        assert maps is not None  # the layer is one that the network runs through
        if float(maps.min()) < -ROUNDING:
            raise BadInput(_below_zero(self.model.spec))
        return maps.float(), logits

    @torch.inference_mode()
    def logits(self, maps: Tensor) -> Tensor:
        """The logits (B,K) that the model gives where its layer puts out `maps` (B,C,h,w)."""
        self._given = maps
        try:
            return self.model.logits(self.blank)
        finally:
            self._given = None

    def _exchange(self, _module: object, _inputs: object, output: Tensor) -> Tensor:
        self._seen = output.detach()
        return output if self._given is None else self._given


def require_maps(spec: ModelSpec) -> None:
    """Raise BadInput for a model without a layer of maps, such as one of tokens."""
    if not spec.cam_layer or spec.architecture.tokens:
        raise BadInput(
            f"{spec.title} has no layer with channels over places; concepts need one, as in ResNet, MobileNet, "
            "EfficientNet-Lite or Mini."
        )


def _below_zero(spec: ModelSpec) -> str:
    return (
        f"Activations of {spec.title} ({spec.cam_layer}) fall below zero; non-negative factorisation needs a layer "
        "behind a ReLU, as in ResNet, MobileNet, EfficientNet-Lite or Mini."
    )
