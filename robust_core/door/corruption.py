"""The corruptions of ImageNet-C and ImageNet-C-bar, computed live: on images, or as a grid of accuracies."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.corruptions import BENCHMARK_15, C_BAR_10, CORRUPTIONS, IMAGENET_C_19
from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet, Recipe
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.images import LabelledImage, Preprocess, to_pixels, to_rgb
from robust_core.names import find
from robust_core.studies import corruption_grid as corruption_grids
from robust_core.studies.corruption_grid import CorruptionGrid, CorruptionGridRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models

STORED_PX, RESIZED_PX = 224, 256
SETS = {
    "imagenet-c": BENCHMARK_15,
    "imagenet-c-extra": tuple(name for name in IMAGENET_C_19 if name not in BENCHMARK_15),
    "imagenet-c-bar": C_BAR_10,
}


def corrupt(
    images: Any,
    name: str,
    severity: int,
    *,
    seed: int = 0,
    size_px: int | None = STORED_PX,
    as_stored: bool = False,
) -> ImageSet:
    """The images under corruption `name` at `severity` 1 to 5, as ImageNet-C was made; image i is drawn from `seed` +
    i.

    Larger images become `size_px` px first (shorter side to 8/7 of it, centre crop), as ImageNet-C's did; None keeps
    every size. `as_stored` adds the JPEG of quality 85 that the stored sets went through. Models are shown the result
    as it is, without another resize. Images come one by one when they are asked for. Raises UnknownName for a
    corruption, BadInput for a severity, a size, a switch, or images below 32 px a side.

    >>> import robust_core as rc
    >>> foggy = rc.corrupt(rc.load_images("foolbox", 2), "Fog", 3)
    >>> foggy[0].rgb.shape
    (224, 224, 3)
    """
    found, severity, seed = as_images(images), whole("severity", severity, 1, 5), whole("seed", seed, 0)
    condition = Condition(_name(name), severity, seed, _switch(as_stored))
    size_px = None if size_px is None else whole("size_px", size_px, 32)
    places = {one: place for place, one in enumerate(found.ids)}
    made = "; ".join(filter(None, (f"{condition}, seed {seed}", condition.protocol)))

    def load(one: str) -> LabelledImage:
        return _corrupted(found.load(one), replace(condition, seed=condition.seed + places[one]), size_px)

    return replace(
        found,
        load=load,
        title=", ".join(filter(None, (found.title, str(condition)))),
        rule=f"{found.rule} {made}.",
        origin=f"{found.origin}, {made}, {size_px} px",
        recipe=found.recipe and _recipe(found.recipe, condition, size_px),
    )


def _recipe(of: Recipe, condition: Condition, size_px: int | None) -> Recipe:
    said = {"seed": (condition.seed, 0), "size_px": (size_px, STORED_PX), "as_stored": (condition.as_stored, False)}
    options = {name: value for name, (value, default) in said.items() if value != default}
    return Recipe("corrupt", (of, condition.corruption, condition.severity), options)


def corruption_grid(
    models: "Models",
    images: Any,
    names: "str | Iterable[str]" = "imagenet-c",
    severities: "int | Iterable[int]" = range(1, 6),
    *,
    as_stored: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> CorruptionGrid:
    """Top-1 accuracy of each model under each corruption at each severity, computed live at the model's input size, and
    on clean images.

    names       "imagenet-c" (its 15), "imagenet-c-extra" (its 4 others), "imagenet-c-bar" (10 more, of Mintun et al.
                2021), a corruption, or a list of corruptions
    severities  1 to 5, one or several
    as_stored   whether the images go through JPEG of quality 85, as those of the stored sets did

    The stored images, of 224 px, are measured by `run_benchmark`. The label that counts is the true
    one where it is known, else the clean prediction. Raises BadInput or UnknownName for arguments that do not fit, and
    what the models raise.

    >>> import robust_core as rc
    >>> images = rc.load_images("foolbox", 4)
    >>> grid = rc.corruption_grid("efficientnet_lite0", images, ["fog", "JPEG compression"], 5, progress=False)
    >>> grid.frame[["corruption", "severity", "n"]].values.tolist()
    [['none', 0, 4], ['fog', 5, 4], ['jpeg_compression', 5, 4]]
    """
    found, chosen = as_images(images), choose(models)
    request = CorruptionGridRequest(chosen.specs, found, conditions_of(names, severities, seed, as_stored))
    return drive(corruption_grids.run(request), progress, batch_size, "Corruptions", chosen)


def conditions_of(names: Any, severities: Any, seed: Any, as_stored: Any) -> tuple[Condition, ...]:
    """Each corruption at each severity."""
    levels = severities if isinstance(severities, Iterable) and not isinstance(severities, str) else [severities]
    levels, seed = [whole("severity", one, 1, 5) for one in levels], whole("seed", seed, 0)
    as_stored = _switch(as_stored)
    return tuple(Condition(name, severity, seed, as_stored) for name in _names(names) for severity in levels)


def _names(names: "str | Iterable[str]") -> list[str]:
    if isinstance(names, str):
        sets = {key: key for key in SETS}
        try:
            return list(SETS[find("set of corruptions", names, sets)])
        except BadInput:
            return [_name(names)]
    return list(dict.fromkeys(map(_name, names)))


def _name(name: str) -> str:
    if not isinstance(name, str):
        raise BadInput(f"Expected the name of a corruption; got {name!r}.")
    return find("corruption", name, {key: row.title for key, row in CORRUPTIONS.items()})


def _switch(as_stored: bool) -> bool:
    if not isinstance(as_stored, bool):
        raise BadInput(f"as_stored must be True or False; got {as_stored!r}.")
    return as_stored


def _corrupted(image: LabelledImage, condition: Condition, size_px: int | None) -> LabelledImage:
    shorter = min(image.rgb.shape[:2])
    crop = None if size_px is None or image.centre_crop_only or shorter < size_px else size_px
    resize = None if crop is None else round(crop * RESIZED_PX / STORED_PX)
    as_made = Preprocess(resize, crop, "bilinear", mean=(0.0,) * 3, std=(1.0,) * 3)
    rgb = to_rgb(condition.apply(to_pixels(image, as_made)[None]))[0]
    return replace(image, centre_crop_only=True).with_pixels(rgb, f"{image.name}, {condition}")
