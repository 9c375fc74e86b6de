"""Images of Mini, drawn when they are asked for: `mini/<scene>/<shape>/<texture>/<seed>` is
one of them, `mini/test/<place>` one of the test set, and `mini/downstream/<task>/<class>/<number>` one of classes that
no network of Mini was trained on.
"""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from robust_core.edits.object_edit import UNEDITED, ObjectEdit
from robust_core.errors import UnknownName
from robust_core.images import LabelledImage, to_rgb
from robust_core.labels import MINI
from robust_core.mini.downstream_tasks import get_task
from robust_core.mini.scene_config import CLEAN, HARD, WIDE

if TYPE_CHECKING:
    from robust_core.mini.world import SyntheticImages

NAMES = MINI.names
SCENES = {"clean": CLEAN, "wide": WIDE, "hard": HARD}
SOURCE = "Mini (synthetic)"
LARGEST_SEED = 2**31 - 1
SCENE_PARTS = 5  # of an id: "mini", the scene, its shape, its texture and the seed
TASK_PARTS = 3  # of an id behind "mini/downstream": the task, the class and the number


def synthetic_id(scene: str, shape: str, texture: str, seed: int) -> str:
    """The id of one synthetic image: a scene of `SCENES`, two of the 16 categories, and a seed from 0 to
    `LARGEST_SEED`.
    """
    return f"mini/{scene}/{shape}/{texture}/{seed}"


def test_id(place: int) -> str:
    """The id of the image at `place` of Mini's test set."""
    return f"mini/test/{place}"


def downstream_id(task: str, name: str, number: int) -> str:
    """The id of image `number` of a class of a downstream task."""
    return f"mini/downstream/{task}/{name}/{number}"


def read_synthetic(sample_id: str) -> LabelledImage:
    """Draw the image with this id, 64 x 64 px; its label is the category of its shape, or its class in its task. Raises
    UnknownName for any other id.
    """
    parts = sample_id.split("/")
    if parts[:2] == ["mini", "downstream"]:
        return _of_task(sample_id, tuple(parts[2:]))
    if parts[:2] == ["mini", "test"] and len(parts) == 3:
        return _of_test_set(sample_id, parts[2])
    return replace(read_edited(sample_id, UNEDITED), sample_id=sample_id)


def read_edited(sample_id: str, edit: ObjectEdit) -> LabelledImage:
    """Draw the scene with this id, its object edited and all else as it is. Raises UnknownName for any other id."""
    _, shape, texture, _ = _scene_of(sample_id)
    title = _title(shape, texture) if edit == UNEDITED else f"{_title(shape, texture)}, {edit}"
    rgb = to_rgb(_drawn(sample_id, edit).pixels)[0]
    return _labelled(np.ascontiguousarray(rgb), NAMES.index(shape), title)


def is_scene(sample_id: str) -> bool:
    """Whether it is the id of a scene, which can be drawn again, and not of an image of the test set, which are drawn
    together, or of no image of Mini.
    """
    try:
        return bool(_scene_of(sample_id))
    except UnknownName:
        return False


def mask_of(sample_id: str) -> np.ndarray:
    """Where the main object of a scene is (64,64), from 0 to 1, before anything is put in front of it; raises as
    `read_synthetic`.
    """
    return _drawn(sample_id, UNEDITED).mask[0].numpy().copy()


def in_texture(sample_id: str, texture: str) -> str:
    """The id of the same scene, whose object wears the texture of another category; raises as `read_synthetic`."""
    scene, shape, _, seed = _scene_of(sample_id)
    return synthetic_id(scene, shape, texture, seed)


def _scene_of(sample_id: str) -> tuple[str, str, str, int]:
    """Scene, shape, texture and seed of an id."""
    parts = sample_id.split("/")
    if len(parts) != SCENE_PARTS or parts[0] != "mini" or not parts[4].isdecimal() or int(parts[4]) > LARGEST_SEED:
        raise UnknownName("synthetic image", sample_id, [synthetic_id("clean", "dog", "cat", 7)])
    _, scene, shape, texture, seed = parts
    for kind, name, known in (("scene", scene, SCENES), ("category", shape, NAMES), ("category", texture, NAMES)):
        if name not in known:
            raise UnknownName(kind, name, known)
    return scene, shape, texture, int(seed)


@lru_cache(maxsize=256)
def _drawn(sample_id: str, edit: ObjectEdit) -> "SyntheticImages":
    """The scene with all that is known of it, which is asked for image and mask apart."""
    scene, shape, texture, seed = _scene_of(sample_id)
    from robust_core.mini.object_edits import edited_image  # drawing needs torch, naming does not

    return edited_image(NAMES.index(shape), NAMES.index(texture), SCENES[scene], seed, edit)


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


@lru_cache(maxsize=1024)  # 12 MB
def _of_task(sample_id: str, parts: tuple[str, ...]) -> LabelledImage:
    """An image of a downstream task; `parts` are the task, the class and the number."""
    if len(parts) != TASK_PARTS or not parts[2].isdecimal() or int(parts[2]) > LARGEST_SEED:
        raise UnknownName("synthetic image", sample_id, [downstream_id("new_shapes", "cup", 0)])
    task, name, number = get_task(parts[0]), parts[1], int(parts[2])
    if name not in task.classes:
        raise UnknownName("class", name, task.classes)
    from robust_core.mini.downstream_images import downstream_image

    label = task.classes.index(name)
    rgb = np.ascontiguousarray(to_rgb(downstream_image(task, label, number)[None])[0])
    made = LabelledImage.of_pixels(
        rgb, f"{name} ({number})", SOURCE, label=label, label_space=task.label_space, centre_crop_only=True
    )
    return replace(made, sample_id=sample_id)


def _title(shape: str, texture: str) -> str:
    return shape if shape == texture else f"{shape} with the texture of {texture}"


def _labelled(rgb: np.ndarray, label: int, name: str) -> LabelledImage:
    return LabelledImage.of_pixels(rgb, name, SOURCE, label=label, label_space=MINI, centre_crop_only=True)
