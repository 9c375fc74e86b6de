"""Class activation maps from a network's last spatial layer, by Captum on a copy that shares weights."""

from collections.abc import Generator

from torch import Tensor
from torch.nn import functional

from robust_core.attributions.batches import as_leaf, once
from robust_core.attributions.gradients import guided_backprop
from robust_core.attributions.shared_copies import shared_copy
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Work = Generator[Progress, None, Tensor]


def grad_cam(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    """(1,1,H,W) Grad-CAM, kept signed and made as large as the image bilinearly."""
    return _enlarged((yield from _coarse_cam(model, pixels, target)), pixels)


def guided_grad_cam(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    """(1,3,H,W) guided backprop times the positive part of Grad-CAM, which is taken before it is made larger, as in
    the paper (Selvaraju et al. 2017, equation 2) and in Captum.
    """
    positive = (yield from _coarse_cam(model, pixels, target)).clamp_min(0)
    return _enlarged(positive, pixels) * (yield from guided_backprop(model, pixels, target))


def _coarse_cam(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    from captum.attr import LayerGradCam  # not before it is needed: a page shows results sooner

    duplicate = shared_copy(model)
    method = LayerGradCam(duplicate.network, duplicate.cam_layer())
    return (yield from once(model, pixels, lambda: method.attribute(as_leaf(pixels), target).detach()))


def _enlarged(coarse: Tensor, pixels: Tensor) -> Tensor:
    return functional.interpolate(coarse, pixels.shape[2:], mode="bilinear", align_corners=False)
