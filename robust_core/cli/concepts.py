"""`concepts`: what a network's activations for a class are made of, one row for each model and concept."""

from argparse import Namespace
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.data.image_set import ImageSet
from robust_core.door import stream
from robust_core.door.drawn_images import draw_images
from robust_core.door.given_images import BUNDLED, load_images
from robust_core.errors import UnknownName
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies.concept_outcomes import ALL_CONCEPTS, MEASURES, ModelConcepts
from robust_core.studies.layer_biases import Estimate

LINE = "{:<28}{:<9}{:<34}{:<26}{}"


def run(options: Namespace) -> None:
    """Print what is known of each concept, and of all of them together."""
    images = _images(options)
    print(f"{len(images):,} images of “{images.title}”. {images.rule}")
    given = {"concepts": options.concepts, "crop_fraction": options.crop_size, "seed": options.seed}
    found = follow("concepts", stream.concepts(options.model, images, getattr(options, "class"), **given))
    print("\n" + LINE.format("model", "concept", "measure", "value", "unit"))
    for one in found.by_model:
        for measured in sorted(one.measured, key=lambda it: (it.number == ALL_CONCEPTS, it.number)):
            concept = str(measured.number) if measured.number else "all"
            row = (one.spec.name, concept, measured.measure.title, _written(measured.estimate), measured.measure.unit)
            print(LINE.format(*row))
    print("In brackets: 95% intervals, 1,000 bootstrap resamples of the images; Wilson's where they are counted.\n")
    print("\n".join(f"{one.title} ({one.unit}): {one.about}" for one in MEASURES))
    print(*map(_found_in, found.by_model), *found.sentences(), sep="\n")
    write_table(options.out, [row | {"seed": options.seed} for row in found.frame.to_dict("records")])


def _images(options: Namespace) -> ImageSet:
    """At most --n images of --images; in Mini, where no folder is named, scenes of the class."""
    space, name = get_spec(options.model[0]).label_space, getattr(options, "class")
    if options.images is None and space == MINI:
        label = None if name is None else space.index_called(name)
        if name is not None and label is None:
            raise UnknownName("class", name, space.names)
        return draw_images(MINI.key, options.n, seed=options.seed, label=label)
    source: Any = options.images or BUNDLED
    return load_images(source, min(options.n, len(load_images(source))), seed=options.seed)


def _found_in(one: ModelConcepts) -> str:
    return f"{one.spec.name}: found in {one.crops_in_all:,} crops of {one.n:,} images."


def _written(estimate: Estimate) -> str:
    bounds = "" if estimate.low != estimate.low else f" [{estimate.low:.2f}, {estimate.high:.2f}]"
    return "–" if estimate.value != estimate.value else f"{estimate.value:.2f}{bounds}"
