"""`edit-objects`: what models make of an image whose object is edited, one row for each model and edit."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.data.image_set import ImageSet
from robust_core.door import stream
from robust_core.door.drawn_images import draw_images
from robust_core.door.edits import USUAL
from robust_core.door.given_images import BUNDLED, load_images
from robust_core.errors import BadInput
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec


def run(options: Namespace) -> None:
    """Print the accuracy under each edit, what it changes, and what is kept of the images that are right without it."""
    work = stream.edit_objects(options.model, _images(options), options.edit or USUAL, boxes=options.boxes)
    found = follow("object edits", work)
    rows = found.frame.to_dict("records")
    print(f"\n{'model':<28}{'edit':<30}{'n':>5}   {'accuracy, %':<22}{'change, points':<24}kept of what is right, %")
    for row in rows:
        name = f"{row['model']:<28}{row['edit']:<30}{row['n']:>5}"
        change, kept = _cell(row, "change", "change_"), _cell(row, "kept", "kept_")
        print(f"{name}   {_cell(row, 'accuracy', ''):<22}{change:<24}{kept}")
    print("In brackets: 95% Wilson intervals; of changes, which are paired, Newcombe's.", *found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in rows])


def _images(options: Namespace) -> ImageSet:
    """Scenes for Mini's models, photos for all others."""
    if options.images is None and options.boxes is not None:
        raise BadInput("--boxes say where the object is in the photos of a folder; name it with --images.")
    if options.images is None and get_spec(options.model[0]).label_space == MINI:
        images = draw_images(MINI.key, options.n, seed=options.seed)
    else:
        images = _photos(options.images or BUNDLED, options.n, options.seed)
    print(images.rule)
    return images


def _photos(source: Path | str, n: int, seed: int) -> ImageSet:
    """At most `n` photos of a folder, with their labels where its layout tells them."""
    try:
        found, labels = load_images(source), "wnid"
    except BadInput:  # no data set; plain photos have no labels, and nothing else is asked of them
        found, labels = load_images(source, labels=None), None
    return load_images(source, min(n, len(found)), seed=seed, labels=labels)


def _cell(row: dict[str, Any], name: str, prefix: str) -> str:
    """A share with its interval; empty where there is none."""
    value = row[f"{name}_percent"]
    if value is None or value != value:  # of the original nothing is changed, and of no images nothing is kept
        return ""
    return f"{value:.1f} [{row[f'{prefix}low_percent']:.1f}, {row[f'{prefix}high_percent']:.1f}]"
