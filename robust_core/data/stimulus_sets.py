"""Where sets of cue-conflict stimuli come from: Mini's own, and folders of the published images.

Single stimuli made to order are the business of `own_stimuli.py`.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import (
    FAVOURS,
    KEPT_BY_ORHAN,
    LABELS_FILE,
    Stimulus,
    counted,
    cues_in,
    cues_in_table,
    exemplars_in,
)
from robust_core.data import read_file
from robust_core.data.listings import listing, named_below
from robust_core.data.selection import select
from robust_core.data.synthetic import SOURCE
from robust_core.errors import BadInput
from robust_core.images import LabelledImage, shown_name, to_rgb
from robust_core.labels import CATEGORIES, MINI

PUBLISHED_SOURCE = (
    "cue-conflict stimuli (Geirhos et al. 2019; rgeirhos/texture-vs-shape, CC BY 4.0), read as they are stored"
)
FETCH = "python -m robust_core data fetch cue-conflict"


@dataclass(frozen=True, eq=False)
class StimulusImage:
    """A stimulus with its image, and the object's mask (H,W) from 0 to 1 where the one who drew it knows it."""

    stimulus: Stimulus
    image: LabelledImage
    mask: np.ndarray | None


@dataclass(frozen=True, eq=False)
class StimulusSet:
    """Stimuli in a fixed order, by the `rule` in words; `at(place)` gives one of them, from 0 on.

    `key` determines what `at` gives, and `ids` are those of the stimuli. Nothing is read or drawn before it is asked
    for.
    """

    key: tuple
    title: str
    ids: tuple[str, ...]
    rule: str
    at: Callable[[int], StimulusImage]

    @property
    def identity(self) -> dict[str, Any]:
        """Which stimuli they are, as plain values, without reading any."""
        return {
            "title": self.title,
            "rule": self.rule,
            "key_sha256": hashlib.sha256(repr(self.key).encode()).hexdigest(),
        }

    @property
    def caveat(self) -> str:
        """What a reader must know about numbers on these stimuli, as a sentence; "" where they are from no folder."""
        return FAVOURS if self.key[0] == "folder" else ""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)


def synthetic_set() -> StimulusSet:
    """Mini's 1,024 cue-conflict images, 64 x 64 px, those that the mini family's model card counts."""
    from robust_core.mini.identity import WORLD
    from robust_core.mini.splits import CONFLICT

    rule = (
        "Mini's own test set: each of the 16 shapes equally often, in the texture of another category drawn by chance."
    )
    return StimulusSet(
        ("synthetic", WORLD),
        "Drawn cue conflicts",
        tuple(map(_synthetic_id, range(CONFLICT.count))),
        rule,
        _synthetic_conflict,
    )


def stimulus_folders(root: Path) -> dict[str, Path]:
    """The folders with stimuli among `root` and those directly below it, by name; other people's tables of labels are
    no stimuli.
    """
    found = {}
    for folder in (root, *(root / name for name in listing(root).folders if name not in CATEGORIES)):
        with suppress(BadInput):
            if _stimuli_in(folder):
                found[shown_name(folder.name)] = folder
    return found


def folder_set(folder: Path, *, seed: int, as_orhan: bool = False) -> StimulusSet:
    """The stimuli in a folder, ranked by the SHA-256 of the seed with their names, so that the first n are a sample of
    any size.

    They are known by their published names, in the folder itself or in a subfolder per category, or by its
    `labels.csv`. `as_orhan` is that of `stimuli.counted`. Raises BadInput when there is none, or for a table of labels
    that is none.
    """
    files = _stimuli_in(folder)
    counting = counted(list(files), as_orhan=as_orhan)
    stimuli = [counting[place] for place in select([one.name for one in counting], None, seed)]
    if files and not stimuli:
        raise BadInput(
            f"Shape and texture agree in all stimuli in {shown_name(folder.name)} ({len(files)}); expected at least "
            "one conflict between them."
        )
    if not stimuli:
        raise BadInput(
            f"There are no cue-conflict stimuli in {shown_name(folder.name)}; expected names such as "
            f"airplane1-bicycle2.png, or {LABELS_FILE}."
        )

    rule = [f"Ranked by the SHA-256 of the seed ({seed}) and the file name; the first n are taken."]
    if len(files) > len(stimuli):
        rule.append(f"{len(files) - len(stimuli)} without a conflict are left out.")
    if any(not one.is_conflict for one in stimuli):
        rule.append(f"{KEPT_BY_ORHAN} is left in, as Orhan 2019 did, and counts twice where its category is predicted.")
    ids = tuple(one.id for one in stimuli)
    at = partial(_stored, folder, [(stimulus, files[stimulus]) for stimulus in stimuli])
    return StimulusSet(("folder", str(folder), seed, ids), shown_name(folder.name), ids, " ".join(rule), at)


def _stimuli_in(folder: Path) -> dict[Stimulus, Path]:
    """Every stimulus with its file; only files that the listing of the folder or of a subfolder shows, whatever the
    labels say.
    """
    table = folder / LABELS_FILE
    cues = (
        cues_in_table(table.read_text("utf-8", errors="replace")) if table.is_file() and not table.is_symlink() else {}
    )
    class_folders = {"", *CATEGORIES, *(name.rpartition("/")[0] for name in cues)} & {"", *listing(folder).folders}
    found = {}
    for class_folder in sorted(class_folders):
        for name in listing(folder / class_folder).images.values():
            named = f"{class_folder}/{name}" if class_folder else name
            pair = cues.get(named) or cues_in(name)
            if pair:
                found[Stimulus(named, shown_name(name), *pair, exemplars_in(name))] = folder / class_folder / name
    return found


def _stored(folder: Path, files: Sequence[tuple[Stimulus, Path]], place: int) -> StimulusImage:
    stimulus, path = files[place]
    with named_below(folder.parent, path):
        return StimulusImage(stimulus, replace(read_file(path, None, PUBLISHED_SOURCE), centre_crop_only=True), None)


def _synthetic_id(place: int) -> str:
    return f"conflict/{place}"


def _synthetic_conflict(place: int) -> StimulusImage:
    from robust_core.mini.world import CHUNK

    return _synthetic_chunk(place // CHUNK)[place % CHUNK]


@lru_cache(maxsize=32)
def _synthetic_chunk(number: int) -> tuple[StimulusImage, ...]:
    """The stimuli of one chunk, which are drawn together."""
    from robust_core.mini.splits import CONFLICT, render
    from robust_core.mini.world import CHUNK

    images = render(CONFLICT, number * CHUNK, CHUNK)
    frames = to_rgb(images.pixels)
    cues = zip(images.shape.tolist(), images.texture.tolist(), strict=True)
    stimulus_images = []
    for place, (rgb, mask, (shape, texture)) in enumerate(
        zip(frames, images.mask.numpy(), cues, strict=True), start=number * CHUNK
    ):
        name = f"{NAMES[shape]} with the texture of {NAMES[texture]}"
        image = LabelledImage.of_pixels(rgb, name, SOURCE, label=shape, label_space=MINI, centre_crop_only=True)
        stimulus_images.append(
            StimulusImage(Stimulus(_synthetic_id(place), name, NAMES[shape], NAMES[texture]), image, mask)
        )
    return tuple(stimulus_images)
