"""Jobs on a page: start them under a slot's name, show how they stand, cancel them, try again."""

import time
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import streamlit as st

from robust_core.events import Progress
from robust_core.jobs import Job, State, Work, queue
from robust_core.ui import warmup
from robust_core.ui.session import watcher

REFRESH_SECONDS = 0.25
PATIENCE_SECONDS = 0.4


def start(slot: str, key: Hashable, work: Work, lane: str = "device") -> Job:
    """The job of this page's `slot`: the one that is there if its key is the same, otherwise a new one, and the old one is left.

    A failed or cancelled job stays until the user asks to try again. Raises QueueFull.
    """
    slots: dict[str, Job] = st.session_state.setdefault("job_slots", {})
    current = slots.get(slot)
    if current is not None and current.key == key:
        return current
    if current is not None:
        queue(lane).leave(current, watcher())
    slots[slot] = queue(lane).submit(key, _once_warm(work) if lane == "device" else work, watcher())
    return slots[slot]


def keep_only(prefix: str, slots: Iterable[str], lane: str = "device") -> None:
    """Leave the jobs of every slot that begins with `prefix` and is not among `slots`: what they computed is no longer asked for."""
    wanted = set(slots)
    for slot in [slot for slot in st.session_state.get("job_slots", {}) if slot.startswith(prefix) and slot not in wanted]:
        queue(lane).leave(st.session_state["job_slots"].pop(slot), watcher())


def wait_a_moment(jobs: Iterable[Job]) -> None:
    """Give quick work the time to finish, so that its answer appears without a progress bar before it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    if warmup.ready():
        for job in jobs:
            job.finished.wait(max(0.0, deadline - time.monotonic()))


def any_active() -> bool:
    """Whether any job of this session's slots is unfinished, so that its page has to look again."""
    return any(job.active for job in st.session_state.get("job_slots", {}).values())


def standing() -> dict[str, tuple[Hashable, bool]]:
    """Which job each of this session's slots holds, and whether it is unfinished.

    A page that refreshes itself takes this before it draws and compares it afterwards: work that began or ended in between was
    drawn as it was before, and has to be drawn once more.
    """
    return {slot: (job.key, job.active) for slot, job in st.session_state.get("job_slots", {}).items()}


def show_progress(slot: str, job: Job, lane: str = "device") -> None:
    """What stands in place of a result until there is one: queue place, progress and a cancel button, or the reason and a retry button."""
    if job.active:
        _show_bar(job, lane)
        st.button("Cancel", key=f"cancel:{slot}", on_click=_cancel, args=(slot, lane), icon=":material/close:", type="tertiary")
        return
    if job.state is State.FAILED:
        st.error(job.error)
    else:
        st.info("Cancelled.")
    st.button("Try again", key=f"retry:{slot}", on_click=_forget, args=(slot,), icon=":material/replay:")


def _show_bar(job: Job, lane: str) -> None:
    place = queue(lane).place(job)
    if job.state is State.WAITING:
        st.progress(0.0, f"waiting: {place} before this one" if place else "next in line")
        return
    progress = job.progress
    st.progress((progress.fraction or 0.0) if progress else 0.0, str(progress) if progress else "starting")


def _cancel(slot: str, lane: str) -> None:
    queue(lane).leave(st.session_state["job_slots"][slot], watcher())


def _forget(slot: str) -> None:
    st.session_state["job_slots"].pop(slot, None)


def _once_warm(work: Work) -> Work:
    def run() -> Iterator[Any]:
        if not warmup.ready():
            yield Progress(0, None, "", "starting PyTorch")
            warmup.wait()
        yield from work()

    return run
