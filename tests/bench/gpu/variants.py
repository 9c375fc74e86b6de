"""The ways to compute a PGD step whose speed is compared, as a table."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from robust_core.attacks.balls import BALLS, ascend
from robust_core.attacks.passes import forward, forward_backward
from robust_core.models.folding import folded
from robust_core.models.loading import LoadedModel
from robust_core.models.reduced import reduced
from robust_core.models.spec import ModelSpec
from tests.bench.gpu.cases import Skipped

EPS, STEP_SIZE = 1 / 255, 0.1 / 255
Step = Callable[[], object]


class _InBfloat16(nn.Module):
    """A network all of whose layers compute in bfloat16; logits are float32."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body.to(torch.bfloat16)

    def forward(self, images: Tensor) -> Tensor:
        return self.body(images.to(torch.bfloat16)).float()


def _as_it_is(body: nn.Module) -> nn.Module:
    return body


def _folded(body: nn.Module) -> nn.Module:
    made = folded(body)
    if made is None:
        raise Skipped("no batch norm of this network can be folded")
    return made


def _behind_a_stem(body: nn.Module) -> nn.Module:
    made = reduced(_folded(body))
    if made is None:
        raise Skipped("the stem of this network cannot be told")
    return made


def _compiled(body: nn.Module) -> nn.Module:
    made = torch.compile(body, dynamic=False)
    assert isinstance(made, nn.Module)
    return made


@dataclass(frozen=True)
class Variant:
    """One way: what becomes of the network's body, in which layout, and what may be rounded.

    precision  whose matrix peak counts
    tf32       whether convolutions may be rounded to TF32, as by PyTorch's own default
    graph      whether the whole step is one CUDA graph
    """

    title: str
    precision: str
    change: Callable[[nn.Module], nn.Module] = _as_it_is
    layout: torch.memory_format = torch.channels_last
    tf32: bool = False
    graph: bool = False

    @property
    def judges(self) -> bool:
        """Whether the step's own logits are float32 without rounding, so that no other pass has to give the labels."""
        return self.precision == "float32"


BASE = Variant("eager float32", "float32", layout=torch.contiguous_format)
BFLOAT16 = Variant("bfloat16, channels last", "bfloat16", _InBfloat16)
STEM = Variant("bfloat16 behind a float32 stem, folded, channels last", "bfloat16", _behind_a_stem)
AS_IT_COMES = Variant("TF32, channels last (the project on CUDA as it comes)", "TF32", tf32=True)
VARIANTS = (
    BASE,
    Variant("float32, channels last", "float32"),
    Variant("float32, folded, channels last", "float32", _folded),
    Variant("TF32", "TF32", layout=torch.contiguous_format, tf32=True),
    AS_IT_COMES,
    Variant("TF32, folded, channels last", "TF32", _folded, tf32=True),
    replace(BFLOAT16, title="bfloat16", layout=torch.contiguous_format),
    BFLOAT16,
    STEM,
    Variant("TF32, folded, channels last, CUDA graph", "TF32", _folded, tf32=True, graph=True),
    replace(STEM, title=f"{STEM.title}, CUDA graph", graph=True),
)
COMPILED = replace(STEM, title=f"{STEM.title}, torch.compile", change=lambda body: _compiled(_behind_a_stem(body)))


def model_of(variant: Variant, spec: ModelSpec, body: nn.Module, device: torch.device) -> LoadedModel:
    """The variant's network; `body` is used up."""
    for parameter in body.parameters():
        parameter.requires_grad_(False)
    return LoadedModel(spec, variant.change(body.eval()), device, variant.layout)


def eager_step(model: LoadedModel, pixels: Tensor, labels: Tensor) -> Step:
    """A PGD step from where the last one ended, by the project's own passes; its logits come to the CPU."""
    clean = pixels.clone()
    at = [pixels]

    def step() -> Tensor:
        logits, gradient = forward_backward(model.network, at[0], lambda logits: _loss(logits, labels))
        at[0] = ascend(at[0], gradient, clean, BALLS["linf"], STEP_SIZE, EPS)
        return logits

    return step


def graphed_step(model: LoadedModel, pixels: Tensor, labels: Tensor) -> Step:
    """The same as one CUDA graph. What cannot be captured stays outside: the check for NaN, which sends flags to the
    CPU, and the logits' way there.
    """
    if pixels.device.type != "cuda":
        raise Skipped("CUDA graphs need a GPU")
    at, clean = pixels.clone(memory_format=torch.channels_last), pixels.clone(memory_format=torch.channels_last)

    def step() -> Tensor:
        leaf = at.detach().requires_grad_()
        logits = without_check(model, leaf)
        (gradient,) = torch.autograd.grad(_loss(logits, labels).sum(), leaf)
        at.copy_(ascend(leaf.detach(), gradient, clean, BALLS["linf"], STEP_SIZE, EPS))
        return logits.detach()

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):  # libraries choose algorithms and take their workspace before the capture
            step()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        logits = step()

    def replay() -> Tensor:
        graph.replay()
        return logits.cpu()

    return replay


def without_check(model: LoadedModel, pixels: Tensor) -> Tensor:
    """What the network computes, without its check for NaN."""
    network = model.network
    return network.body(((pixels - network.mean) / network.std).contiguous(memory_format=network.layout))


def judged(step: Step, judge: LoadedModel, pixels: Tensor) -> Step:
    """The same step and one pass forward through the network in float32, as its labels would need."""

    def both() -> Tensor:
        step()
        return forward(judge.network, pixels)

    return both


def _loss(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits, labels, reduction="none")
