"""`edit-objects`: what models make of a scene whose object is edited, one row for each model and edit."""

from argparse import Namespace

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.door import stream
from robust_core.door.drawn_images import draw_images
from robust_core.door.edits import USUAL


def run(options: Namespace) -> None:
    """Print the accuracy under each edit, and what is kept of the images that are right as they are."""
    images = draw_images("mini", options.n, seed=options.seed)
    print(images.rule)
    found = follow("object edits", stream.edit_objects(options.model, images, options.edit or USUAL))
    rows = found.frame.to_dict("records")
    print(f"\n{'model':<28}{'edit':<30}{'n':>5}   {'accuracy, %':<22}kept of what is right unedited, %")
    for row in rows:
        accuracy = f"{row['accuracy_percent']:.1f} [{row['low_percent']:.1f}, {row['high_percent']:.1f}]"
        kept = "none is" if not row["n_right_unedited"] else _kept(row)
        print(f"{row['model']:<28}{row['edit']:<30}{row['n']:>5}   {accuracy:<22}{kept}")
    print("In brackets: 95% Wilson intervals.", *found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in rows])


def _kept(row: dict) -> str:
    return f"{row['kept_percent']:.1f} [{row['kept_low_percent']:.1f}, {row['kept_high_percent']:.1f}]"
