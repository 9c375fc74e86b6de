"""Attacks against each other: the accuracy that each leaves, what it costs, and what the strongest says against PGD."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.precision import USUAL
from robust_core.checks import whole
from robust_core.door.attack import check_labels
from robust_core.door.attack_configs import configs_of, lengths_of
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, Events, ShowProgress, drive
from robust_core.studies import attack_comparison
from robust_core.studies.attack_comparison import AttackComparison, AttackComparisonRequest
from robust_core.studies.predictions import true_label

if TYPE_CHECKING:
    from robust_core.door.models import Models


def compare_attacks(
    models: "Models",
    images: Any,
    attacks: "str | AttackConfig | Sequence[str | AttackConfig]" = ("pgd", "autoattack"),
    eps: "float | str | Sequence[float | str] | None" = "8/255",
    *,
    norm: str = "linf",
    steps: int | None = None,
    precision: str = USUAL,
    keep: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> AttackComparison:
    """Try several attacks on the same images: what each leaves, its seconds and passes, and how it compares with PGD.

    models   a model, a key of the table, or a list of them
    images   an ImageSet, or what `load_images` takes
    attacks  names of attacks, such as "PGD" or "AutoAttack" (`robust_core.attacks.table.ATTACKS` has all), however
             written; or an AttackConfig, which says all of an attack
    eps      radius of the ball in pixel units, such as 8/255 or "8/255", or a list of them; attacks that look for the
             smallest change take none, and are counted at each; None where every attack says its own
    norm     "linf", "l2", "l1" or "l0", in which all of them search
    steps    how many steps, or queries for each image; None for each attack's own number
    precision  "float32_folded", a copy with batch norm folded into convolutions, or "float32", the network as it is
    keep     whether the result holds the adversarial images

    The result's `frame` has the accuracy that each attack leaves, and what is left when an image counts only if no
    attack breaks it; `gaps` compares each attack with PGD on the same images; `curve_over_eps()` and
    `curve_over_steps()` are the robustness curves of Dong et al. 2020. The label that counts is the true one where it
    is known, else the clean prediction. Raises BadInput or UnknownName for arguments that do not fit, and what the
    models raise.

    >>> import robust_core as rc
    >>> images = rc.load_images("mini", 4)
    >>> result = rc.compare_attacks("mini_resnext", images, ["PGD", "apgd-ce"], "8/255", steps=3, progress=False)
    >>> result.frame[["attack", "ball", "n", "knowledge"]].values.tolist()[:2]
    [['PGD-3', 'L∞ 8/255', 4, 'gradients'], ['APGD-CE-3', 'L∞ 8/255', 4, 'gradients']]
    >>> [(gap.first.title, gap.second.title) for gap in result.gaps]
    [('PGD-3', 'APGD-CE-3')]
    """
    found, chosen, radii = as_images(images), choose(models), lengths_of(eps)
    configs = configs_of(attacks, radii, norm, steps, whole("seed", seed, 0), precision)
    minimal = any(config.row.minimal for config in configs)
    request = AttackComparisonRequest(chosen.specs, found, configs, radii if minimal else (), keep)
    return drive(_compared(request), progress, batch_size, "attacks", chosen)


def _compared(request: AttackComparisonRequest) -> Events[AttackComparison]:
    for spec in request.models:  # before hours of attacks
        some_known = any(true_label(image, spec.label_space) is not None for image in request.images)
        check_labels(spec, some_known, request.images)
    return (yield from attack_comparison.run(request))
