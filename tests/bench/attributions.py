"""What a map costs: this project beside plain Captum with the same settings, and the peak memory of Integrated
Gradients.

    python -m tests.bench.attributions [--architecture squeezenet1_0] [--rounds 3] [--methods integrated_gradients rise]

One image of 224 px and random weights, as time does not depend on them. The two take turns, and the best round of
each counts. On a CPU the seconds are processor time, which other users of the machine lengthen least. Captum gets the
same batch size and the same network: frozen parameters, channels last. Timed is the map alone, without the forward
passes that `explain` adds to name the class and to measure the gap. RISE has no counterpart; DeepLift's differs (see
robust_core/attributions/deeplift.py).
"""

import argparse
import subprocess
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable

import captum.attr
import torch
from torch import Tensor

from robust_core.attributions.explain import WORK
from robust_core.attributions.methods import get_method, methods_for
from robust_core.attributions.superpixels import superpixels
from robust_core.cli.peak_memory import with_peak
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.batches import PIXELS_AT_ONCE
from robust_core.models.loading import LoadedModel
from robust_core.models.registry import REGISTRY

SIDE_PX, TARGET = 224, 7
BATCH = PIXELS_AT_ONCE["cpu"] // SIDE_PX**2
OURS, CAPTUM = "ours", "captum"
Work = Callable[[], object]


def main() -> None:
    """Measure what the command line names and print it as Markdown; with `--peak`, only how much memory one contender
    takes.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench.attributions", description=__doc__.splitlines()[0])
    parser.add_argument("--architecture", default="squeezenet1_0", choices=ARCHITECTURES, metavar="NAME")
    parser.add_argument("--methods", nargs="+", metavar="METHOD", help="default: all that hold")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peak", choices=(OURS, CAPTUM), help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    model, pixels = (
        _random_model(options.architecture),
        torch.rand(1, 3, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(0)),
    )
    if options.peak:
        print(_peak_mb(_contenders(model, pixels, "integrated_gradients")[options.peak], model, pixels))
        return
    print(
        f"{options.architecture}, {torch.get_num_threads()} CPU thread(s), PyTorch {torch.__version__}, best of "
        f"{options.rounds} rounds\n"
    )
    print("| method | ours, s | Captum, s | ratio |\n|---|--:|--:|--:|")
    for method in options.methods or [row.key for row in methods_for(options.architecture)]:
        seconds = _best(_contenders(model, pixels, method), options.rounds)
        other = f"{seconds[CAPTUM]:.2f} | {seconds[OURS] / seconds[CAPTUM]:.2f}" if CAPTUM in seconds else "- | -"
        print(f"| {method} | {seconds[OURS]:.2f} | {other} |", flush=True)
    for name in (OURS, CAPTUM):
        command = [
            sys.executable,
            "-m",
            "tests.bench.attributions",
            "--architecture",
            options.architecture,
            "--peak",
            name,
        ]
        peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        print(f"\nIntegrated Gradients, 64 steps, {name}: {peak} MB above the loaded model and one gradient")


def _contenders(model: LoadedModel, pixels: Tensor, method: str) -> dict[str, Work]:
    settings = get_method(method).settings({})
    contenders = {OURS: lambda: deque(WORK[method](model, pixels, TARGET, **settings), maxlen=0)}
    if method in PLAIN:
        contenders[CAPTUM] = lambda: PLAIN[method](model, pixels.clone().requires_grad_(), settings)
    return contenders


def _noise_tunnel(model: LoadedModel, pixels: Tensor, kind: str, settings: dict) -> Tensor:
    tunnel = captum.attr.NoiseTunnel(captum.attr.Saliency(model.network))
    samples = {"nt_samples": settings["samples"], "nt_samples_batch_size": BATCH, "stdevs": settings["noise"]}
    return tunnel.attribute(pixels, nt_type=kind, target=TARGET, abs=False, **samples)


def _occlusion(model: LoadedModel, pixels: Tensor, settings: dict) -> Tensor:
    window, stride = (round(settings[name] / 100 * SIDE_PX) for name in ("window_percent", "stride_percent"))
    shapes = {"sliding_window_shapes": (3, window, window), "strides": (3, stride, stride)}
    return captum.attr.Occlusion(model.network).attribute(
        pixels.detach(), target=TARGET, baselines=0.5, perturbations_per_eval=BATCH, **shapes
    )


def _ablation(model: LoadedModel, pixels: Tensor, settings: dict) -> Tensor:
    mask = superpixels(pixels[0].detach(), settings["pieces"])[None, None].long()
    ablation = captum.attr.FeatureAblation(model.network)
    return ablation.attribute(
        pixels.detach(), target=TARGET, baselines=0.5, feature_mask=mask, perturbations_per_eval=BATCH
    )


PLAIN: dict[str, Callable[[LoadedModel, Tensor, dict], Tensor]] = {
    "saliency": lambda model, pixels, _: captum.attr.Saliency(model.network).attribute(pixels, TARGET, abs=False),
    "input_x_gradient": lambda model, pixels, _: captum.attr.InputXGradient(model.network).attribute(pixels, TARGET),
    "integrated_gradients": lambda model, pixels, settings: captum.attr.IntegratedGradients(model.network).attribute(
        pixels, target=TARGET, n_steps=settings["steps"], internal_batch_size=BATCH, return_convergence_delta=True
    ),
    "smoothgrad": lambda model, pixels, settings: _noise_tunnel(model, pixels, "smoothgrad", settings),
    "vargrad": lambda model, pixels, settings: _noise_tunnel(model, pixels, "vargrad", settings),
    "guided_backprop": lambda model, pixels, _: captum.attr.GuidedBackprop(model.network).attribute(pixels, TARGET),
    "gradient_shap": lambda model, pixels, settings: captum.attr.GradientShap(model.network).attribute(
        pixels, torch.zeros_like(pixels), n_samples=settings["samples"], target=TARGET
    ),
    "occlusion": _occlusion,
    "superpixel_ablation": _ablation,
    "grad_cam": lambda model, pixels, _: captum.attr.LayerGradCam(model.network, model.cam_layer()).attribute(
        pixels, TARGET
    ),
    "guided_grad_cam": lambda model, pixels, _: captum.attr.GuidedGradCam(model.network, model.cam_layer()).attribute(
        pixels, TARGET
    ),
}


def _best(contenders: dict[str, Work], rounds: int) -> dict[str, float]:
    """The shortest processor time of each in seconds, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, work in contenders.items():
            started = time.process_time()
            work()
            seconds[name].append(time.process_time() - started)
    return {name: min(times[1:]) for name, times in seconds.items()}


def _peak_mb(work: Work, model: LoadedModel, pixels: Tensor) -> str:
    # libraries and kernels come into memory
    captum.attr.Saliency(model.network).attribute(pixels.clone().requires_grad_(), TARGET)
    _, peak_bytes = with_peak(model, work)
    return "?" if peak_bytes is None else f"{peak_bytes / 1e6:.0f}"


def _random_model(name: str) -> LoadedModel:
    spec = next(row for row in REGISTRY if row.architecture.name == name)
    return LoadedModel(spec, spec.architecture.build(), torch.device("cpu"))


if __name__ == "__main__":
    main()
