"""Images of Mini, drawn when they are asked for: `mini/<scene>/<shape>/<texture>/<seed>` is
one of them, and `mini/test/<place>` one of the test set.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from robust_core.errors import UnknownName
from robust_core.images import LabelledImage, to_rgb
from robust_core.labels import MINI
from robust_core.mini.edits import UNEDITED, ObjectEdit
from robust_core.mini.scene_config import CLEAN, HARD, WIDE

NAMES = MINI.names
SCENES = {"clean": CLEAN, "wide": WIDE, "hard": HARD}
SOURCE = "Mini (synthetic)"
LARGEST_SEED = 2**31 - 1


def synthetic_id(scene: str, shape: str, texture: str, seed: int) -> str:
    """The id of one synthetic image: a scene of `SCENES`, two of the 16 categories, and a seed from 0 to
    `LARGEST_SEED`.
    """
    return f"mini/{scene}/{shape}/{texture}/{seed}"


def test_id(place: int) -> str:
    """The id of the image at `place` of Mini's test set."""
    return f"mini/test/{place}"


def read_synthetic(sample_id: str) -> LabelledImage:
    """Draw the image with this id, 64 x 64 px; its label is the category of its shape. Raises UnknownName for any
    other id.
    """
    parts = sample_id.split("/")
    if parts[:2] == ["mini", "test"] and len(parts) == 3:
        return _of_test_set(sample_id, parts[2])
    return replace(read_edited(sample_id, UNEDITED), sample_id=sample_id)


def read_edited(sample_id: str, edit: ObjectEdit) -> LabelledImage:
    """Draw the image with this id, `mini/<scene>/<shape>/<texture>/<seed>`, its object edited and all else as it is.

    Raises UnknownName for any other id.
    """
    scene, shape, texture, seed = _parts(sample_id)
    from robust_core.mini.object_edits import edited_image  # drawing needs torch, naming does not

    drawn = edited_image(NAMES.index(shape), NAMES.index(texture), SCENES[scene], seed, edit)
    title = _title(shape, texture) if edit == UNEDITED else f"{_title(shape, texture)}, {edit}"
    return _labelled(np.ascontiguousarray(to_rgb(drawn.pixels)[0]), NAMES.index(shape), title)


def can_be_edited(sample_id: str) -> bool:
    """Whether an image is a scene of its own, which can be drawn again; those of the test set are drawn together."""
    try:
        return bool(_parts(sample_id))
    except UnknownName:
        return False


def _parts(sample_id: str) -> tuple[str, str, str, int]:
    """Scene, shape, texture and seed."""
    parts = sample_id.split("/")
    if len(parts) != 5 or parts[0] != "mini" or not parts[4].isdecimal() or int(parts[4]) > LARGEST_SEED:
        raise UnknownName("synthetic image", sample_id, [synthetic_id("clean", "dog", "cat", 7)])
    _, scene, shape, texture, seed = parts
    for kind, name, known in (("scene", scene, SCENES), ("category", shape, NAMES), ("category", texture, NAMES)):
        if name not in known:
            raise UnknownName(kind, name, known)
    return scene, shape, texture, int(seed)


def read_test_image(place: int) -> LabelledImage:
    """The image at `place` of Mini's test set, 64 x 64 px, labelled with the category of its shape."""
    from robust_core.mini.world import CHUNK

    chunk, labels = _test_chunk(place // CHUNK)
    label = labels[place % CHUNK]
    return _labelled(chunk[place % CHUNK].copy(), label, f"{NAMES[label]} ({place})")


@lru_cache(maxsize=8)
def _test_chunk(number: int) -> tuple[np.ndarray, list[int]]:
    """The images of the test set that are drawn together."""
    from robust_core.mini.splits import SPLITS, render
    from robust_core.mini.world import CHUNK

    row = SPLITS["test"]
    drawn = render(row, number * CHUNK, min(CHUNK, row.count - number * CHUNK))
    return to_rgb(drawn.pixels), drawn.shape.tolist()


def _of_test_set(sample_id: str, place: str) -> LabelledImage:
    from robust_core.mini.splits import SPLITS

    if not place.isdecimal() or len(place) > 9 or int(place) >= SPLITS["test"].count:
        raise UnknownName("synthetic image", sample_id, [test_id(0), test_id(SPLITS["test"].count - 1)])
    return replace(read_test_image(int(place)), sample_id=sample_id)


def _title(shape: str, texture: str) -> str:
    return shape if shape == texture else f"{shape} with the texture of {texture}"


def _labelled(rgb: np.ndarray, label: int, name: str) -> LabelledImage:
    return LabelledImage.of_pixels(rgb, name, SOURCE, label=label, label_space=MINI, centre_crop_only=True)
