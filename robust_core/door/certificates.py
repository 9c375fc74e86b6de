"""Proof and attack: how far predictions in noise are certified, and the smallest change found that fools them."""

from typing import TYPE_CHECKING, Any

from robust_core.certificates.smoothing import SmoothedSearch
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.studies import certified_radius
from robust_core.studies.certified_radius import CertifiedRadius, CertifiedRadiusRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def certify(
    models: "Models",
    images: Any,
    sigma: float | None = None,
    *,
    n: int = 1000,
    alpha: float = 0.001,
    n0: int = 100,
    attack: bool = True,
    steps: int = 20,
    draws: int = 32,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> CertifiedRadius:
    """Certify the predictions of smoothed models by randomised smoothing (Cohen et al. 2019), and look for the smallest
    L2 change that fools them (after Salman et al. 2019).

    models  a model, a key of the table, or a list of them
    images  an ImageSet, or what `load_images` takes
    sigma   of the Gaussian noise in pixel units; None for what each model was trained with
    n       draws of noise that each radius is certified from; no radius is above σ·Φ⁻¹(α^(1/n))
    alpha   probability with which a certificate may be wrong
    n0      draws that choose the class
    attack  whether the smallest change is looked for, in `steps` along the gradient over `draws` of noise; it counts
            where PREDICT, on fresh draws, returns another class, and not where it abstains

    `.frame` has accuracy at every radius: certified below, not broken above, and what lies in between; `.by_image()`
    has the radius and the distance of every image. Time grows with n and the number of images. Raises BadInput or
    UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> images, few = rc.load_images("mini", 2), {"n": 20, "n0": 10, "steps": 2, "draws": 2}
    >>> result = rc.certify("mini_resnext", images, 0.1, **few, progress=False)
    >>> result.frame["bound"].unique().tolist(), result.by_image().shape[0]
    (['certified', 'not broken', 'in between'], 2)
    """
    found, chosen = as_images(images), choose(models)
    search = SmoothedSearch(steps, draws) if attack else None
    request = CertifiedRadiusRequest(chosen.specs, found, sigma, n, alpha, n0, search, seed)
    return drive(certified_radius.run(request), progress, batch_size, "Certificates", chosen)
