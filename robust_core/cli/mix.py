"""`mix`: mixtures of two or three models on clean, corrupted and attacked images, one row for each mix."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from robust_core.cli.progress import follow
from robust_core.cli.tables import write_table
from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.door import stream
from robust_core.door.corruption import conditions_of
from robust_core.door.given_images import BUNDLED, SYNTHETIC, load_images
from robust_core.errors import BadInput
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies.mixing_outcomes import MixPoint, Mixture

WIDTH = 21  # of a cell
SEVERITY = 3


def run(options: Namespace) -> None:
    """Print the mixes, and what the best of them gains."""
    work = stream.mix(
        options.model,
        _images(options),
        options.kind,
        _alphas(options),
        eps=_one("--eps", options.eps),
        attack=_one("--attack", options.attack) or "pgd",
        norm=options.norm,
        steps=options.steps,
        condition=_condition(options),
        seed=options.seed,
    )
    found = follow("mixing", work)
    shown = list(found.points[0].correct)
    print(f"\n{''.join(f'{name:<{WIDTH}}' for name in shown)}{'n':>5}{'seconds':>9}   mix")
    for point, mix in zip(found.points, found.frame["mix"].unique(), strict=True):
        print(f"{_cells(point, shown)}{point.n:>5}{point.seconds:>9.1f}   {mix}")
    print("In percent; in brackets: Wilson's 95% intervals.\n")
    print(*(f"- {sentence}" for sentence in found.sentences()), sep="\n")
    write_table(options.out, _rows(found, options.seed))


def _images(options: Namespace) -> ImageSet:
    """Those of --images, drawn where --n says so; the world's own where no folder is named."""
    own = SYNTHETIC if get_spec(options.model[0]).label_space == MINI else BUNDLED
    found = load_images(options.images or own)
    images = found if len(found) <= options.n else load_images(options.images or own, options.n, seed=options.seed)
    print(f"{len(images):,} images of “{images.title}”. {images.rule}")
    return images


def _one(flag: str, given: Sequence[Any] | None) -> Any:
    """What an option of several words names, None where it is not given; raises BadInput for several."""
    if given is not None and len(given) > 1:
        raise BadInput(f"Mixtures are measured under one attack and one corruption; got {len(given)} for {flag}.")
    return given[0] if given else None


def _alphas(options: Namespace) -> list[Any] | None:
    return None if options.alpha is None else [_mix(one) for one in options.alpha]


def _mix(word: str) -> float | tuple[float, ...]:
    """One α, or one for each model."""
    try:
        found = tuple(map(float, word.split(",")))
    except ValueError:
        raise BadInput(f"--alpha takes numbers, such as 0.9 or 0.5,0.25,0.25; got {word!r}.") from None
    return found[0] if len(found) == 1 else found


def _condition(options: Namespace) -> Condition | None:
    name, severity = _one("--corruption", options.corruption), _one("--severity", options.severity)
    if name is None:
        return None
    (found,) = conditions_of([name], severity or SEVERITY, options.seed, False)
    return found


def _cells(point: MixPoint, shown: list[str]) -> str:
    said = [point.accuracy(name) for name in shown]
    return "".join(
        f"{f'{100 * one.estimate:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]':<{WIDTH}}" for one in said
    )


def _rows(found: Mixture, seed: int) -> list[dict[str, Any]]:
    return [row | {"seed": seed} for row in found.frame.to_dict("records")]
