"""The form that imports a network of one's own: a weight file, its architecture, and what differs from the published
way to use it.
"""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

import streamlit as st

from robust_core.errors import BadInput, RobustError
from robust_core.events import Progress
from robust_core.jobs import Job, State
from robust_core.labels import IMAGENET, LabelSpace
from robust_core.models.architectures import ARCHITECTURES, find_architecture
from robust_core.models.catalogue import list_models
from robust_core.models.class_lists import label_space
from robust_core.models.imports import LONGEST_TITLE, import_file
from robust_core.models.preprocessing import (
    INTERPOLATIONS,
    MAX_SIZE_PX,
    MIN_SIZE_PX,
    changed_preprocess,
    stated_preprocess,
)
from robust_core.models.spec import ModelSpec
from robust_core.ui import jobs, words
from robust_core.ui.components.weight_upload import weight_upload
from robust_core.ui.models import incoming
from robust_core.ui.server import hosts, warmup
from robust_core.ui.session import incoming_weights
from robust_core.ui.weight_downloads import QUEUE

SLOT = "import"
AS_PUBLISHED = "as published"
IN_A_TERMINAL = "python -m robust_core models import FILE --architecture resnet50 --key mine --title 'My ResNet-50'"
CLASS_LIST = (
    "One class per line in the order of the logits (the network's outputs), or JSON. A model with classes of its own "
    "gets a world of its own."
)
MOST_REPEATED = 4
CHOICES = {"Averaged (EMA) where there are any": None, "Plain": "plain", "Averaged (EMA)": "ema"}


@dataclass(frozen=True)
class Wish:
    """What the form holds: all that determines the import of the file that was sent."""

    architecture: str
    title: str
    weights: Literal["plain", "ema"] | None
    changes: dict
    classes: LabelSpace


def show() -> None:
    """The form; on a server that others share, the way through a terminal."""
    allowed = hosts.imports_allowed()
    is_begun = allowed and (bool(incoming_weights().name) or SLOT in st.session_state.get("job_slots", {}))
    with st.expander("Import a network of your own", icon=":material/upload_file:", expanded=is_begun):
        if not allowed:
            st.markdown("Whoever runs this server imports weights, in a terminal in the project's folder:")
            st.code(IN_A_TERMINAL, language="bash")
            return
        sent = incoming_weights()
        weight_upload(sent.address, key="import_file", max_bytes=incoming.MAX_BYTES, name=sent.name)
        st.caption(
            "PyTorch or safetensors: a state dict, alone or in a checkpoint. The file is read as tensors only; code "
            "in it never runs."
        )
        wish = _choose()
        st.button(
            "Import",
            key="import_go",
            type="primary",
            disabled=not (sent.name and wish),
            on_click=_start,
            args=(wish,),
            icon=":material/upload_file:",
        )


def show_progress() -> None:
    """How the import goes, and what came of it."""
    job: Job | None = st.session_state.get("job_slots", {}).get(SLOT)
    if job is None or (job.state is State.DONE and incoming_weights().name):  # another file was sent since
        return
    if job.state is not State.DONE:
        jobs.show_progress(SLOT, job, QUEUE)
        return
    spec: ModelSpec = job.result
    where = (
        "" if spec.label_space == IMAGENET else f" Its world is “{spec.label_space.title}”; choose it in the sidebar."
    )
    st.success(
        words.plain(f"{spec.title} is ready. {spec.note} Input: {spec.preprocess}.{where}"), icon=":material/check:"
    )


def _choose() -> Wish | None:
    left, right = st.columns(2)
    named = "torchvision's names, or timm: and any name of timm's, such as timm:resnet18"
    architecture = left.selectbox(
        "Architecture", list(ARCHITECTURES), index=None, key="import_architecture", accept_new_options=True, help=named
    )
    title = right.text_input("Title", key="import_title", max_chars=LONGEST_TITLE, placeholder="My ResNet-50").strip()
    classes = _choose_classes()
    with st.popover("Preprocessing and EMA", icon=":material/tune:"):
        changes = _choose_changes()
        chosen = st.segmented_control(
            "Weights in the file", list(CHOICES), default=next(iter(CHOICES)), key="import_weights", required=True
        )
    fits = _show_input(architecture, changes) if architecture else False
    complete = fits and title and classes
    return Wish(architecture, title, CHOICES[chosen], changes, classes) if complete else None


def _show_input(architecture: str, changes: dict) -> bool:
    """How images will become the network's input, or what is wrong with the choice; whether it can be."""
    if not warmup.all_ready():  # an architecture of timm's brings torch
        return True
    try:
        stated, source = stated_preprocess(find_architecture(architecture))
        preprocess = changed_preprocess(stated, **_as_numbers(changes))
    except RobustError as error:
        st.error(words.plain(str(error)))
        return False
    changed = "" if preprocess == stated else ", changed as chosen"
    st.caption(words.plain(f"Input: {preprocess} ({source}{changed})."))
    return True


def _as_numbers(changes: dict) -> dict:
    """`changes` with mean and standard deviation read; raises BadInput."""
    return changes | {name: numbers(changes[name]) for name in ("mean", "std") if name in changes}


def look_at_imported(titles: Sequence[str]) -> None:
    """Choose the model that was imported last, once, as soon as it is among those to choose from."""
    job: Job | None = st.session_state.get("job_slots", {}).get(SLOT)
    if job is None or job.state is not State.DONE or st.session_state.get("import_looked_at") is job:
        return
    if job.result.title in titles:
        st.session_state["import_looked_at"] = job
        st.session_state["model"] = job.result.title


def _choose_classes() -> LabelSpace | None:
    """The classes of the network, read as soon as a list is there; None beside the sentence about what is wrong with
    it.
    """
    types = ["txt", "json", "csv"]
    listed = st.file_uploader(
        "Class list, if the classes are not ImageNet's 1,000",
        types,
        key="import_classes",
        max_upload_size=5,
        help=CLASS_LIST,
    )
    if listed is None:
        return IMAGENET
    try:
        space = _read_classes(listed.getvalue(), listed.name)
    except BadInput as error:
        st.error(words.plain(str(error)))
        return None
    repeated = [name for place, name in enumerate(space.names) if name.endswith(f" ({place})")]
    told = f" Names that occur twice carry their index: {', '.join(repeated[:MOST_REPEATED])}." if repeated else ""
    st.caption(words.plain(f"{len(space.names):,} classes, from {space.names[0]} to {space.names[-1]}.{told}"))
    return space


@lru_cache(maxsize=8)
def _read_classes(data: bytes, name: str) -> LabelSpace:
    """The class list, read once and not in every rerun: it may have 100,000 names."""
    return label_space(data, name)


def _choose_changes() -> dict:
    """Only what differs from the architecture's published preprocessing, as `preprocessing.changed_preprocess` takes
    it.
    """
    left, right = st.columns(2)
    three = "One number or three (red, green, blue), in units of 0 to 1"
    mean = left.text_input("Mean", key="import_mean", placeholder="0.485, 0.456, 0.406", help=three)
    std = right.text_input("Standard deviation", key="import_std", placeholder="0.229, 0.224, 0.225", help=three)
    size = left.number_input(
        "Input size, px", MIN_SIZE_PX, MAX_SIZE_PX, None, key="import_size", placeholder=AS_PUBLISHED
    )
    shorter = "The shorter side is resized to input size / crop fraction, then the centre is cropped"
    fraction = right.number_input(
        "Crop fraction", 0.1, 1.0, None, 0.005, format="%.3f", key="import_crop", placeholder=AS_PUBLISHED, help=shorter
    )
    interpolation = left.selectbox(
        "Interpolation", INTERPOLATIONS, index=None, key="import_interpolation", placeholder=AS_PUBLISHED
    )
    given = {
        "mean": mean.strip(),
        "std": std.strip(),
        "size_px": size,
        "crop_fraction": fraction,
        "interpolation": interpolation,
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def _start(wish: Wish) -> None:
    slots = st.session_state.setdefault("job_slots", {})
    slots.pop(SLOT, None)
    sent = incoming_weights()
    jobs.start(SLOT, (SLOT, sent.token, repr(wish)), partial(_work, sent, wish), QUEUE)


def _work(sent: incoming.Incoming, wish: Wish) -> Generator[Progress, None, ModelSpec]:
    yield Progress(0, None, "", "reading the file")
    spec = import_file(
        sent.path,
        wish.architecture,
        free_key(wish.title),
        wish.title,
        weights=wish.weights,
        changes=_as_numbers(wish.changes),
        classes=wish.classes,
    )
    sent.discard()
    return spec


def numbers(text: str) -> list[float]:
    """The numbers in "0.5" or "0.485, 0.456, 0.406"; raises BadInput."""
    try:
        return [float(part) for part in re.split(r"[,;\s]+", text.strip("[]() "))]
    except ValueError as error:
        raise BadInput(f"Expected numbers such as 0.485, 0.456, 0.406; got {text!r}.") from error


def free_key(title: str) -> str:
    """A key made of the title that no model has."""
    taken = {spec.key for spec in list_models()}
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:56] or "own"
    key, number = plain, 2
    while key in taken:
        key, number = f"{plain}_{number}", number + 1
    return key
