"""Transfer: does what fools one model fool another?"""

from typing import TYPE_CHECKING, Any

from robust_core.door.attack_configs import configs_of, lengths_of
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.studies import transfer_matrix as transfer_matrices
from robust_core.studies.transfer_matrix import TransferMatrix, TransferMatrixRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def transfer_matrix(
    models: "Models",
    images: Any,
    eps: "float | str",
    *,
    attack: str = "pgd",
    norm: str = "linf",
    steps: int | None = None,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> TransferMatrix:
    """Attack each model, and have every model judge what each attack ends with: accuracy left by source and target, and
    which fraction of what the target had right is fooled, by the attack and by random noise of the same eps.

    eps     radius of the ball in pixel units, such as 4/255 or "4/255", on the source's grid: its own input size. A
            target of another input size resizes the attacked image inside itself (bilinear, antialiased)
    attack  a key of the table of attacks with an eps, such as "pgd"; it goes on once an image fools the source
    steps   or queries, as the attack counts them; None for the attack's own number

    The label that counts is the true one where it is known, else a model's own prediction for the clean image. Raises
    BadInput or UnknownName for arguments that do not fit or models of different classes, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> result = rc.transfer_matrix(["mini_resnext", "mini_resnext_wsl"], images, "8/255", steps=2, progress=False)
    >>> result.frame[["source_model", "target_model", "white_box", "n"]].values.tolist()[1]
    ['mini_resnext', 'mini_resnext_wsl', False, 4]
    >>> len(result.frame)
    4
    """
    found, chosen = as_images(images), choose(models)
    configs = configs_of(attack, lengths_of(eps), norm, steps, seed)
    if len(configs) != 1:
        raise BadInput(f"A transfer matrix has one eps; got {len(configs)}.")
    request = TransferMatrixRequest(chosen.specs, found, configs[0])
    return drive(transfer_matrices.run(request), progress, batch_size, "Transfer", chosen)
