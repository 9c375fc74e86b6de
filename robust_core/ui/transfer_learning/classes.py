"""Which classes are new to the models: a task of Mini, or a visitor's own."""

from collections.abc import Sequence

import streamlit as st

from robust_core.data.drawn_sets import downstream_images
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import downstream_id, read_synthetic
from robust_core.labels import MINI
from robust_core.mini.downstream_tasks import DOWNSTREAM_TASKS, DownstreamTask
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.models.training_eps import training_eps
from robust_core.recordings.shipped import PROBED
from robust_core.ui import screen_images, words, worlds
from robust_core.ui.links import note_unknown
from robust_core.ui.server import script_turns
from robust_core.ui.transfer_learning import own_zip

OWN = "Your own (.zip)"
SHOWN_PX = 76


def choose_images() -> ImageSet | None:
    """The images of the chosen classes; None before an archive is there."""
    if worlds.world() != MINI:
        return own_zip.choose_images()
    titles = [*(task.title for task in DOWNSTREAM_TASKS.values()), OWN]
    note_unknown("new_classes", "set of classes", titles)
    fixed = {"key": "new_classes", "bind": "query-params", "persist_state": "session", "required": True}
    chosen = st.segmented_control("Classes", titles, default=titles[0], **fixed)
    task = next((task for task in DOWNSTREAM_TASKS.values() if task.title == chosen), None)
    return own_zip.choose_images() if task is None else downstream_images(task.key)


def task_of(images: ImageSet) -> DownstreamTask | None:
    """The task of Mini that these are the images of; None for a visitor's own."""
    return next((task for task in DOWNSTREAM_TASKS.values() if images.title == task.title and images.recipe), None)


def show_examples(images: ImageSet) -> None:
    """What a task's classes look like, one image of each."""
    task = task_of(images)
    if task is None:
        return
    with st.expander(f"{task.title}: one image of each class", icon=":material/image:"):
        st.caption(words.plain(task.about))
        with st.container(horizontal=True):
            for name in task.classes:
                st.image(_example(task.key, name), caption=name, width=SHOWN_PX, alt=f"{name}, an example")


@script_turns.kept(64)
def _example(task: str, name: str) -> str:
    """The first image of a class, which takes a moment to draw."""
    return screen_images.screen_uri(read_synthetic(downstream_id(task, name, 0)).rgb)


def with_series(specs: Sequence[ModelSpec]) -> tuple[ModelSpec, ...]:
    """In Mini the series over ε first, as the page is about it, and the other chosen models; elsewhere the chosen."""
    if worlds.world() != MINI:
        return tuple(specs)
    series = [get_spec(key) for key in PROBED if training_eps(get_spec(key))]
    return (*series, *(spec for spec in specs if spec not in series))
