"""Getting, checking and removing weights from a page, and how each model stands."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from robust_core.errors import RobustError
from robust_core.jobs import Job, State, queue
from robust_core.models import weights
from robust_core.models.spec import ModelSpec
from robust_core.ui import jobs, words
from robust_core.ui.server import hosts

QUEUE = "download"
NOT_ALLOWED = "Whoever runs this server downloads and removes its weights."


@dataclass(frozen=True)
class Standing:
    """How one model stands, in one word and, where there is more to say, a sentence."""

    word: str
    sentence: str = ""

    def __str__(self) -> str:
        return f"{self.word}: {self.sentence}" if self.sentence else self.word


def slot(spec: ModelSpec) -> str:
    """The job slot of this model's download."""
    return f"download:{spec.key}"


def job_of(spec: ModelSpec) -> Job | None:
    """The download of this model that anybody on this server has started last, if any."""
    return queue(QUEUE).find(("download", spec.key))


def standing(spec: ModelSpec, present: bool) -> Standing:
    """Ready, which is to say `present`, downloading n %, failed and why, or not downloaded."""
    job = job_of(spec)
    if job is not None and job.active:
        fraction = job.progress.fraction if job.progress else None
        return Standing(
            "waiting"
            if job.state is State.WAITING
            else "downloading"
            if fraction is None
            else f"downloading {fraction:.0%}"
        )
    if present:
        return Standing("ready")
    if job is not None and job.state is State.FAILED:
        return Standing("failed", job.error or "")
    return Standing("not downloaded")


def any_active() -> bool:
    """Whether any weights are being fetched or checked on this server."""
    return queue(QUEUE).active()


def show_message() -> None:
    """What the last button had to say, once."""
    kind, sentence = st.session_state.pop("download_message", (None, ""))
    if kind is not None:
        kind(words.plain(sentence))


def show_actions(spec: ModelSpec) -> None:
    """The buttons that make sense for this model now, and the progress of what runs."""
    job = job_of(spec)
    if job is not None and job.active:
        if st.session_state.get("job_slots", {}).get(slot(spec)) is not job:
            start(spec)  # somebody else's download is watched here too
        jobs.show_progress(slot(spec), job, QUEUE)
    elif weights.present(spec):
        left, right, _ = st.columns([1, 1, 4])
        left.button("Verify", key=f"verify:{spec.key}", on_click=_verify, args=(spec,), icon=":material/verified:")
        if _removable(spec) and hosts.downloads_allowed():
            _ask_before_removing(spec, right)
        _show_verification(spec)
    elif weights.downloadable(spec) and not hosts.downloads_allowed():
        st.caption(f"{NOT_ALLOWED} There, in a terminal: `python -m robust_core models download --model {spec.key}`")
    elif weights.downloadable(spec):
        label = f"Download {spec.weights.bytes / 1e6:,.0f} MB" if spec.weights.bytes else "Download"
        st.button(
            label, key=f"get:{spec.key}", on_click=start, args=(spec,), icon=":material/download:", type="primary"
        )
        if job is not None and job.state is State.FAILED:
            st.error(words.plain(job.error))


def start(spec: ModelSpec) -> None:
    """Begin the download, or watch the one that runs; one that failed before is tried anew and goes on where it broke
    off.
    """
    st.session_state.get("job_slots", {}).pop(slot(spec), None)
    if not _allowed():
        return
    job = jobs.start(slot(spec), ("download", spec.key), partial(weights.download, spec), QUEUE)
    if job.state is State.REFUSED:
        st.session_state["download_message"] = (st.error, job.error)


def _allowed() -> bool:
    """Whether this server lets its pages change its weights; a page that was drawn before it forbade that is told."""
    if not hosts.downloads_allowed():
        st.session_state["download_message"] = (st.error, NOT_ALLOWED)
    return hosts.downloads_allowed()


def _verify(spec: ModelSpec) -> None:
    st.session_state.get("job_slots", {}).pop(f"verify:{spec.key}", None)
    queue(QUEUE).forget(("verify", spec.key))
    jobs.start(f"verify:{spec.key}", ("verify", spec.key), partial(weights.verify, spec), QUEUE)


def _show_verification(spec: ModelSpec) -> None:
    job = st.session_state.get("job_slots", {}).get(f"verify:{spec.key}")
    if job is None:
        return
    if job.state is State.DONE:
        st.success(f"Verified against {words.plain(job.result.proof)}. SHA-256: `{job.result.sha256}`")
    else:
        jobs.show_progress(f"verify:{spec.key}", job, QUEUE)


def _removable(spec: ModelSpec) -> bool:
    """Whether a page may remove the weights: not those that nobody can download again, such as imported ones."""
    return weights.removable(spec) and weights.downloadable(spec)


def _ask_before_removing(spec: ModelSpec, place) -> None:
    with place.popover("Remove", icon=":material/delete:"):
        st.markdown(words.plain(f"Remove the weights of {spec.title} for everybody who uses this server?"))
        st.button(
            "Remove the weights",
            key=f"remove:{spec.key}",
            on_click=_remove,
            args=(spec,),
            type="primary",
            icon=":material/delete:",
        )


def _remove(spec: ModelSpec) -> None:
    if not _allowed() or not _removable(spec):
        return
    try:
        weights.remove(spec)
        queue(QUEUE).forget(("download", spec.key))
        st.session_state["download_message"] = (st.info, f"The weights of {spec.title} were removed.")
    except RobustError as error:
        st.session_state["download_message"] = (st.error, str(error))
