"""`simplicity-biases`, `cue-removal` and `gradient-alignment`: what the units of a network are like, which cues it
needs, and what its gradients follow.
"""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.data.image_set import ImageSet
from robust_core.door import stream
from robust_core.door.drawn_images import draw_images
from robust_core.door.given_images import BUNDLED, load_images
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies.layer_biases import BY_LAYER, KERNELS, MEASURES
from robust_core.studies.study_result import StudyResult


def run_biases(options: Namespace) -> None:
    """Print a row for each model and layer, and where they agree with the paper."""
    work = stream.simplicity_biases(options.model, _images(options), sigma=options.sigma, seed=options.seed)
    found = follow("simplicity biases", work)
    rows = _rows(found)
    print(f"\n{'model':<28}{'layer':<24}" + "".join(f"{measure.title:>30}" for measure in BY_LAYER))
    for key, cells in _by_layer(rows).items():
        print(f"{key[0]:<28}{key[1]:<24}" + "".join(f"{cells.get(measure.key, ''):>30}" for measure in BY_LAYER))
    print(f"\n{KERNELS.title} ({KERNELS.unit}):")
    for row in rows:
        if row["measure"] == KERNELS.key:
            print(f"{row['model']:<28}{row['layer']:<24}{_cell(row, 2)}  n = {row['n']} {row['n_of']}")
    print("In brackets: 95% intervals, 1,000 bootstrap resamples of the images, or of the filters for kernels.\n")
    print(*found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in rows])


def run_cues(options: Namespace) -> None:
    """Print a row for each model and test."""
    found = follow("cue removal", stream.cue_removal(options.model, _images(options), seed=options.seed))
    rows = _rows(found)
    print(
        f"\n{'model':<28}{'test':<12}{'removes':<22}{'n':>5}   {'accuracy, %':<22}kept of what is right when clean, %"
    )
    for row in rows:
        kept = _bounded(row, ("kept_percent", "kept_low_percent", "kept_high_percent"), 1)
        accuracy = _bounded(row, ("accuracy_percent", "low_percent", "high_percent"), 1)
        print(f"{row['model']:<28}{row['test']:<12}{row['removes']:<22}{row['n']:>5}   {accuracy:<22}{kept}")
    print("In brackets: 95% intervals, Wilson's.\n")
    print(*found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in rows])


def run_alignment(options: Namespace) -> None:
    """Print a row for each model with the edges, and for each pair of models."""
    found = follow("gradient alignment", stream.gradient_alignment(options.model, _images(options)))
    rows = _rows(found)
    print(f"\n{'model':<28}{'with':<28}{'n':>5}   {'cosine':<22}by chance")
    for row in rows:
        chance = "" if row["with"] != "edges" else _bounded(row, ("chance_cosine", "chance_low", "chance_high"), 2)
        cosine = _bounded(row, ("cosine", "low", "high"), 2)
        print(f"{row['model']:<28}{row['with']:<28}{row['n']:>5}   {cosine:<22}{chance}")
    print("In brackets: 95% intervals, 1,000 bootstrap resamples of the images.\n")
    print(*found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in rows])


def _images(options: Namespace) -> ImageSet:
    """At most --n images of --images, drawn by --seed; the world's own where no folder is named."""
    if options.images is None and get_spec(options.model[0]).label_space == MINI:
        images = draw_images(MINI.key, options.n, seed=options.seed)
    else:
        source = options.images or BUNDLED
        images = load_images(source, min(options.n, len(load_images(source))), seed=options.seed)
    print(f"{len(images):,} images of “{images.title}”. {images.rule}")
    return images


def _by_layer(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """The cells of each model and layer, by measure."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        if row["measure"] != KERNELS.key:
            decimals = MEASURES[row["measure"]].decimals
            found.setdefault((row["model"], row["layer"]), {})[row["measure"]] = _cell(row, decimals)
    return found


def _rows(found: StudyResult) -> list[dict[str, Any]]:
    return found.frame.to_dict("records")


def _cell(row: Mapping[str, Any], decimals: int) -> str:
    return _bounded(row, ("value", "low", "high"), decimals)


def _bounded(row: Mapping[str, Any], names: tuple[str, str, str], decimals: int) -> str:
    value, low, high = (row[name] for name in names)
    if value is None or value != value:  # nothing is known, such as of images that do not vary
        return "–"
    bounds = "" if low is None or low != low else f" [{low:.{decimals}f}, {high:.{decimals}f}]"
    return f"{value:.{decimals}f}{bounds}"
