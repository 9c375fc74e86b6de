"""The images that this session brought: read once by a worker, in memory for as long as the session lives, never
written to disk.
"""

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from robust_core.data.uploads import MAX_IMAGES, File, Held, Note, Taken, read
from robust_core.events import Progress
from robust_core.images import LabelledImage, shown_name
from robust_core.jobs import Job, State, queue
from robust_core.labels import IMAGENET, LabelSpace
from robust_core.ui import jobs, words, worlds
from robust_core.ui.server import script_turns
from robust_core.ui.session import subscriber

MAX_TOTAL_BYTES = 200 * 2**20
NAMED = 5
QUEUE = SLOT = "images"
SOURCE = "Upload"  # as the choice of a source calls it
LOST = "is no longer on the server; upload it again"
DROPPED = "was dropped, since other visitors needed the memory; upload it again"


@dataclass
class Uploads:
    """What this session brought, by the ids that Streamlit gives to files.

    names    of the files that the uploader has listed
    listed   what it listed at the last run
    waiting  what is still to be read; the files of `batch` are being read
    taken    what became of the others
    labels   true classes given by hand, by digest and label space; None for "unknown"
    latest   the digest of the first image of the batch that was read last, until it is looked at
    """

    held: Held = field(default_factory=Held)
    names: dict[str, str] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    waiting: dict[str, File] = field(default_factory=dict)
    batch: tuple[File, ...] = ()
    taken: dict[str, Taken] = field(default_factory=dict)
    labels: dict[tuple[str, LabelSpace], int | None] = field(default_factory=dict)
    latest: str | None = None

    def digests(self) -> dict[str, str]:
        """Every image once, in the order in which they came, with its name."""
        named: dict[str, str] = {}
        for digest, name in (one for taken in self.taken.values() for one in taken.images):
            named.setdefault(digest, name)
        return named

    def knows(self, file_id: str) -> bool:
        """Whether this file was taken in, so that Streamlit need not have it any more."""
        return file_id in self.taken or file_id in self.waiting or any(file.id == file_id for file in self.batch)

    def drop(self, file_ids: Collection[str]) -> None:
        """Forget these files, also while they are being read."""
        self.batch = tuple(file for file in self.batch if file.id not in file_ids)
        for file_id in file_ids:
            self.waiting.pop(file_id, None)
            self.taken.pop(file_id, None)

    def dismiss(self) -> None:
        """Forget what was to be said about the files, not the files."""
        self.taken = {file_id: replace(taken, notes=()) for file_id, taken in self.taken.items()}


def mine() -> Uploads:
    """This session's uploads."""
    if "uploads" not in st.session_state:
        st.session_state["uploads"] = Uploads()
    return st.session_state["uploads"]


def show_uploader() -> None:
    """The drop zone; what was brought before stays when another source is looked at in between."""
    uploads = mine()
    uploads.names |= _names_sent()
    st.file_uploader(
        "Drop images here",
        accept_multiple_files=True,
        key="uploader",
        on_change=_note_change,
        label_visibility="collapsed",
    )
    _follow_uploader(uploads)
    job = _read_waiting(uploads)
    if job is not None and uploads.taken:
        jobs.show_progress(SLOT, job, QUEUE)


def show_camera() -> None:
    """A button that opens the camera; its photo is an upload like any other."""
    if st.button("Camera", key="camera", icon=":material/photo_camera:"):
        _take_photo()


def show_kept() -> None:
    """What can be uploaded, and what is still here although the drop zone lists it no more, with a button that removes
    it.
    """
    st.caption(
        f"Uploads: PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC, AVIF, or .zip files of them; up to {MAX_IMAGES} images, "
        f"{MAX_TOTAL_BYTES // 2**20} MB together. Class folders in a .zip (n02099601, golden retriever or 207) become "
        "labels. Everything stays in this server's memory until you close the tab."
    )
    _show_still_here(mine())


def kept_images() -> list[LabelledImage]:
    """Every image of this session that is in memory, as it came."""
    uploads = mine()
    return [image for digest in uploads.digests() if (image := uploads.held.get(digest)) is not None]


def uploaded_images() -> list[LabelledImage]:
    """Every image of this session with its label, where one is known; what did not become one is named with the reason.

    While the first ones are being read, the page's script ends with their progress.
    """
    uploads = mine()
    digests = uploads.digests()
    images = {digest: image for digest in digests if (image := uploads.held.get(digest)) is not None}
    _show_notes(uploads, [Note(name, DROPPED) for digest, name in digests.items() if digest not in images])
    if not uploads.taken and uploads.batch:
        jobs.poll_and_draw(partial(_show_reading, uploads))
        st.stop()
    return [_labelled(uploads, image) for image in images.values()]


def _names_sent() -> dict[str, str]:
    """The names of the files that the browser lists, by id: after a restart of the server they are known from nowhere
    else.
    """
    if "uploader" in st.session_state:
        return {}
    states = get_script_run_ctx().session_state.get_widget_states()
    return {info.file_id: info.name for state in states for info in state.file_uploader_state_value.uploaded_file_info}


def _note_change() -> None:
    st.session_state["uploader_changed"] = True  # else an empty uploader was only drawn anew, after another page
    if any(file.file_id not in mine().listed for file in st.session_state["uploader"]):
        st.session_state["source"] = SOURCE


@st.dialog("Take a photo")
def _take_photo() -> None:
    photo = st.camera_input("Camera", label_visibility="collapsed")
    if photo is not None:
        _take_in(mine(), photo.file_id, photo)
        st.session_state["source"] = SOURCE
        st.rerun()


def _follow_uploader(uploads: Uploads) -> None:
    """Take in what the uploader lists anew, and forget what was removed from its list."""
    files = {file.file_id: file for file in st.session_state["uploader"]}
    if st.session_state.pop("uploader_changed", False):
        uploads.drop(uploads.listed.difference(files))
    uploads.listed = frozenset(files)
    for file_id, file in files.items():
        if not uploads.knows(file_id):
            _take_in(uploads, file_id, file)
    if not uploads.batch:
        uploads.held.keep_only(uploads.digests())


def _take_in(uploads: Uploads, file_id: str, file) -> None:
    """Keep one file to be read, or say why not; Streamlit gives a DeletedFile, with nothing but an id, for one that a
    restart has lost.
    """
    total_bytes = sum(len(one.data) for one in (*uploads.waiting.values(), *uploads.batch)) + sum(
        one.bytes for one in uploads.taken.values()
    )
    if not hasattr(file, "getvalue"):
        uploads.taken[file_id] = _nothing(uploads.names.get(file_id, "A file"), LOST)
    elif total_bytes + file.size > MAX_TOTAL_BYTES:
        uploads.taken[file_id] = _nothing(
            file.name, f"was left out, since a session takes at most {MAX_TOTAL_BYTES // 2**20} MB of files"
        )
    else:
        uploads.waiting[file_id] = File(file_id, file.name, file.getvalue())
    _let_go(file_id)


def _nothing(name: str, predicate: str) -> Taken:
    return Taken(0, (), (Note(shown_name(name), predicate),))


def _let_go(file_id: str) -> None:
    """Streamlit would hold the bytes for as long as the uploader lists the file."""
    context = get_script_run_ctx()
    if hasattr(context.uploaded_file_mgr, "remove_file"):  # as that of every server that runs by itself has
        context.uploaded_file_mgr.remove_file(context.session_id, file_id)


def _read_waiting(uploads: Uploads) -> Job | None:
    """Have a worker read what waits, one batch after the other; the job of the batch that is not done, None when all is
    read.
    """
    while uploads.batch or uploads.waiting:
        if not uploads.batch:
            uploads.batch, uploads.waiting = tuple(uploads.waiting.values()), {}
        key = (SLOT, subscriber(), tuple(file.id for file in uploads.batch))
        job = jobs.start(
            SLOT, key, partial(_read_anew, uploads.batch, uploads.held, tuple(uploads.digests()), worlds.world()), QUEUE
        )
        with script_turns.aside():
            job.finished.wait(jobs.PATIENCE_SECONDS)
        if job.state is not State.DONE:
            return job
        uploads.taken, uploads.batch = uploads.taken | job.result, ()
        uploads.latest = next((digest for taken in job.result.values() for digest, _ in taken.images), uploads.latest)
        _forget(job)
    jobs.keep_only(SLOT, (), QUEUE)
    return None


def _read_anew(
    files: Sequence[File], held: Held, before: Collection[str], space: LabelSpace
) -> Generator[Progress, None, dict[str, Taken]]:
    held.keep_only(before)  # not what an attempt that was cancelled has left
    return (yield from read(files, held, space))


def _forget(job: Job) -> None:
    st.session_state["job_slots"].pop(SLOT, None)
    queue(QUEUE).forget(job.key)


def _show_reading(uploads: Uploads) -> None:
    job = _read_waiting(uploads)
    if job is not None:
        jobs.show_progress(SLOT, job, QUEUE)


def _show_still_here(uploads: Uploads) -> None:
    before = {file_id: taken for file_id, taken in uploads.taken.items() if file_id not in uploads.listed}
    names = [name for taken in before.values() for _, name in taken.images]
    if names:
        st.caption("Still here: " + words.plain(enumerated(names)))
        st.button(
            "Remove them",
            key="remove_uploads",
            on_click=uploads.drop,
            args=(tuple(before),),
            icon=":material/delete:",
        )


def _show_notes(uploads: Uploads, dropped: Sequence[Note]) -> None:
    notes = [*(note for taken in uploads.taken.values() for note in taken.notes), *dropped]
    for show, is_error in ((st.error, True), (st.info, False)):
        sentences = in_sentences([note for note in notes if note.is_error == is_error])
        if sentences:
            show(
                words.plain(sentences[0])
                if len(sentences) == 1
                else "\n".join(f"- {words.plain(sentence)}" for sentence in sentences)
            )
    if any(taken.notes for taken in uploads.taken.values()):
        st.button("Dismiss", key="dismiss_notes", icon=":material/close:", type="tertiary", on_click=uploads.dismiss)


def in_sentences(notes: Sequence[Note]) -> list[str]:
    """At most a few sentences, one for each thing that is to be said, with the first few names that it is about."""
    about: dict[str, list[str]] = {}
    for note in notes:
        about.setdefault(note.predicate, []).append(note.name)
    sentences = [
        f"{names[0]} {said}." if len(names) == 1 else f"Each of these {said}: {enumerated(names)}."
        for said, names in about.items()
    ]
    more = len(sentences) - NAMED
    return sentences if more <= 0 else [*sentences[:NAMED], f"And {more} more such notes."]


def enumerated(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _labelled(uploads: Uploads, image: LabelledImage) -> LabelledImage:
    """The image with the label that was given by hand, if any: in this world, else in ImageNet's words, which have
    categories of their own.
    """
    for space in (worlds.world(), IMAGENET):
        if (image.digest, space) in uploads.labels:
            return replace(image, label=uploads.labels[image.digest, space], label_space=space)
    return image
