"""Simplicity biases: how smooth, quiet and selective a network's units are, which cues it needs, and what its gradients
follow.
"""

from typing import TYPE_CHECKING, Any

from robust_core.checks import whole
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.studies import cue_removal as cues
from robust_core.studies import gradient_alignment as alignments
from robust_core.studies import simplicity_biases as biases
from robust_core.studies.cue_removal import CueRemoval, CueRemovalRequest
from robust_core.studies.gradient_alignment import GradientAlignment, GradientAlignmentRequest
from robust_core.studies.simplicity_biases import SIGMA, SimplicityBiases, SimplicityBiasesRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models


def simplicity_biases(
    models: "Models",
    images: Any,
    *,
    sigma: float = SIGMA,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> SimplicityBiases:
    """The simplicity biases of Chen et al. 2020 (arXiv 2006.09373), layer by layer: total variation of the first
    kernels and of feature maps, relative to that of the same values in random order; the share of noise energy that
    passes; silent values; and to how many classes a unit answers.

    sigma   standard deviation of the Gaussian noise in pixel units, from 0.001 to 1
    seed    of the noise

    `.sentences()` say where the numbers agree with the paper, where an adversarially trained model and another one are
    among `models`. Raises BadInput for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> found = rc.simplicity_biases("mini_resnext", rc.draw_images("mini", 4), progress=False)
    >>> sorted(set(found.frame["measure"]))[:2]
    ['classes_answered', 'kernel_total_variation']
    """
    chosen = choose(models)
    request = SimplicityBiasesRequest(chosen.specs, as_images(images), sigma, seed)
    return drive(biases.run(request), progress, batch_size, "Simplicity biases", chosen)


def cue_removal(
    models: "Models",
    images: Any,
    *,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> CueRemoval:
    """What is left of the accuracy once a cue is taken away: scrambled patches, another texture, silhouettes, two tones
    and edges (Chen et al. 2020).

    Silhouettes take a known outline and other textures a scene that can be drawn anew: both are there for scenes of
    Mini alone, as `rc.draw_images("mini", 64)` draws them. The label that counts is the true one where it is known,
    else a model's own prediction for the clean image. Raises BadInput for arguments that do not fit, and what the
    models raise.

    >>> import robust_core as rc
    >>> found = rc.cue_removal("mini_resnext", rc.draw_images("mini", 4), progress=False)
    >>> found.frame["test"].to_list()
    ['clean', 'scrambled', 'stylised', 'silhouette', 'two_tone', 'edges']
    """
    chosen = choose(models)
    request = CueRemovalRequest(chosen.specs, as_images(images), whole("seed", seed, 0))
    return drive(cues.run(request), progress, batch_size, "Cue removal", chosen)


def gradient_alignment(
    models: "Models", images: Any, *, batch_size: BatchSize = "auto", progress: ShowProgress = True
) -> GradientAlignment:
    """How well input gradients follow the edges of the images, and how well those of each pair of models agree, as mean
    cosines.

    Gradients are those of each model's own predicted logit, on the smallest input size among the models, which the
    others resize inside themselves. `chance_cosine` is that with the edges of the other images. Raises BadInput for
    arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> images = rc.draw_images("mini", 4)
    >>> found = rc.gradient_alignment(["mini_resnext", "mini_resnext_at8"], images, progress=False)
    >>> found.frame["with"].to_list()
    ['edges', 'edges', 'mini_resnext_at8']
    """
    chosen = choose(models)
    request = GradientAlignmentRequest(chosen.specs, as_images(images))
    return drive(alignments.run(request), progress, batch_size, "Gradient alignment", chosen)
