"""Training of one mini model as a generator of progress; resumable, and finished work is never repeated."""

import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from robust_core.attacks.balls import BALLS, ascend
from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress
from robust_core.mini.identity import WORLD
from robust_core.mini.recipes import Adversary, Phase, Recipe, get_recipe, recipe_hash
from robust_core.mini.splits import hashtags, rendering
from robust_core.mini.weights import is_finished, metadata_of, new_network, normalised, save, weight_file

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Trained:
    """A finished model: its weight file and what the file says about itself."""

    key: str
    seed: int
    path: Path
    metadata: dict[str, str]


def train(
    key: str, seed: int, folder: Path, device: str = "cpu", precision: str = "float32"
) -> Generator[Progress, None, Trained]:
    """Train a model of the family into `folder`/<key>.safetensors.

    `seed` draws the training images, the first weights, the order and the augmentation. A file of the same recipe,
    world and seed is taken as it is; a run that was cut short goes on from its last checkpoint. Raises UnknownName and
    BadInput for a wrong key, precision or seed, and NotFinite when the training diverges.
    """
    recipe = get_recipe(key)
    if precision not in PRECISIONS or seed < 0:
        raise BadInput(
            f"Expected a precision of {', '.join(PRECISIONS)} and a seed from 0 up, got {precision!r} and {seed}."
        )
    path = weight_file(folder, key)
    if not is_finished(path, recipe, seed):
        run = Run(recipe, seed, path, device, PRECISIONS[precision])
        yield from run.events()
        save(path, run.network, recipe, seed, precision, run.cpu_seconds)
        run.checkpoint.unlink(missing_ok=True)
    return Trained(key, seed, path, metadata_of(path))


class Run:
    """The state of one training: network, optimiser, random numbers and how far it has come."""

    def __init__(self, recipe: Recipe, seed: int, path: Path, device: str, dtype: torch.dtype):
        self.recipe, self.seed, self.device, self.dtype = recipe, seed, device, dtype
        self.checkpoint = path.with_name(f"{path.stem}_seed{seed}.checkpoint")
        self.network = self._new_network()
        self.teacher: nn.Module | None = None
        self.random = torch.Generator().manual_seed(seed)
        self.phase, self.epoch, self.cpu_seconds = 0, 0, 0.0

    def events(self) -> Generator[Progress, None, None]:
        """Train to the end."""
        stored = self._read_checkpoint()
        while self.phase < len(self.recipe.phases):
            phase = self.recipe.phases[self.phase]
            pixels, labels = yield from _training_set(phase, self.seed)
            if stored is None and phase.temperature != 1:
                self._enlarge_logits(phase.temperature)
            if self.teacher is not None:
                labels = self._taught(pixels, phase.temperature)
            yield from self._fit(phase, pixels, labels, stored)
            self.phase, self.epoch, stored = self.phase + 1, 0, None
            if phase.teacher:
                self.teacher, self.network = self.network.eval(), self._new_network()
        self.network.eval()

    def _new_network(self) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1000 + self.seed)
            network = new_network(self.recipe.key)
        return network.to(self.device).to(memory_format=torch.channels_last).train()

    @torch.no_grad()
    def _enlarge_logits(self, times: float) -> None:
        last = self.network.get_submodule("fc")
        assert isinstance(last, nn.Linear)
        last.weight.mul_(times)
        last.bias.mul_(times)

    @torch.inference_mode()
    def _taught(self, levels: Tensor, temperature: float) -> Tensor:
        """(N, classes) what the teacher says of each image as it is, neither mirrored nor rolled."""
        assert self.teacher is not None  # as `events` has asked
        batches = (batch.to(self.device).float() / 255 for batch in levels.split(self.recipe.batch_size))
        return torch.cat([(self.teacher(normalised(batch)) / temperature).softmax(1).cpu() for batch in batches])

    def _fit(
        self, phase: Phase, pixels: Tensor, labels: Tensor, stored: dict | None
    ) -> Generator[Progress, None, None]:
        size = self.recipe.batch_size
        steps_per_epoch = len(pixels) // size
        total = phase.epochs * steps_per_epoch
        rate = phase.peak_learning_rate
        optimiser = torch.optim.AdamW(self.network.parameters(), rate, weight_decay=self.recipe.weight_decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, rate, total_steps=total, pct_start=self.recipe.warm_up_fraction
        )
        if stored:
            optimiser.load_state_dict(stored["optimiser"])
            schedule.load_state_dict(stored["schedule"])
        while self.epoch < phase.epochs:
            started = time.process_time()
            for batch in torch.randperm(len(pixels), generator=self.random).split(size)[:steps_per_epoch]:
                loss = self._step(phase, pixels[batch], labels[batch], optimiser, schedule, schedule.last_epoch / total)
                yield Progress(
                    schedule.last_epoch, total, "steps", f"{self.recipe.key}, phase {self.phase + 1}: loss {loss:.2f}"
                )
            self.epoch += 1
            self.cpu_seconds += time.process_time() - started
            self._write_checkpoint(optimiser, schedule)

    def _step(self, phase: Phase, levels: Tensor, labels: Tensor, optimiser, schedule, done_fraction: float) -> float:
        """One step of the optimiser; returns the loss, and raises NotFinite, before anything is saved, when it is NaN
        or infinite.
        """
        pixels = self._augmented(levels.to(self.device).float() / 255).contiguous(memory_format=torch.channels_last)
        labels = labels.to(self.device)
        if phase.noise_std:
            noise = torch.randn(pixels.shape, generator=self.random).to(self.device)
            pixels = (pixels + phase.noise_std * noise).contiguous(memory_format=torch.channels_last)
        if phase.adversary:
            pixels = self._attacked(pixels, labels, phase.adversary, done_fraction)
        loss = self._loss(pixels, labels, phase.temperature)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if not loss.isfinite():
            raise NotFinite(
                f"The training of {self.recipe.key} diverged (its loss is {loss.item()}); start it again, which goes "
                "on from the last whole epoch."
            )
        return loss.item()

    def _loss(self, pixels: Tensor, labels: Tensor, temperature: float = 1.0) -> Tensor:
        """The cross-entropy with labels (B,) or probabilities (B, classes)."""
        with torch.autocast(self.device, self.dtype, enabled=self.dtype != torch.float32):
            return cross_entropy(self.network(normalised(pixels)) / temperature, labels)

    def _augmented(self, pixels: Tensor) -> Tensor:
        """Every image mirrored or not, and the batch rolled by a few pixels."""
        mirrored = (torch.rand(len(pixels), generator=self.random) < 0.5).to(self.device)
        shift_px = self.recipe.shift_px
        shift = torch.randint(-shift_px, shift_px + 1, (2,), generator=self.random).tolist()
        return torch.where(mirrored[:, None, None, None], pixels.flip(3), pixels).roll(shift, (2, 3))

    def _attacked(self, pixels: Tensor, labels: Tensor, adversary: Adversary, done_fraction: float) -> Tensor:
        """The last iterate of an L-infinity attack from a random start (Madry et al. 2018, section 2), on the network
        in evaluation mode.
        """
        eps = adversary.eps * min(1.0, done_fraction / adversary.ramp_fraction)
        self.network.eval()
        start = (2 * torch.rand(pixels.shape, generator=self.random) - 1).to(self.device)
        attacked = (pixels + eps * start).clamp(0, 1)
        for _ in range(adversary.steps):
            point = attacked.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(self._loss(point, labels), point)
            attacked = ascend(attacked, gradient, pixels, BALLS["linf"], adversary.step_of_eps * eps, eps)
        self.network.train()
        return attacked.contiguous(memory_format=torch.channels_last)

    def _origin(self) -> tuple[str, str]:
        """What a checkpoint must agree with to be gone on from."""
        return recipe_hash(self.recipe), WORLD

    def _write_checkpoint(self, optimiser, schedule) -> None:
        state = {
            "origin": self._origin(),
            "position": (self.phase, self.epoch, self.cpu_seconds),
            "network": self.network.state_dict(),
            "teacher": None if self.teacher is None else self.teacher.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
            "random": self.random.get_state(),
        }
        part = self.checkpoint.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, part)
        os.replace(part, self.checkpoint)

    def _read_checkpoint(self) -> dict | None:
        if not self.checkpoint.exists():
            return None
        stored = torch.load(self.checkpoint, weights_only=True)
        if stored["origin"] != self._origin():
            return None
        self.phase, self.epoch, self.cpu_seconds = stored["position"]
        self.network.load_state_dict(stored["network"])
        if stored.get("teacher"):
            self.teacher = self._new_network().eval()
            self.teacher.load_state_dict(stored["teacher"])
        self.random.set_state(stored["random"])
        return stored


def _training_set(phase: Phase, seed: int) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
    """The images as 8-bit levels, a quarter of the memory, and their labels (returned)."""
    pixels, labels = [], []
    for split in phase.splits:
        for start in range(0, split.count, 4096):
            images = yield from rendering(split, start, min(4096, split.count - start), seed)
            pixels.append((images.pixels * 255).round().to(torch.uint8))
            labels.append(hashtags(images, seed + start) if phase.hashtags else images.shape)
    return torch.cat(pixels), torch.cat(labels)
