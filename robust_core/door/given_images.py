"""Images of the door: of folders and data sets, by the rules of the dashboard, or of arrays; read when their turn
comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from robust_core.checks import whole
from robust_core.data import is_sample, read
from robust_core.data.image_set import ImageSet, Recipe
from robust_core.data.listings import listing, named_below, read_file
from robust_core.data.selection import SELECTION_RULE, name_of, select
from robust_core.door.given_labels import by_id, counted
from robust_core.errors import BadInput
from robust_core.images import LabelledImage

BUNDLED, SYNTHETIC = "foolbox", "mini"


def load_images(
    source: Any,
    n: int | None = None,
    *,
    seed: int = 0,
    labels: "str | Sequence[int | str] | Mapping[str, int | str] | None" = "wnid",
    classes: Sequence[str] | None = None,
    title: str = "",
) -> ImageSet:
    """Images of a folder (`str` or `Path`), or of arrays; `n` of them are drawn by `seed`, as everywhere in the
    project, or all are taken.

    source   a folder: class folders named by WordNet ids, or any data set that the README's table knows. "foolbox" are
             the twenty labelled images that come with the project, "mini" are synthetic images. Or arrays:
             (N,H,W,3) or (N,3,H,W), uint8, or floats in [0, 1] before any normalisation, which are rounded to 8 bits;
             PIL images, file names, `LabelledImage`s, or pairs of an image and its label. An image of the dashboard has
             an id, such as "foolbox/03" or "mini/clean/dog/cat/7", which is taken like a file name
    labels   "wnid" as data sets have them; "folder" for one class per subfolder in alphabetical order, as torchvision's
             ImageFolder; whole numbers (the position of the class among the model's) or names, one for each image; a
             mapping from file names to them; None for none
    classes  the names that whole-number labels count in, in order
    title    what the set is called, in place of what its source says

    Raises BadInput for what is no image, a folder without images, labels that do not fit, or an `n` that is too large;
    BadImage, when an image is read, for a file that is not sound.

    >>> import robust_core as rc
    >>> photos = rc.load_images("foolbox", 3, seed=1)
    >>> len(photos), photos.frame.columns.to_list()
    (3, ['image', 'label', 'width_px', 'height_px', 'source', 'sha256'])
    """
    seed = whole("seed", seed, 0)
    every, names = _found(source, labels)
    found = _labelled(every, source, labels, classes)
    recipe = _recipe(source, n, seed, labels, classes)
    found = replace(found, title=title or found.title, recipe=recipe or found.recipe)
    if n is None:
        return found
    n = whole("n", n, 1, len(found))
    ids = tuple(found.ids[place] for place in select(names, n, seed))
    return replace(found, ids=ids, names=(), rule=f"{n:,} of {len(found):,}, seed {seed}: {SELECTION_RULE}")


def as_images(images: Any) -> ImageSet:
    """An ImageSet as it is, and anything else as `load_images` takes it; a single image is a set of one."""
    if isinstance(images, ImageSet):
        found = images
    elif isinstance(images, LabelledImage) or _is_one(images):
        found = load_images([images], labels=None)
    else:
        found = load_images(images)
    found.require_images()
    return found


def as_image(image: Any) -> LabelledImage:
    """The only image in what `as_images` takes; raises BadInput for several."""
    found = as_images(image)
    if len(found) > 1:
        raise BadInput(f"This is about one image at a time; got {len(found)}.")
    return found[0]


def _recipe(source: Any, n: int | None, seed: int, labels: Any, classes: Sequence[str] | None) -> Recipe | None:
    """How the same call is written again; None for what has no short name."""
    if not isinstance(source, str | Path) or not (labels is None or isinstance(labels, str)) or classes is not None:
        return None
    options: dict[str, Any] = {} if labels == "wnid" else {"labels": labels}
    if n is not None and seed:
        options["seed"] = seed
    return Recipe("load_images", (str(source),) if n is None else (str(source), n), options)


def _is_one(images: Any) -> bool:
    path = isinstance(images, str | Path) and Path(images).expanduser().is_file()
    return path or getattr(images, "ndim", None) == 3 or type(images).__module__.startswith("PIL.")


def _found(source: Any, labels: Any) -> tuple[ImageSet, Sequence[str]]:
    """All images of a source, and the names by which some of them are selected."""
    if not isinstance(source, str | Path):
        found = _given(source)
    elif isinstance(source, str) and is_sample(source):
        found = _given([source])
    elif str(source) == BUNDLED:
        found = _bundled()
    elif str(source) == SYNTHETIC:
        found = _synthetic()
    elif isinstance(labels, str) and labels == "wnid":
        found = _data_set(_folder(source))
    else:
        found = _files_in(_folder(source))
        return found, [name_of(one) for one in found.ids]
    return found, found.ids


def _given(source: Any) -> ImageSet:
    if isinstance(source, ImageSet):
        return source
    if not isinstance(source, Iterable) or isinstance(source, bytes | Mapping):
        raise BadInput(f"Expected a folder, arrays or a list of images; got {type(source).__name__}.")
    from robust_core.door.arrays import images_in

    return ImageSet.of(images_in(source))


def _folder(name: str | Path) -> Path:
    path = Path(name).expanduser()
    if not path.is_dir():
        raise BadInput(f'There is no folder {name}; expected a folder, "{BUNDLED}" or "{SYNTHETIC}".')
    return path


def _files_in(path: Path) -> ImageSet:
    files = _files_below(path)
    if not files:
        raise BadInput(f"There are no images in {path.name}, nor in its subfolders.")
    by_id = {str(file.relative_to(path)): file for file in files}

    def read(one: str) -> LabelledImage:
        with named_below(path, by_id[one]):
            return read_file(by_id[one], None, "a folder of yours")

    return ImageSet(tuple(by_id), read, path.name, "All, by path.", origin=str(path.resolve()))


def _bundled() -> ImageSet:
    from robust_core.data.foolbox import Foolbox

    photos = Foolbox()
    ids = {one.removeprefix("foolbox/"): one for one in photos.by_id()}
    if not ids:
        raise BadInput(
            "Foolbox is not installed, so its twenty labelled images are missing; install it with pip install foolbox."
        )
    return ImageSet(
        tuple(ids), lambda one: read(ids[one]), photos.title, "All, in their numbered order.", origin=BUNDLED
    )


def _synthetic() -> ImageSet:
    from robust_core.mini.splits import SPLITS

    return ImageSet(
        tuple(f"test/{place}" for place in range(SPLITS["test"].count)),
        lambda one: read(f"{SYNTHETIC}/{one}"),
        "Mini test set",
        "All, in their numbered order.",
        origin=SYNTHETIC,
    )


def _data_set(path: Path) -> ImageSet:
    """The labelled images of a folder, told as commands and pages tell them."""
    from robust_core.data import labelled_images

    found = labelled_images(path)
    files = dict(zip(found.ids, found.files, strict=True))
    return ImageSet(
        tuple(files),
        lambda one: found.read(files[one]),
        found.title,
        "All, by class and file name.",
        found.sentences[1:],
        found.classes_compared,
        origin=str(path.resolve()),
    )


def _files_below(folder: Path, deepest: int = 6) -> list[Path]:
    content = listing(folder)
    below = (file for name in sorted(content.folders) if deepest for file in _files_below(folder / name, deepest - 1))
    return [*(folder / name for name in sorted(content.images.values())), *below]


def _labelled(found: ImageSet, source: Any, labels: Any, classes: Sequence[str] | None) -> ImageSet:
    """The same images with the labels that the caller gives."""
    if labels is None:
        return replace(found, load=lambda one: replace(found.load(one), label=None), labelling="none")
    if isinstance(labels, str) and labels == "wnid":
        if classes is not None:
            raise BadInput('classes name what labels count in; give labels too, such as labels="folder".')
        return found
    space, indices = counted(by_id(found.ids, labels), classes)

    def load(one: str) -> LabelledImage:
        return replace(found.load(one), label=indices[one], label_space=space)

    labelling = f"{space.key} {[indices[one] for one in found.ids]}"
    return replace(found, load=load, classes=None, labelling=labelling)
