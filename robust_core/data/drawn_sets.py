"""Sets drawn by a seed, with the rule in words: from a collection, and from the images of Mini."""

from typing import Any

from robust_core import data
from robust_core.checks import whole
from robust_core.data.collection import Collection, Sample
from robust_core.data.image_set import ImageSet, Recipe
from robust_core.data.selection import SELECTION_RULE
from robust_core.data.synthetic import NAMES, downstream_id, synthetic_id
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.mini.downstream_tasks import PER_CLASS, get_task

SEEDS_EACH = 64  # of Mini: a set of another seed shares no image with this one
DENOMINATOR = "Images misclassified before the attack count as errors."
SOME_LABELS = (
    "Where it is unknown, each model's clean prediction stands in, so that it is right at step 0 by definition."
)
UNKNOWN_LABELS = (
    "The labels are unknown: each model's clean prediction stands in, so that it is right at step 0 by definition."
)


def synthetic_images(
    n: int, seed: int, scene: str = "clean", avoid: int | None = None, label: int | None = None
) -> ImageSet:
    """`n` images of Mini, every category but `avoid` in turn, or the category `label` alone."""
    names = [name for number, name in enumerate(NAMES) if number != avoid and label in (None, number)]
    shapes = [names[number % len(names)] for number in range(n)]
    ids = tuple(synthetic_id(scene, shape, shape, SEEDS_EACH * seed + number) for number, shape in enumerate(shapes))
    which = f"{len(names)} categories in turn" if label is None else f"all of the category {NAMES[label]}"
    rule = (
        f"{n} synthetic image{'' if n == 1 else 's'}, {which}, scene “{scene}”, each shape in its own texture; "
        f"their seeds are {SEEDS_EACH * seed} to {SEEDS_EACH * seed + n - 1}. The label is the shape. "
    )
    options: dict[str, tuple[Any, Any]] = {"seed": (seed, 0), "scene": (scene, "clean")}
    recipe = _recipe(MINI.key, n, options | {"avoid": (avoid, None), "label": (label, None)})
    return ImageSet(ids, data.read, "Mini", rule + DENOMINATOR, names=tuple(shapes), recipe=recipe)


def downstream_images(task: str, n: int = PER_CLASS) -> ImageSet:
    """The first `n` images of each class of a downstream task of Mini.

    Raises UnknownName for a task that there is none of, and BadInput unless `n` is at least 1.
    """
    row, n = get_task(task), whole("n", n, 1)
    pairs = [(name, number) for number in range(n) for name in row.classes]
    rule = f"The first {n} synthetic images of each of {len(row.classes)} classes. {row.about}"
    return ImageSet(
        tuple(downstream_id(task, name, number) for name, number in pairs),
        data.read,
        row.title,
        rule,
        names=tuple(name for name, _ in pairs),
        recipe=Recipe("downstream_task", (task,), {} if n == PER_CLASS else {"n": n}),
    )


def collection_images(
    collection: Collection,
    n: int,
    seed: int,
    space: LabelSpace,
    *,
    condition: str | None = None,
    label: int | None = None,
    avoid: int | None = None,
) -> ImageSet:
    """At most `n` images of a collection under `condition`, of one class of it where there is a `label`; none whose
    class in `space` is `avoid`.
    """
    there = len(data.list_samples(collection.key, condition=condition, label=label))
    ranked = data.draw(collection.key, there, seed, condition=condition, label=label) if there else ()
    labels_here = {one.id: _label_in(space, one, collection) for one in ranked}
    drawn = [one for one in ranked if avoid is None or labels_here[one.id] != avoid][:n]
    where = " · ".join(
        filter(None, (collection.title, condition, collection.label_space.names[label] if label is not None else None))
    )
    rule = f"{len(drawn)} of the {there:,} images of {where}. {SELECTION_RULE} Seed {seed}. "
    labels = label_words(sum(labels_here[one.id] is not None for one in drawn), len(drawn))
    if collection.label_subset != "imagenet":
        labels += " Attack and score use all classes, not only the collection's own."
    options: dict[str, tuple[Any, Any]] = {
        "condition": (condition, None),
        "label": (label, None),
        "avoid": (avoid, None),
    }
    options |= {"seed": (seed, 0), "classes": (space.key, IMAGENET.key)}
    return ImageSet(
        tuple(one.id for one in drawn),
        data.read,
        where,
        rule + labels,
        names=tuple(one.title for one in drawn),
        recipe=_recipe(collection.key, n, options),
    )


def label_words(known: int, n: int) -> str:
    """What counts as correct where `known` of `n` labels are known."""
    return UNKNOWN_LABELS if not known else SOME_LABELS if known < n else DENOMINATOR


def _recipe(key: str, n: int, options: dict[str, tuple[Any, Any]]) -> Recipe:
    """As `rc.draw_images` is called, whose `options` are given with their defaults."""
    said = {name: value for name, (value, default) in options.items() if value != default}
    return Recipe("draw_images", (key, n), said)


def _label_in(space: LabelSpace, sample: Sample, collection: Collection) -> int | None:
    return None if sample.label is None else space.index_of(sample.label, collection.label_space)
