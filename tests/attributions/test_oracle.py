"""Our loops against Captum's own, with the same settings."""

import captum.attr
import pytest
import torch

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.superpixels import superpixels
from tests import tiny
from tests.attributions.networks import as_model, curved, map_of

PIXELS = tiny.images(1, seed=2)


def flat(attribution: torch.Tensor) -> torch.Tensor:
    return attribution.detach()[0].sum(0)


def without_pools() -> torch.nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        layers = [
            torch.nn.Conv2d(3, 6, 3),
            torch.nn.ReLU(),
            torch.nn.Conv2d(6, 4, 3),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.Linear(64, 3),
        ]
        return torch.nn.Sequential(*layers)


def test_integrated_gradients():
    model = curved()
    oracle = captum.attr.IntegratedGradients(model.network).attribute(
        PIXELS, torch.zeros_like(PIXELS), target=0, n_steps=32
    )
    torch.testing.assert_close(
        map_of(model, PIXELS, "integrated_gradients", steps=32), flat(oracle).float(), atol=1e-5, rtol=1e-4
    )


@pytest.mark.parametrize(("window_px", "stride_px"), [(3, 2), (2, 2), (4, 1), (4, 3)])
def test_occlusion(window_px, stride_px):
    model = curved()
    grey = make_baseline("mean grey", PIXELS, model.spec.preprocess)
    oracle = captum.attr.Occlusion(model.network).attribute(
        PIXELS, (3, window_px, window_px), (3, stride_px, stride_px), grey, target=1
    )
    percent = {"window_percent": round(100 * window_px / 8), "stride_percent": round(100 * stride_px / 8)}
    torch.testing.assert_close(map_of(model, PIXELS, "occlusion", 1, **percent), oracle[0, 0], atol=1e-5, rtol=1e-4)


def test_superpixel_ablation():
    model = curved()
    pieces = superpixels(PIXELS[0], 8)
    oracle = captum.attr.FeatureAblation(model.network).attribute(
        PIXELS, torch.zeros_like(PIXELS), target=2, feature_mask=pieces[None, None].long()
    )
    torch.testing.assert_close(
        map_of(model, PIXELS, "superpixel_ablation", 2, pieces=8, baseline="black"), oracle[0, 0], atol=1e-5, rtol=1e-4
    )


def test_deeplift_where_captum_covers_the_network():
    model = as_model(without_pools())
    oracle = captum.attr.DeepLift(model.network).attribute(PIXELS, torch.full_like(PIXELS, 0.2), target=1)
    torch.testing.assert_close(
        map_of(model, PIXELS, "deeplift", 1, baseline="#333333"), flat(oracle), atol=1e-5, rtol=1e-4
    )


def test_guided_backprop():
    model = as_model(without_pools())
    guided = captum.attr.GuidedBackprop(model.network).attribute(PIXELS.clone().requires_grad_(), target=1)
    torch.testing.assert_close(map_of(model, PIXELS, "guided_backprop", 1), flat(guided), atol=1e-9, rtol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_guided_grad_cam_where_the_coarse_map_has_both_signs(seed):
    """Negative parts taken away after the enlargement would leave fringes that Captum does not have."""
    model, pixels = as_model(without_pools(), cam_layer="2"), tiny.images(1, seed=seed)
    layer = model.network.body[2]
    coarse = captum.attr.LayerGradCam(model.network, layer).attribute(pixels.clone().requires_grad_(), target=1)
    assert coarse.min() < 0 < coarse.max()
    oracle = captum.attr.GuidedGradCam(model.network, layer).attribute(
        pixels.clone().requires_grad_(), target=1, interpolate_mode="bilinear"
    )
    torch.testing.assert_close(map_of(model, pixels, "guided_grad_cam", 1), flat(oracle), atol=1e-9, rtol=1e-4)


def test_smoothgrad_and_vargrad_agree_up_to_the_draws():
    model, pixels = curved(), PIXELS.clone().requires_grad_()
    tunnel = captum.attr.NoiseTunnel(captum.attr.Saliency(model.network))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for kind, atol in (("smoothgrad", 0.15), ("vargrad", 0.3)):
            oracle = flat(tunnel.attribute(pixels, nt_type=kind, nt_samples=400, stdevs=0.1, target=0, abs=False))
            ours = map_of(model, PIXELS, kind, samples=100, noise=0.1)
            assert (ours - oracle).norm() < atol * oracle.norm()
