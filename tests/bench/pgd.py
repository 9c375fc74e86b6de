"""What a PGD step costs: this project, Foolbox and torchattacks as ratios to the floor, and the curve of every step
count at once.

    python -m tests.bench.pgd [--device cuda] [--models resnet50 resnext101_32x8d] [--images 64] [--steps 10]

The floor is as many forward and backward-to-the-pixels passes in plain PyTorch as there are steps, with frozen
parameters and channels last; the folded floor is the same through the copy with batch norm folded into convolutions.
Weights are random, as time does not depend on them. The contenders take turns, and the best of their rounds counts:
what disturbs a measurement only ever adds to it. The median is that of the ratios within each round, which a machine
shared with others disturbs less. On a CPU the seconds are processor time, which other users of the machine lengthen
least; on a GPU they are seconds on the wall, until the device has finished.
"""

import argparse
import copy
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from robust_core.attacks.pgd import pgd
from robust_core.attacks.precision import PRECISIONS, USUAL, PrecisionName
from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.loading import LoadedModel
from robust_core.models.registry import REGISTRY
from robust_core.models.registry_mini import MINI_REGISTRY

EPS, STEP_SIZE = 4 / 255, 0.4 / 255
FLOOR, FOLDED_FLOOR, OURS = "floor", "floor, folded", "ours"
CURVE_STEPS = 50
Work = Callable[[], object]


def main() -> None:
    """Measure what the command line names and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pgd", description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--models",
        nargs="+",
        default=["resnet50", "resnext101_32x8d"],
        choices=(*ARCHITECTURES, "mini_resnext"),
        metavar="NAME",
    )
    parser.add_argument("--images", type=int, help="default: 8 on a CPU, 64 on a GPU")
    parser.add_argument("--no-curve", action="store_true", help="leave out the curve of every step count")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    device = torch.device(options.device)
    n = options.images or (64 if device.type == "cuda" else 8)

    print(f"{_describe(device)}; {n} images, {options.steps} steps, {options.rounds} rounds\n")
    print("| model | contender | best seconds | per image and step, ms | ratio to the floor | median ratio |")
    print("|---|---|--:|--:|--:|--:|")
    for name in options.models:
        model = _random_model(name, device)
        pixels = _images(n, model.spec.preprocess.crop or 224, device)
        _print_rows(name, _rounds(_contenders(model, pixels, options.steps), device, options.rounds), n * options.steps)
    if not options.no_curve:
        _print_curve(device, options.rounds)


def _print_rows(name: str, seconds: dict[str, list[float]], passes: int) -> None:
    for contender, each in seconds.items():
        ratios = [one / floor for one, floor in zip(each, seconds[FLOOR], strict=True)]
        print(
            f"| {name} | {contender} | {min(each):.3f} | {min(each) / passes * 1000:.2f} | "
            f"{min(each) / min(seconds[FLOOR]):.3f} | {median(ratios):.3f} |",
            flush=True,
        )


def _contenders(model: LoadedModel, pixels: Tensor, steps: int) -> dict[str, Work]:
    labels = torch.zeros(len(pixels), dtype=torch.int64, device=pixels.device)
    folded = model.folded()
    contenders = {
        FLOOR: lambda: _passes(model.network, pixels, labels, steps),
        FOLDED_FLOOR: lambda: _passes(folded.network, pixels, labels, steps),
        **{
            OURS if key == USUAL else f"{OURS}, {row.title}": _ours(model, pixels, steps, key)
            for key, row in PRECISIONS.items()
        },
    }
    if folded.note:
        print(folded.note)
    try:
        model.in_bfloat16()
    except BadInput as error:
        print(error)
        del contenders[f"{OURS}, {PRECISIONS['bfloat16_float32_stem'].title}"]
    if find_spec("foolbox"):
        contenders["Foolbox, frozen parameters"] = _foolbox(model.network, pixels, labels, steps)
        contenders["Foolbox, as in its README"] = _foolbox(
            copy.deepcopy(model.network).requires_grad_(True), pixels, labels, steps
        )
    else:
        print("Foolbox is not installed, so it is left out.\n")
    if find_spec("torchattacks"):
        contenders["torchattacks, frozen parameters"] = _torchattacks(model.network, pixels, labels, steps)
    else:
        print("torchattacks is not installed, so it is left out (pip install --no-deps torchattacks).\n")
    if pixels.is_cuda:
        contenders["mixed-precision gradient, float32 prediction"] = lambda: _mixed_passes(
            model.network, pixels, labels, steps
        )
    return contenders


def _ours(model: LoadedModel, pixels: Tensor, steps: int, precision: PrecisionName) -> Work:
    threat = replace(_threat(steps), precision=precision)
    return lambda: result_of(pgd(model, pixels, [0] * len(pixels), threat))


def _passes(network: nn.Module, pixels: Tensor, labels: Tensor, steps: int) -> None:
    for _ in range(steps):
        leaf = pixels.detach().requires_grad_()
        torch.autograd.grad(functional.cross_entropy(network(leaf), labels, reduction="sum"), leaf)


def _mixed_passes(network: nn.Module, pixels: Tensor, labels: Tensor, steps: int) -> None:
    """What mixed precision would cost when every reported label is checked in float32."""
    for _ in range(steps):
        with torch.no_grad():
            network(pixels).argmax(1)
        with torch.autocast("cuda", torch.bfloat16):
            _passes(network, pixels, labels, steps=1)


def _foolbox(network: nn.Module, pixels: Tensor, labels: Tensor, steps: int) -> Work:
    import foolbox

    model = foolbox.PyTorchModel(network, bounds=(0, 1), device=pixels.device)
    attack = foolbox.attacks.LinfPGD(abs_stepsize=STEP_SIZE, steps=steps, random_start=False)
    return lambda: attack(model, pixels, labels, epsilons=EPS)


def _torchattacks(network: nn.Module, pixels: Tensor, labels: Tensor, steps: int) -> Work:
    import torchattacks

    attack = torchattacks.PGD(network, eps=EPS, alpha=STEP_SIZE, steps=steps, random_start=False)
    return lambda: attack(pixels, labels)


def _print_curve(device: torch.device, rounds: int) -> None:
    model, pixels = _random_model("resnet50", device), _images(1, 64, device)
    seconds = _rounds(
        {
            "one trajectory": lambda: result_of(pgd(model, pixels, [0], _threat(CURVE_STEPS))),
            "one run per count": lambda: [
                result_of(pgd(model, pixels, [0], _threat(steps))) for steps in range(1, CURVE_STEPS + 1)
            ],
        },
        device,
        rounds,
    )
    one, each = map(min, seconds.values())
    print(f"\nThe curve after 1 to {CURVE_STEPS} steps (resnet50, one image of 64 px): {one:.2f} s by one trajectory,")
    print(f"{each:.2f} s by one run per step count, which is {each / one:.1f} times as long.")


def _rounds(contenders: dict[str, Work], device: torch.device, rounds: int) -> dict[str, list[float]]:
    """The seconds of each in every round, in which they take turns, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, work in contenders.items():
            started = _now(device)
            work()
            seconds[name].append(_now(device) - started)
    return {name: times[1:] for name, times in seconds.items()}


def _now(device: torch.device) -> float:
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def _threat(steps: int) -> ThreatModel:
    return ThreatModel(
        norm="linf",
        eps=EPS,
        step_size=STEP_SIZE,
        steps=steps,
        aim="untargeted",
        start="clean",
        restarts=1,
        stop_at_success=False,
        seed=0,
    )


def _random_model(name: str, device: torch.device) -> LoadedModel:
    """A network with a row that allows every precision."""
    spec = next(row for row in (*REGISTRY, *MINI_REGISTRY) if row.architecture.name == name)
    allowed = replace(spec, architecture=replace(spec.architecture, bfloat16=True))
    return LoadedModel(allowed, spec.architecture.build(), device)


def _images(n: int, side_px: int, device: torch.device) -> Tensor:
    pixels = torch.rand(n, 3, side_px, side_px, generator=torch.Generator().manual_seed(0))
    return pixels.to(device, memory_format=torch.channels_last)


def _describe(device: torch.device) -> str:
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"{torch.get_num_threads()} CPU thread(s)"
    return f"{name}, PyTorch {torch.__version__}"


if __name__ == "__main__":
    main()
