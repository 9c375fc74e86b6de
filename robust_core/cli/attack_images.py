"""The images that `attack` attacks: of a folder, or Mini's own."""

from argparse import Namespace
from pathlib import Path

from robust_core.data import labelled_images
from robust_core.data.image_set import ImageSet
from robust_core.door.given_images import SYNTHETIC, load_images
from robust_core.errors import BadInput
from robust_core.labels import IMAGENET, MINI
from robust_core.models import get_spec


def images_for(options: Namespace) -> ImageSet:
    """At most --n images of --images, drawn by --seed; says which they are.

    Raises BadInput where a model does not have the classes by which they are labelled.
    """
    folder: Path = options.images
    if str(folder) == SYNTHETIC and not folder.is_dir():
        _check_classes(options, MINI.key, "Mini's classes, by which its images are labelled")
        found = load_images(SYNTHETIC)
        drawn = load_images(SYNTHETIC, min(options.n, len(found)), seed=options.seed)
        of = len(found)
    else:
        if not folder.exists():
            raise BadInput(f"There is no folder {folder}.")
        _check_classes(options, IMAGENET.key, "ImageNet's classes, by which the folders are named")
        labelled = labelled_images(folder)
        print(*labelled.sentences, sep="\n")
        images = labelled.draw(options.n, options.seed)
        drawn, of = ImageSet.of(images, labelled.title, f"Drawn by seed {options.seed}."), len(labelled.files)
    print(f"{len(drawn)} of {of:,} images{_fewer(options.n, len(drawn))}, drawn by seed {options.seed}.")
    return drawn


def _check_classes(options: Namespace, space: str, needed: str) -> None:
    for key in options.model:
        if get_spec(key).label_space.key != space:
            raise BadInput(f"{key} does not have {needed}.")


def _fewer(n: int, drawn: int) -> str:
    return f" ({n} were requested)" if n > drawn else ""
