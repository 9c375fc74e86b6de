"""Mixing: one classifier made of two or three, at every α."""

from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING, Any

from robust_core.attacks.config import AttackConfig
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.door.attack_configs import configs_of, lengths_of
from robust_core.door.conditions import as_condition
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.labels import LabelSpace
from robust_core.mixing.table import FEWEST_MODELS, MIX_KINDS, Alphas, MixKind, ladder, of_two
from robust_core.names import find
from robust_core.studies import mixing
from robust_core.studies.mixing import MixingRequest, usual_norm_images
from robust_core.studies.mixing_outcomes import Mixture

if TYPE_CHECKING:
    from robust_core.door.models import Models

USUAL = "usual"


def mix(
    models: "Models",
    images: Any,
    kind: str = "probabilities",
    alphas: Any = None,
    *,
    eps: "float | str | None" = None,
    attack: str = "pgd",
    norm: str = "linf",
    steps: int | None = None,
    condition: Condition | None = None,
    norm_images: Any = USUAL,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> Mixture:
    """Mix two or three models, and measure every mix on the same images: clean, corrupted, and attacked through the
    mixture itself.

    models       two or three with the same classes; they see one grid of pixels, the first's input size
    images       labelled: an ImageSet, or what `load_images` takes
    kind         "probabilities" or "logits" of the models are averaged, or their "weights", which must be of one
                 architecture
    alphas       None for the usual mixes: two models in steps of 0.1, three in quarters. Or a list of mixes, each with
                 an α for every model, such as (0.1, 0.9); of two models also a number or several, which are the
                 second's α. A model whose α is 1 is itself, bit for bit
    eps          radius of the attack's ball in pixel units, such as "8/255"; None for no attack
    attack       a key of the table of attacks with an eps; `steps` None for its own number
    condition    a corruption, such as rc.Condition("fog", 3, seed=0), under which the images are seen too
    norm_images  on which the batch-norm statistics of averaged weights are recomputed: "usual" for 256 images of Mini
                 with seeds of their own, or elsewhere the measured images; other images; or None, which averages the
                 statistics too

    `.frame` has a row for each mix and kind of images, `.figure()` draws the frontier. Raises BadInput or UnknownName
    for arguments that do not fit or images without a label, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> found = rc.mix(["mini_resnext", "mini_resnext_at8"], images, alphas=0.9, eps="8/255", steps=2, progress=False)
    >>> found.frame[["mix", "images", "n"]].values.tolist()[0]
    ['0.10 × mini_resnext + 0.90 × mini_resnext_at8', 'clean', 4]
    """
    found, chosen = as_images(images), choose(models)
    row = MIX_KINDS[find("kind of mixture", kind, {key: row.title for key, row in MIX_KINDS.items()})]
    request = MixingRequest(
        chosen.specs,
        found,
        row.key,
        mixes_of(alphas, len(chosen.specs)),
        CLEAN if condition is None else as_condition(condition),
        None if eps is None else _attack(attack, eps, norm, steps, seed),
        _norm_images(norm_images, row, found, chosen.specs[0].label_space),
    )
    return drive(mixing.run(request), progress, batch_size, "Mixing", chosen)


def mixes_of(alphas: Any, models: int) -> tuple[Alphas, ...]:
    """The mixes as people write them; what an α is, the request checks."""
    if alphas is None:
        return ladder(models)
    several = [alphas] if isinstance(alphas, Real) else alphas
    if not isinstance(several, Iterable) or isinstance(several, str):
        raise BadInput(f"alphas must be a list of mixes, such as [(0.1, 0.9)]; got {alphas!r}.")
    return tuple(_mix(one, models) for one in several)


def _mix(one: Any, models: int) -> Alphas:
    if isinstance(one, Real) and models == FEWEST_MODELS:
        return of_two(float(one))
    if not isinstance(one, Iterable) or isinstance(one, str):
        raise BadInput(f"A mix of {models} models has an α for each; got {one!r}.")
    return tuple(one)


def _attack(attack: str, eps: Any, norm: str, steps: int | None, seed: int) -> AttackConfig:
    configs = configs_of(attack, lengths_of(eps), norm, steps, seed)
    if len(configs) != 1:
        raise BadInput(f"Mixtures are attacked at one eps; got {len(configs)}.")
    return configs[0]


def _norm_images(given: Any, row: MixKind, images: ImageSet, space: LabelSpace) -> ImageSet | None:
    if not isinstance(given, str) or given != USUAL:
        return None if given is None else as_images(given)
    return usual_norm_images(space, images) if row.one_architecture else None
