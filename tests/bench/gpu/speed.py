"""What a PGD step costs in each variant, as a ratio to eager float32 and as a fraction of the card's matrix peak."""

import copy
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from importlib.util import find_spec

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from robust_core.attacks.pgd import pgd
from robust_core.attacks.precision import PRECISIONS
from robust_core.events import result_of
from robust_core.models.device import has_bfloat16
from robust_core.models.loading import LoadedModel, freeze
from tests.bench.gpu.cases import Bench, Case, Found, Skipped
from tests.bench.gpu.machine import exactly, of_peak, rounding
from tests.bench.gpu.networks import allowing_bfloat16, noise, spec_of, with_statistics
from tests.bench.gpu.timing import Memory, seconds_of
from tests.bench.gpu.trajectories import threat
from tests.bench.gpu.variants import (
    AS_IT_COMES,
    BASE,
    COMPILED,
    VARIANTS,
    Variant,
    eager_step,
    graphed_step,
    judged,
    model_of,
)

PART = "speed"
GOAL = 3.0  # times eager float32, every label judged in float32
# Architecture, images at once, side in px, and calls in one round.
NETWORKS = (("resnet50", 64, 224, 8), ("resnext101_32x8d", 64, 224, 3), ("resnext101_32x48d", 16, 224, 1))
SMALL_NETWORKS = (("resnet18", 1, 32, 1), ("mobilenet_v2", 1, 32, 1))
SECONDS = {"resnext101_32x48d": 22.0}  # of one variant, with its building
PGD_STEPS, FEW_STEPS = 50, 8


@dataclass(frozen=True)
class Subject:
    """A network with random weights, `n` images of `side_px`, and what was measured of it so far: seconds of a step,
    and of a step whose labels are judged in float32, by the variant's title.
    """

    bench: Bench
    architecture: str
    n: int
    side_px: int
    calls: int
    plain: dict[str, float] = field(default_factory=dict, compare=False)
    with_labels: dict[str, float] = field(default_factory=dict, compare=False)

    @property
    def rounds(self) -> int:
        """How often it is timed."""
        return 1 if self.bench.small else 3

    def pixels(self) -> Tensor:
        """The images, on the device."""
        return noise(self.n, self.side_px).to(self.bench.device, memory_format=torch.channels_last)

    def labels(self) -> Tensor:
        """A class for each."""
        return (torch.arange(self.n) % 7).to(self.bench.device)

    def ratio(self, seconds: float) -> str:
        """To eager float32, in words."""
        base = self.plain.get(BASE.title)
        return "? × eager float32" if base is None else f"{base / seconds:.2f} × eager float32"


def cases(bench: Bench) -> list[Case]:
    """Every variant of every network, then what it comes to, then the project's own loop."""
    found = []
    for subject in subjects(bench):
        seconds = SECONDS.get(subject.architecture, 9.0)
        names = f"{subject.architecture}, {subject.n} images"
        found += [Case(PART, f"{names}: {one.title}", seconds, partial(_measured, subject, one)) for one in VARIANTS]
        found.append(Case(PART, f"{names}: goal, {GOAL:g} × eager float32", 0, partial(_goal, subject)))
        if subject == subjects(bench)[0]:
            found += [
                Case(PART, f"{names}: pgd(), {row.title}", 12, partial(_project, subject, key))
                for key, row in PRECISIONS.items()
            ]
    return found


def compiled_cases(bench: Bench) -> list[Case]:
    """The last of all, as compiling takes a minute."""
    subject = subjects(bench)[0]
    return [
        Case(PART, f"{subject.architecture}, {subject.n} images: {COMPILED.title}", 75, partial(_compiled, subject))
    ]


@cache
def subjects(bench: Bench) -> list[Subject]:
    """The networks that are measured."""
    return [Subject(bench, *row) for row in (SMALL_NETWORKS if bench.small else NETWORKS)]


def _measured(subject: Subject, variant: Variant) -> Found:
    device, body = subject.bench.device, _body(subject)
    memory = Memory(device)
    with rounding(convolutions=variant.tf32, products=False):
        model = model_of(variant, spec_of(subject.architecture), copy.deepcopy(body), device)
        memory.watch()
        step = (graphed_step if variant.graph else eager_step)(model, subject.pixels(), subject.labels())
        seconds = seconds_of(step, device, subject.calls, subject.rounds)
        most_gb = memory.most_gb()
    subject.plain[variant.title] = seconds
    with_labels = seconds if variant.judges else _judged_seconds(subject, variant, step)
    subject.with_labels[variant.title] = with_labels
    flop = step_flop(subject.architecture, subject.side_px) * subject.n
    words = (
        f"{1000 * seconds:.2f} ms a step; {subject.ratio(seconds)}; {flop / seconds / 1e12:.2f} TFLOP/s, "
        f"{of_peak(device, variant.precision, flop / seconds)}"
    )
    if most_gb is not None:
        words += f"; {most_gb:.1f} GB with its weights"
    return "measured", words if variant.judges else f"{words}; labels in float32 too: {subject.ratio(with_labels)}"


def _judged_seconds(subject: Subject, variant: Variant, step) -> float:
    """A step and a pass forward in float32 without TF32; each is rounded as it is meant to be."""
    device, pixels = subject.bench.device, subject.pixels()
    judge = model_of(_JUDGE, spec_of(subject.architecture), copy.deepcopy(_body(subject)), device)

    def rounded() -> object:
        with rounding(convolutions=variant.tf32, products=False):
            return step()

    with exactly():
        return seconds_of(judged(rounded, judge, pixels), device, subject.calls, subject.rounds)


_JUDGE = replace(BASE, layout=torch.channels_last)


def _goal(subject: Subject) -> Found:
    """The fastest variant with labels in float32; a goal on a GPU alone."""
    base, others = subject.plain.get(BASE.title), subject.with_labels
    if base is None or len(others) < 2:
        raise Skipped("too few variants were measured")
    best = min(others, key=lambda title: others[title])
    reached = base / others[best]
    words = f"{reached:.2f} × with every label judged in float32: {best}"
    if not subject.bench.on_gpu:
        return "measured", words
    return "met" if reached >= GOAL else "missed", words


def _project(subject: Subject, precision: str) -> Found:
    """The project's own loop from the clean image, judging as it does, with TF32 where PyTorch puts it."""
    device = subject.bench.device
    if PRECISIONS[precision].bfloat16 and not has_bfloat16(device):
        raise Skipped("this device has no units for bfloat16")
    model = LoadedModel(spec_of(subject.architecture), copy.deepcopy(_body(subject)), device)
    model = allowing_bfloat16(model)
    steps = FEW_STEPS if subject.bench.small else PGD_STEPS
    row = replace(threat(1 / 255, steps), precision=precision)
    pixels, labels = subject.pixels(), subject.labels().tolist()
    _run(model, pixels, labels, replace(row, steps=FEW_STEPS))
    seconds = seconds_of(partial(_run, model, pixels, labels, row), device, calls=1, rounds=1, warm_up=0) / row.steps
    words = f"{1000 * seconds:.2f} ms a step of {row.steps}; {subject.ratio(seconds)}"
    floor = subject.plain.get(AS_IT_COMES.title)
    return "measured", words if floor is None else f"{words}; {seconds / floor:.2f} of a bare step as it comes"


def _run(model: LoadedModel, pixels: Tensor, labels: list[int], row) -> None:
    result_of(pgd(model, pixels, labels, row))


def _compiled(subject: Subject) -> Found:
    if not subject.bench.on_gpu:
        raise Skipped("compiled for GPUs alone")
    if find_spec("triton") is None:
        raise Skipped("no package triton")
    return _measured(subject, COMPILED)


@lru_cache(maxsize=1)  # the largest has 3.3 GB
def _body(subject: Subject) -> nn.Module:
    """The network on its device, with statistics; weights are drawn there, as no value is compared."""
    device = subject.bench.device
    with device:
        body = spec_of(subject.architecture).architecture.build()
    return with_statistics(body, noise(4, subject.side_px).to(device))


@cache
def step_flop(architecture: str, side_px: int) -> int:
    """Floating-point operations of one image's pass forward and backward to the pixels, counted layer by layer."""
    with torch.device("meta"):
        body = freeze(spec_of(architecture).architecture.build())
        pixels = torch.empty(1, 3, side_px, side_px, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        body(pixels).sum().backward()  # no parameter takes a gradient
    return counter.get_total_flops()
