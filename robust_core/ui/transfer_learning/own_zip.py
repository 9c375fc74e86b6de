"""A visitor's own classes: a .zip with a folder for each, read by a worker and kept as long as the session lives."""

from functools import partial

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.data.uploads import MAX_IMAGES, File, Held, OwnClasses, read_own_classes
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.jobs import State
from robust_core.studies.downstream_labels import read_labels
from robust_core.ui import jobs, uploads, words
from robust_core.ui.server import script_turns
from robust_core.ui.session import subscriber

KEY, SLOT = "own_classes", "own_classes"
ASKED_FOR = (
    f"A .zip with a folder for each class: at least two classes, five images each, at most {MAX_IMAGES} images. It "
    "stays in memory and goes with your session."
)


def choose_images() -> ImageSet | None:
    """The images of the archive that was brought; None before, while it is read, or where its classes do not do, which
    is said.
    """
    st.file_uploader("Your own classes (.zip)", key=KEY)
    st.caption(ASKED_FOR)
    file = st.session_state.get(KEY)
    if file is None:
        return None
    found = _read(File(file.file_id, file.name, file.getvalue()))
    if found is None:
        return None
    for note in found.notes:
        st.caption(words.plain(note))
    try:
        result_of(read_labels(found.images))
    except BadInput as error:
        st.error(words.plain(str(error)))
        return None
    return found.images


def _read(file: File) -> OwnClasses | None:
    kept: dict[str, OwnClasses] = st.session_state.setdefault("own_classes_read", {})
    if file.id in kept:
        return kept[file.id]
    held = st.session_state.setdefault("own_classes_held", Held())
    held.keep_only(())
    job = jobs.start(SLOT, (SLOT, subscriber(), file.id), partial(read_own_classes, file, held), uploads.QUEUE)
    with script_turns.aside():
        job.finished.wait(jobs.PATIENCE_SECONDS)
    if job.state is not State.DONE:
        jobs.poll_and_draw(partial(jobs.show_progress, SLOT, job, uploads.QUEUE))
        return None
    kept.clear()  # one archive at a time
    kept[file.id] = job.result
    return job.result
