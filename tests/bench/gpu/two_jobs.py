"""Two jobs at once on one device, and one that is cancelled while another waits."""

import time
from collections.abc import Generator
from functools import partial
from typing import Any

import torch

from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.jobs import Job, JobQueue, Room, State
from robust_core.models.loading import LoadedModel
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import IMAGES_MOST, LOSS_TOLERANCE, said
from tests.bench.gpu.machine import exactly
from tests.bench.gpu.networks import MINI, mini_images, real_model
from tests.bench.gpu.trajectories import threat

PART = "jobs"
PATIENCE_SECONDS = 30.0
CANCELLED_WITHIN_SECONDS = 5.0
LEFT_BEHIND_BYTES = 2**20
ENDLESS = 100_000  # steps


def cases(bench: Bench) -> list[Case]:
    """Through the queues that the dashboard has."""
    return [
        Case(PART, "two attacks at the same time", 30, partial(_together, bench)),
        Case(PART, "one is cancelled, the next one runs", 30, partial(_cancelled, bench)),
    ]


def _work(model: LoadedModel, n: int, steps: int, eps: float) -> Generator[Any, None, AttackStep]:
    pixels, labels = mini_images(n)
    return pgd(model, pixels, labels, threat(eps, steps))


def _queue(name: str) -> JobQueue:
    return JobQueue(name, Room(8, 8, 8))


def _ended(job: Job) -> Job:
    if not job.finished.wait(PATIENCE_SECONDS):
        raise TimeoutError(f"a job did not end within {PATIENCE_SECONDS:.0f} s")
    return job


def _together(bench: Bench) -> Found:
    """Two queues, and so two threads, with one model: what each comes to is what it comes to alone."""
    model, (n, steps) = real_model(MINI, bench.device), (8, 3) if bench.small else (64, 30)
    works = [partial(_work, model, n, steps, eps) for eps in (2 / 255, 4 / 255)]
    queues = [_queue(f"bench {number}") for number in range(3)]
    try:
        with exactly():
            alone = [_ended(queues[2].submit(("alone", number), work, "a")) for number, work in enumerate(works)]
            jobs = [queues[number].submit(("both", number), work, "a") for number, work in enumerate(works)]
            both = [_ended(job) for job in jobs]
    finally:
        for queue in queues:
            queue.close()
    if errors := [job.error for job in (*alone, *both) if job.state is not State.DONE]:
        return "fail", "; ".join(map(str, errors))
    return _alike([job.result for job in alone], [job.result for job in both], n)


def _alike(alone: list[AttackStep], both: list[AttackStep], n: int) -> Found:
    apart = max(int((one.label != two.label).sum()) for one, two in zip(alone, both, strict=True))
    losses = [(float(one.loss.mean()), float(two.loss.mean())) for one, two in zip(alone, both, strict=True)]
    agrees = apart <= max(1, IMAGES_MOST * n) and all(abs(a - b) <= LOSS_TOLERANCE * abs(a) for a, b in losses)
    words = ", ".join(f"{a:.4f} and {b:.4f}" for a, b in losses)
    return said(agrees), f"at most {apart} of {n} labels differ from alone; mean losses alone and together {words}"


def _cancelled(bench: Bench) -> Found:
    """A job that would take hours ends between two events once nobody watches it, and leaves no memory behind."""
    model, n = real_model(MINI, bench.device), 8 if bench.small else 64
    queue, held = _queue("bench"), _held_bytes(bench)
    try:
        long = queue.submit("long", partial(_work, model, n, ENDLESS, 4 / 255), "a")
        short = queue.submit("short", partial(_work, model, n, 2, 4 / 255), "b")
        _wait_for_step(long)
        started = time.perf_counter()
        queue.leave(long, "a")
        _ended(long)
        seconds = time.perf_counter() - started
        _ended(short)
        states = long.state, short.state
    finally:
        queue.close()
    del long, short
    left = _held_bytes(bench) - held
    agrees = states == (State.CANCELLED, State.DONE) and seconds <= CANCELLED_WITHIN_SECONDS
    behind = f"; {left / 2**20:.1f} MiB more are held than before" if bench.on_gpu else ""
    return said(agrees and left <= LEFT_BEHIND_BYTES), f"{states[0]} {seconds:.2f} s later, then {states[1]}{behind}"


def _wait_for_step(job: Job) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(isinstance(event, AttackStep) for event in list(job.events)):
        if time.monotonic() > deadline or not job.active:
            raise TimeoutError(f"the job is {job.state} without a step: {job.error}")
        time.sleep(0.01)


def _held_bytes(bench: Bench) -> int:
    """What tensors on the GPU hold; 0 without one."""
    if not bench.on_gpu:
        return 0
    torch.cuda.synchronize()
    return torch.cuda.memory_allocated(bench.device)
