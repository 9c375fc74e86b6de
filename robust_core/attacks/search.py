"""One attack of the table on a set of images: what it finds on its way, checked by the model itself at the end.

What an attack says of itself is never reported: every image that it ends with is predicted again, its distance is
measured again, and it has to lie in [0, 1] and in the ball.
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from robust_core.attacks.balls import BALLS, Ball
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.counting import counted
from robust_core.attacks.distances import DISTANCES
from robust_core.attacks.goals import UNKNOWN, Goal
from robust_core.attacks.passes import Passes
from robust_core.attacks.precision import PRECISIONS
from robust_core.checks import check_pixels
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped
from robust_core.models.loading import LoadedModel

LEVELS = 255
TOLERANCE = 1e-5  # by which float32 may leave the ball, relative to its radius


@dataclass(frozen=True, eq=False)
class Standing:
    """Where an attack stands after `done` of its steps or queries. Tensors are on the CPU.

    broken           (B,) whether a change that fools the model is known
    distance         (B,) the length of that change, the smallest where the smallest is looked for; infinite where none
                     is known, 0 where the model is wrong about the clean image
    forward_passes   images that went through the model so far, and `backward_passes`
    pixels           (K,3,H,W) of the K images to keep: the best that is known, the clean image where none is
    part             which attack of several is at work
    """

    done: int
    broken: Tensor
    distance: Tensor
    forward_passes: int
    backward_passes: int
    pixels: Tensor
    part: str = ""


Events = Generator[Progress | Standing, None, None]


@dataclass(frozen=True, eq=False)
class Attacked:
    """What an attack came to. Tensors are on the CPU.

    labels             (B,) which class counts as correct; `known` (B,) is False where the clean prediction stands in
    clean_correct      (B,) whether the clean image is predicted correctly
    broken             (B,) whether the model is fooled: by the clean image, or by an image in the ball and in [0, 1]
    broken_in_8_bits   (B,) whether it still is once the image is rounded to 8 bits, as a file would hold it
    distance           (B,) the length of the change; infinite where none is known
    label              (B,) the prediction for `pixels`
    pixels             (B,3,H,W) what the attack ends with, float32; the clean image where it does not succeed, or its
                       last one if it was to persist
    forward_passes     in all, without those of the last look, and `backward_passes`
    seconds            without those of the last look
    broken_by          which attack of several found each image's change; "" where none did, or there is but one
    notes              sentences on what could not run
    """

    config: AttackConfig
    labels: Tensor
    known: Tensor
    clean_correct: Tensor
    broken: Tensor
    broken_in_8_bits: Tensor
    distance: Tensor
    label: Tensor
    pixels: Tensor
    forward_passes: int
    backward_passes: int
    seconds: float
    broken_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Search:
    """The state that every attack shares. An attack drives it by `look` and `follow`, which keep what fools the model,
    or hands over its own finds by `take`; it looks at the images of `active` alone.

    model     whose passes are counted
    clean     (B,3,H,W) on the model's device
    labels    (B,) on the CPU
    indices   the number under which each image has its random draws
    best      (B,3,H,W) on the device; `broken`, `distance` (B,) of it on the CPU, as in Standing
    clean_logits  (B,K) on the CPU
    part      which attack of several is at work; `broken_by` and `notes` as in Attacked
    persist   whether it goes on with every image, broken or not, and keeps the last image that fools the model, or the
              last one where none does
    """

    clean_logits: Tensor
    persist = False

    def __init__(self, model: LoadedModel, clean: Tensor, labels: Tensor, config: AttackConfig, indices: Sequence[int]):
        self.model, self.count = counted(model)
        self.clean, self.labels, self.config, self.indices = clean, labels, config, tuple(indices)
        self.passes = Passes(self.model, *clean.shape[2:])
        self.best = clean.clone()
        self.broken = torch.zeros(len(clean), dtype=torch.bool)
        self.distance = torch.full((len(clean),), torch.inf)
        self.keep: Sequence[int] = ()
        self.part, self.broken_by, self.notes = "", [""] * len(clean), list[str]()

    @property
    def ball(self) -> Ball:
        """The geometry of a norm in which balls are searched."""
        return BALLS[self.config.norm]

    @property
    def eps(self) -> float:
        """The radius, no more than any image is from another."""
        assert self.config.eps is not None  # as the row says
        return min(float(self.config.eps), self.ball.diameter(tuple(self.clean.shape[1:])))

    @property
    def active(self) -> Tensor:
        """(A,) the places of the images that are still to be attacked: all but those that are wrong when clean, and,
        within a ball, but those that are broken; all where it is to persist.
        """
        every = torch.arange(len(self.clean))
        return every[self.distance != 0 if self.config.row.minimal else self.holds_out(every)]

    def holds_out(self, places: Tensor) -> Tensor:
        """(A,) with which of the images at `places` (A,) an attack within a ball goes on."""
        return ~self.broken[places] | self.persist

    def look(self, places: Tensor, pixels: Tensor) -> Generator[Progress, None, Tensor]:
        """Logits (A,K), on the CPU, of candidates (A,3,H,W) for the images at `places` (A,), which are taken."""
        logits = yield from self.passes.forward(pixels)
        self.take(places, pixels, logits.argmax(1))
        return logits

    def follow(
        self, places: Tensor, pixels: Tensor, loss: Callable[[Tensor, Goal], Tensor], targets: Tensor | None = None
    ) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
        """As `look`, and the gradients (A,3,H,W), on the device, of each image's loss (A,) of its logits and goal."""
        goal = self.goal(places, targets)
        logits, gradients = yield from self.passes.forward_backward(
            pixels, lambda its, rows: loss(its, goal.at(torch.arange(len(places))[rows]))
        )
        self.take(places, pixels, logits.argmax(1))
        return logits, gradients

    def goal(self, places: Tensor, targets: Tensor | None = None) -> Goal:
        """Away from the labels of the images at `places`, towards the classes `targets` (A,) if there are any."""
        labels = self.labels[places]
        return Goal(labels, torch.ones_like(labels, dtype=torch.bool), targets)

    def take(self, places: Tensor, pixels: Tensor, predicted: Tensor) -> Tensor:
        """Keep those of the candidates (A,3,H,W) that fool the model, whose predictions are `predicted` (A,), and are
        better than what is known: the first inside the ball, the nearest where there is none. Returns (A,) which fool
        it.
        """
        fools = predicted != self.labels[places]
        if not (fools.any() or self.persist):
            return fools
        distance = DISTANCES[self.config.norm](pixels - self.clean[places]).cpu()
        if self.config.row.minimal:
            better = fools & (distance < self.distance[places])
        else:
            wanted = fools | ~self.broken[places] if self.persist else fools & ~self.broken[places]
            better = inside(distance, self.config) & wanted
        its = places[better]
        self.best[its] = pixels[better]
        self.broken[its] = fools[better]
        self.distance[its] = torch.where(fools[better], distance[better], torch.inf)
        for place in its.tolist():
            self.broken_by[place] = self.part
        return fools

    def standing(self, done: int) -> Standing:
        """Where the attack stands."""
        kept = self.best[list(self.keep)].cpu()
        passes = self.count.forward, self.count.backward
        return Standing(done, self.broken.clone(), self.distance.clone(), *passes, kept, self.part)

    def share(self, work: Events, number: int, parts: int, scale: float = 1.0) -> Events:
        """`work` as the part `number` of `parts` that divide the steps evenly; one of its own steps counts `scale`."""

        def shared(event: Progress | Standing) -> Progress | Standing:
            if isinstance(event, Progress):
                return event
            return replace(event, done=int((number * self.config.steps + event.done * scale) / parts))

        return mapped(work, shared)


def inside(distance: Tensor, config: AttackConfig) -> Tensor:
    """(B,) whether changes of these lengths (B,) lie in the ball, where there is one."""
    return distance <= (torch.inf if config.eps is None else config.eps * (1 + TOLERANCE) + TOLERANCE / LEVELS)


def attack(
    model: LoadedModel,
    pixels: Tensor,
    labels: Sequence[int | None] | None,
    config: AttackConfig,
    *,
    indices: Sequence[int] | None = None,
    keep: Sequence[int] = (),
    persist: bool = False,
) -> Generator[Progress | Standing, None, Attacked]:
    """Attack `pixels` (B,3,H,W), float32 in [0, 1], as `config` says; yields a Standing for the clean images and then
    as the attack goes on, with a Progress between batches, and returns what it came to.

    labels   class per image; where None, the clean prediction stands in
    indices  the number under which each image has its random draws (default: its place)
    keep     places of the images whose pixels every Standing carries
    persist  whether an attack within a ball goes on once an image is broken, as one must that is to fool other models:
             it ends with the last image that fools the model, or the last one where none does, and also attacks what
             is wrong when clean; an attack that stops by itself may end sooner

    Raises BadInput for arguments that do not fit, at the first event for classes that the model does not have,
    DeviceOutOfMemory when not even one image fits, and NotFinite for NaN or infinite logits or gradients.
    """
    check_pixels(pixels)
    given = _checked(labels, len(pixels))
    places = tuple(range(len(pixels)) if indices is None else indices)
    if len(places) != len(pixels) or any(not 0 <= place < len(pixels) for place in keep):
        raise BadInput(f"indices are one for each of the {len(pixels)} images, keep places among them.")
    if persist and config.row.minimal:
        raise BadInput(f"{config.row.title} looks for the smallest change and cannot go on from it.")
    if not PRECISIONS[config.precision].folded:
        model = model.unfolded()
    clean = pixels.detach().to(model.device).clone(memory_format=torch.channels_last)
    search = Search(model, clean, given, config, places)
    search.keep, search.persist = tuple(keep), persist
    return _attack(model, search)


def _checked(labels: Sequence[int | None] | None, n: int) -> Tensor:
    given = [None] * n if labels is None else list(labels)
    if len(given) != n or any(label is not None and label < 0 for label in given):
        raise BadInput(f"There must be one label, from 0 up, for each of the {n} images; got {labels!r}.")
    return torch.tensor([UNKNOWN if label is None else int(label) for label in given])


def _attack(model: LoadedModel, search: Search) -> Generator[Progress | Standing, None, Attacked]:
    started, given, config = time.perf_counter(), search.labels, search.config
    logits = yield from search.passes.forward(search.clean)
    if int(given.max()) >= logits.shape[1]:
        raise BadInput(f"The model has the classes 0 to {logits.shape[1] - 1}; got {int(given.max())} as a label.")
    search.labels = torch.where(given == UNKNOWN, logits.argmax(1), given)
    search.clean_logits = logits
    search.take(torch.arange(len(search.clean)), search.clean, logits.argmax(1))
    yield search.standing(0)
    if len(search.active):
        yield from config.row.run(search)
    yield search.standing(config.steps)
    seconds = time.perf_counter() - started
    return (yield from _verified(model, search, given != UNKNOWN, logits, seconds))


def _verified(
    model: LoadedModel, search: Search, known: Tensor, clean_logits: Tensor, seconds: float
) -> Generator[Progress, None, Attacked]:
    """What holds when the model looks once more at what the attack ends with."""
    passes, config = Passes(model, *search.clean.shape[2:]), search.config
    distance = DISTANCES[config.norm](search.best - search.clean)
    allowed = inside(distance, config) & ((search.best >= 0) & (search.best <= 1)).flatten(1).all(1)
    pixels = torch.where(allowed[:, None, None, None], search.best, search.clean)
    label = (yield from passes.forward(pixels)).argmax(1)
    rounded = (yield from passes.forward((pixels * LEVELS).round() / LEVELS)).argmax(1)
    broken = label != search.labels
    return Attacked(
        config=config,
        labels=search.labels,
        known=known,
        clean_correct=clean_logits.argmax(1) == search.labels,
        broken=broken,
        broken_in_8_bits=broken & (rounded != search.labels),
        distance=torch.where(broken, distance.cpu(), torch.inf),
        label=label,
        pixels=torch.where((broken | search.persist)[:, None, None, None], pixels.cpu(), search.clean.cpu()),
        forward_passes=search.count.forward,
        backward_passes=search.count.backward,
        seconds=seconds,
        broken_by=tuple(by if fooled else "" for by, fooled in zip(search.broken_by, broken.tolist(), strict=True)),
        notes=tuple(search.notes),
    )
