"""Projected gradient descent (Madry et al. 2018, section 2.1) as one trajectory that holds the prediction after every
number of steps.

The forward pass that gives the gradient for step k + 1 also gives the prediction after step k. So N steps from the
clean image cost N + 1 forward and N backward passes, where one run for each number of steps from 1 to N would cost
about N²/2 of each. A random start costs one more forward pass, at the start itself, which is no step; every further
restart costs another N + 1 forward and N backward passes. The last step needs no gradient. No parameter ever gets one.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from robust_core.attacks.balls import BALLS, ascend
from robust_core.attacks.draws import random_starts
from robust_core.attacks.goals import Goal, Request, make_request
from robust_core.attacks.losses import LOSSES
from robust_core.attacks.passes import Passes
from robust_core.attacks.precision import PRECISIONS
from robust_core.attacks.threat import ThreatModel
from robust_core.checks import check_pixels
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.finite import require_finite
from robust_core.models.loading import LoadedModel

LARGEST_STEP = 1e38  # any longer one times a direction would leave float32, and ends at the same place


@dataclass(frozen=True, eq=False)
class AttackStep:
    """Where the attack stands after `step` of `threat.steps` steps; step 0 is the clean image. All tensors are on the
    CPU.

    With restarts, each image's values are those of its best restart at this step: one that has
    reached the goal, or else the one whose loss has moved most.

    label             (B,) the predicted class
    probability       (B,) its probability
    true_probability  (B,) the probability of the label that counts as correct
    loss              (B,) the threat's loss, of LOSSES; the attack raises it if untargeted and lowers it if targeted
    distance          (B,) from the clean image, in the norm of the threat
    zero_gradient             (B,) whether the gradient that this step should have followed was exactly zero
    pixels            (K,3,H,W) of the K images that were asked for, in that order
    """

    step: int
    threat: ThreatModel
    goal: Goal
    label: Tensor
    probability: Tensor
    true_probability: Tensor
    loss: Tensor
    distance: Tensor
    zero_gradient: Tensor
    pixels: Tensor

    @cached_property
    def correct(self) -> Tensor:
        """(B,) whether the prediction is the label."""
        return self.label == self.goal.labels

    @property
    def reached(self) -> Tensor:
        """(B,) whether the attack has what it wants."""
        return self.goal.reached(self.label)


def pgd(
    model: LoadedModel,
    pixels: Tensor,
    labels: Sequence[int | None] | None,
    threat: ThreatModel,
    targets: Sequence[int] | None = None,
    *,
    indices: Sequence[int] | None = None,
    keep: Sequence[int] = (),
) -> Generator[Progress | AttackStep, None, AttackStep]:
    """Attack `pixels` (B,3,H,W), float32 in [0, 1]; yields an AttackStep for each step from 0 to `threat.steps`, with a
    Progress between batches, and returns the last step.

    labels   class per image; where None, the clean prediction stands in
    targets  class per image, for the aim "chosen" alone
    indices  the number under which each image has its random draws (default: its place), so that a part of a set,
             attacked on its own, gets what it gets in the whole set
    keep     places of the images whose pixels every AttackStep carries

    Raises BadInput at once for arguments that do not fit, at the first event for classes that the model does not have
    and for a precision that it does not allow, DeviceOutOfMemory when not even one image fits, and NotFinite, before
    the step is yielded, for NaN or infinite logits or gradients.
    """
    if len(pixels) == 0:
        raise BadInput("There is no image to attack; expected at least one image.")
    check_pixels(pixels)
    if any(not 0 <= place < len(pixels) for place in keep):
        raise BadInput(f"The images to keep must be places from 0 to {len(pixels) - 1}; got {list(keep)}.")
    request = make_request(threat, len(pixels), labels, targets, indices)
    clean = pixels.detach().to(model.device).clone(memory_format=torch.channels_last)
    return _Attack(model, clean, request, list(keep)).run()


class _Attack:
    """The state of one attack. A trajectory is one image from one start: row r·B + b is image b from start r.

    `pixels` and `gradient` are on the model's device, the rest is on the CPU; `gradient` has a row for each of
    `active`, the rows of the trajectories that go on, all others one for each trajectory.
    """

    def __init__(self, model: LoadedModel, clean: Tensor, request: Request, keep: list[int]):
        self.request, self.threat, self.ball = request, request.threat, BALLS[request.threat.norm]
        self.eps = min(float(self.threat.eps), self.ball.diameter(clean.shape[1:]))
        self.step_size = min(float(self.threat.step_size), LARGEST_STEP)
        self.title, self.clean, self.keep = model.spec.title, clean, keep
        self.precision = PRECISIONS[self.threat.precision]
        self.passes = Passes(model, clean.shape[2], clean.shape[3], self.precision)

    def run(self) -> Generator[Progress | AttackStep, None, AttackStep]:
        yield from self._look_at_clean()
        yield (report := self._report(0))
        yield from self._start()
        for step in range(1, self.threat.steps + 1):
            yield from self._step(steps_left=self.threat.steps - step)
            yield (report := self._report(step))
        return report

    def _look_at_clean(self) -> Generator[Progress, None, None]:
        if self.threat.start == "clean":
            self.logits, self.gradient = yield from self.passes.forward_backward(
                self.clean,
                lambda logits, rows: self._loss(logits, self.request.goal(logits.detach().cpu(), rows)),
                in_float32=True,  # where a label is unknown, this very pass tells it
            )
        else:
            self.logits = yield from self.passes.forward(self.clean)
        self.goal = self.request.goal(self.logits)
        self.pixels = self.clean.clone()
        self.zero_gradient = torch.zeros(len(self.clean), dtype=torch.bool)

    def _start(self) -> Generator[Progress, None, None]:
        restarts = self.threat.restarts
        self.active = torch.arange(restarts * len(self.clean))
        self.logits, self.zero_gradient = self.logits.repeat(restarts, 1), self.zero_gradient.repeat(restarts)
        if self.threat.start != "clean":
            self.pixels = torch.cat([self._random_start(restart) for restart in range(restarts)])
            _, self.gradient = yield from self.passes.forward_backward(self.pixels, self._active_loss, in_float32=True)

    def _random_start(self, restart: int) -> Tensor:
        start = random_starts(self.clean, self.ball, self.eps, self.threat.seed, self.request.indices, restart)
        start = start.clamp(0, 1) if self.threat.start == "random" else start
        if not self.threat.stop_at_success:
            return start
        # An image that is where the attack wants it when clean is handed back at once, as Foolbox does.
        at_once = self.goal.reached(self.logits[: len(self.clean)].argmax(1)).to(start.device)
        return torch.where(at_once[:, None, None, None], self.clean, start)

    def _step(self, steps_left: int) -> Generator[Progress, None, None]:
        if self.threat.stop_at_success:
            self._leave_what_is_reached()
        if not len(self.active):
            return
        steepest = self.gradient.abs().amax(dim=(1, 2, 3)).cpu()
        require_finite(self.title, "gradients", steepest.isfinite())
        moved = self._moved()
        if len(moved) == len(self.pixels):
            self.pixels = moved
        else:
            self.pixels[self.active] = moved
        self.zero_gradient[self.active] = steepest == 0
        if not steps_left:
            self.logits[self.active] = yield from self.passes.forward(moved)
            return
        in_float32 = steps_left <= self.precision.float32_last_steps
        self.logits[self.active], self.gradient = yield from self.passes.forward_backward(
            moved, self._active_loss, in_float32=in_float32
        )

    def _leave_what_is_reached(self) -> None:
        reached = self.goal.reached(self.logits[self._best_restart()].argmax(1))
        going = ~reached[self._image_of(self.active)]
        self.active, self.gradient = self.active[going], self.gradient[going.to(self.gradient.device)]

    def _moved(self) -> Tensor:
        step_size = -self.step_size if self.threat.targeted else self.step_size
        pixels, clean = self.pixels, self.clean
        if len(self.active) < len(pixels) or len(pixels) > len(clean):
            pixels, clean = pixels[self.active], clean[self._image_of(self.active)]
        return ascend(pixels, self.gradient, clean, self.ball, step_size, self.eps)

    def _loss(self, logits: Tensor, goal: Goal) -> Tensor:
        LOSSES[self.threat.loss].check_classes(logits.shape[1], self.threat.targeted)
        return LOSSES[self.threat.loss].of(logits, goal)

    def _active_loss(self, logits: Tensor, rows: slice) -> Tensor:
        return self._loss(logits, self.goal.at(self._image_of(self.active[rows])))

    def _image_of(self, trajectories: Tensor) -> Tensor:
        return trajectories % len(self.clean)

    def _best_restart(self) -> Tensor:
        """(B,) the row of each image's best restart."""
        goal = self.goal.at(self._image_of(torch.arange(len(self.logits))))
        loss = self._loss(self.logits, goal).view(-1, len(self.clean))
        reached = self.goal.reached(self.logits.argmax(1).view_as(loss))
        progress = torch.where(reached, torch.inf, -loss if self.threat.targeted else loss)
        return progress.argmax(0) * len(self.clean) + torch.arange(len(self.clean))

    def _report(self, step: int) -> AttackStep:
        rows = self._best_restart()
        logits, pixels = self.logits[rows], self.pixels if self.threat.restarts == 1 else self.pixels[rows]
        probabilities, label = logits.softmax(1), logits.argmax(1)
        return AttackStep(
            step=step,
            threat=self.threat,
            goal=self.goal,
            label=label,
            probability=_at(probabilities, label),
            true_probability=_at(probabilities, self.goal.labels),
            loss=self._loss(logits, self.goal),
            distance=self.ball.distance(pixels - self.clean).cpu(),
            zero_gradient=self.zero_gradient[rows],
            pixels=pixels[self.keep].cpu().contiguous(),
        )


def _at(rows: Tensor, columns: Tensor) -> Tensor:
    return rows.gather(1, columns[:, None]).squeeze(1)
