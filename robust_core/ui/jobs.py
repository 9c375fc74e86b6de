"""Jobs on a page: start them under a slot's name, show how they stand, cancel them, try again."""

import re
import time
from collections.abc import Callable, Container, Generator, Hashable, Iterable, Mapping
from typing import Any

import streamlit as st

from robust_core.errors import QueueFull
from robust_core.events import Progress
from robust_core.jobs import Job, State, Work, queue
from robust_core.ui import on_page, words
from robust_core.ui.components.job_watcher import job_watcher
from robust_core.ui.server import cores, job_log, script_turns, warmup
from robust_core.ui.server.job_watch import Watch
from robust_core.ui.session import household, subscriber

REFRESH_SECONDS = 0.25
# sessions; a look at the PGD page took 28 ms of processor time, so that thirty at this pace would need three cores
AT_FULL_PACE = 8
PATIENCE_SECONDS = 0.4


def start(slot: str, key: Hashable, work: Work, queue_name: str = "device") -> Job:
    """The job of this page's `slot`: the one that is there if its key is the same, otherwise a new one, and the old one
    is left.

    A job that failed, was cancelled or made room stays until the user asks to try again; one that a full queue refuses
    is asked for again at every call.
    """
    slots: dict[str, Job] = st.session_state.setdefault("job_slots", {})
    current = slots.get(slot)
    if current is not None and current.key == key and (current.ended_without or current.state is not State.REFUSED):
        return current
    if current is not None:
        queue(queue_name).leave(current, subscriber())
    logged = job_log.logged(key, work, queue_name)
    try:
        slots[slot] = queue(queue_name).submit(
            key, _once_warm(logged) if queue_name == "device" else logged, subscriber(), household()
        )
    except QueueFull as error:
        slots[slot] = Job.refused(key, str(error))
    return slots[slot]


def keep_only(prefix: str, slots: Iterable[str], queue_name: str = "device") -> None:
    """Leave the jobs of every slot that begins with `prefix` and is not among `slots`: what they computed is no longer
    asked for.
    """
    wanted = set(slots)
    for slot in [
        slot for slot in st.session_state.get("job_slots", {}) if slot.startswith(prefix) and slot not in wanted
    ]:
        queue(queue_name).leave(st.session_state["job_slots"].pop(slot), subscriber())


def turn_to(page: str) -> None:
    """On the way to another page, let go of what is done on the last one; the queue remembers it for as long as there
    is room.
    """
    if st.session_state.get("jobs_page") != page:
        st.session_state["jobs_page"] = page
        slots: dict[str, Job] = st.session_state.get("job_slots", {})
        for slot in [slot for slot, job in slots.items() if job.state is State.DONE]:
            del slots[slot]


def wait_a_moment(jobs: Iterable[Job]) -> None:
    """Give quick work the time to finish, so that its prediction appears without a progress bar before it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    if warmup.all_ready():
        with script_turns.aside():
            for job in jobs:
                job.finished.wait(max(0.0, deadline - time.monotonic()))


def any_active() -> bool:
    """Whether any job of this session's slots is unfinished, so that its page has to look again."""
    return any(job.active for job in st.session_state.get("job_slots", {}).values())


def only_cancelled(keys: Container[Hashable]) -> bool:
    """Whether this session's jobs with one of `keys` were all cancelled, and there is any."""
    states = [job.state for job in st.session_state.get("job_slots", {}).values() if job.key in keys]
    return bool(states) and all(state is State.CANCELLED for state in states)


def refresh_seconds() -> float | None:
    """How often a page looks again while jobs of this session are unfinished, None while none is; the more sessions
    wait, the less often each looks.
    """
    return REFRESH_SECONDS * max(1.0, queue("device").active_sessions() / AT_FULL_PACE) if any_active() else None


def poll_and_draw(
    part: Callable[[], None],
    asked_again: Callable[[], bool] = lambda: False,
    *,
    alone: bool = False,
    live: Callable[[], Callable[[], dict] | None] = lambda: None,
) -> None:
    """Draw `part`, and draw it again while jobs of this session are unfinished: at once when one has ended, otherwise
    once a second if one has come further.

    The whole page runs once more when all work has ended, unless `part` is all that depends on it (`alone`) and none
    was cancelled, and whenever `asked_again()` says so. `live()` is asked after each drawing for a function of what a
    component draws by itself meanwhile; while there is one, the part is drawn again only when that is `over`.
    """
    seen = {"active": any_active(), "drawn": 0}

    @st.fragment
    def refreshing() -> None:
        with script_turns.turn(household()):
            watch = _watch()
            before = watch.standing
            on_page.clear()
            part()
            seen["active"] |= any_active()
            seen["drawn"] += 1
            if asked_again() or (seen["active"] and not any_active() and (not alone or _any_cancelled())):
                st.rerun()
            if any_active() or watch.standing != before:
                watch.live = live()
                _look_again(part, watch, before, first=seen["drawn"] == 1)

    refreshing()


def _any_cancelled() -> bool:
    return any(job.state is State.CANCELLED for job in st.session_state.get("job_slots", {}).values())


def _watch() -> Watch:
    """This session's, which reads the very slots that its jobs are in."""
    slots = st.session_state.setdefault("job_slots", {})
    watch: Watch | None = st.session_state.get("job_watch")
    if watch is None or watch.slots is not slots:
        watch = st.session_state["job_watch"] = Watch(slots)
    return watch


def _look_again(part: Callable[[], None], watch: Watch, standing: str, *, first: bool) -> None:
    drawn = getattr(part, "func", part)  # of a partial
    key = "_".join(re.findall("[a-zA-Z0-9]+", f"{drawn.__module__} {drawn.__qualname__}"))  # Streamlit takes no "__"
    job_watcher(watch, standing, key=key, period_seconds=refresh_seconds() or REFRESH_SECONDS, first=first)


def show_progress(slot: str, job: Job, queue_name: str = "device") -> None:
    """What stands in place of a result until there is one: queue place, progress and a cancel button, or the reason and
    a retry button.
    """
    if (
        job.state is State.REFUSED and not job.made_room and any_active()
    ):  # this session's page refreshes itself, and so asks again
        st.caption(words.plain(job.error))
        return
    if job.active:
        st.progress(*how_far(job, queue_name))
        st.button(
            "Cancel",
            key=f"cancel:{slot}",
            on_click=_cancel,
            args=(slot, queue_name),
            icon=":material/close:",
            type="tertiary",
        )
        return
    if job.state is State.FAILED:
        st.error(words.plain(job.error))
    else:
        st.info(words.plain(job.error or "Cancelled."))
    st.button("Try again", key=f"retry:{slot}", on_click=_forget, args=(slot,), icon=":material/replay:")


def all_done(running: Mapping[str, Job]) -> bool:
    """Whether every job, by its slot, is done; otherwise the first that is not says how it stands."""
    for slot, job in running.items():
        if job.state is not State.DONE:
            show_progress(slot, job)
            return False
    return True


def in_line(place: int, wait_seconds: float | None) -> str:
    """How a job waits, in words, such as "waiting: 3 before this one, about 20 s"; no time where none is known."""
    before = f"waiting: {place} before this one" if place else "next in line"
    return before if wait_seconds is None else f"{before}, about {roughly(wait_seconds)}"


def how_far(job: Job, queue_name: str = "device") -> tuple[float, str]:
    """The share of an unfinished job that is done, and in words how it waits or how far it is."""
    if job.state is State.WAITING:
        return 0.0, in_line(queue(queue_name).place(job), queue(queue_name).wait_seconds(job))
    progress = job.progress
    return ((progress.fraction or 0.0) if progress else 0.0), str(progress) if progress else "starting"


def roughly(duration_seconds: float) -> str:
    """A forecast for people, such as "20 s", "2 min" or "3 h"."""
    if duration_seconds < 10:
        return f"{max(1, round(duration_seconds))} s"
    if duration_seconds < 57.5:
        return f"{5 * round(duration_seconds / 5)} s"
    minutes = max(1, round(duration_seconds / 60))
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"


def _cancel(slot: str, queue_name: str) -> None:
    job = st.session_state.get("job_slots", {}).get(slot)
    if job is not None:
        queue(queue_name).leave(job, subscriber())


def _forget(slot: str) -> None:
    st.session_state.get("job_slots", {}).pop(slot, None)


def _once_warm(work: Work) -> Work:
    def run() -> Generator[Any, None, Any]:
        if not warmup.all_ready():
            yield Progress(0, None, "", "starting PyTorch")
            warmup.wait()
        cores.take()
        return (yield from work())

    return run
