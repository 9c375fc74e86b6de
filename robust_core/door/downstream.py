"""Transfer learning: how well features serve other classes, how alike they are, and what training all weights adds."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust_core.data.drawn_sets import downstream_images
from robust_core.data.image_set import ImageSet
from robust_core.door.given_images import as_images, load_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.mini.downstream_tasks import DOWNSTREAM_TASKS, PER_CLASS
from robust_core.names import find
from robust_core.studies import feature_similarity as feature_similarities
from robust_core.studies import fine_tuning
from robust_core.studies import linear_probe as linear_probes
from robust_core.studies.feature_similarity import FeatureSimilarity, FeatureSimilarityRequest
from robust_core.studies.fine_tuned_models import FineTuning
from robust_core.studies.fine_tuning import LEARNING_RATE, STEPS, TRAIN_BATCH_SIZE, FineTuningRequest
from robust_core.studies.linear_probe import DRAWS, FOLDS, IMAGES_PER_CLASS, REPEATS, LinearProbeRequest
from robust_core.studies.probed_models import LinearProbe

if TYPE_CHECKING:
    from robust_core.door.models import Models


def downstream_task(name: str, *, n: int = PER_CLASS) -> ImageSet:
    """Images of classes that no network of Mini was trained on, `n` of each class: "new_shapes", which only the shape
    tells apart, or "new_surfaces", which only the pattern does.

    Raises UnknownName for another task, and BadInput unless `n` is at least 1.

    >>> import robust_core as rc
    >>> len(rc.downstream_task("new_shapes", n=2))
    20
    """
    titles = {key: row.title for key, row in DOWNSTREAM_TASKS.items()}
    return downstream_images(find("downstream task", name, titles), n)


def linear_probe(
    models: "Models",
    images: Any,
    *,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    images_per_class: "int | Iterable[int]" = IMAGES_PER_CLASS,
    draws: int = DRAWS,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> LinearProbe:
    """Fixed-feature transfer learning (Salman et al. 2020, section 2): logistic regression on the standardised features
    that each model's last linear layer reads, C chosen by cross-validation inside the training folds.

    images            of at least two classes with five images each: a folder with a subfolder for each class, a
                      downstream task's name, an ImageSet, or what `load_images` takes
    folds, repeats    of the stratified cross-validation; its interval allows for folds that share images (Nadeau &
                      Bengio 2003)
    images_per_class  of the learning curve, each drawn `draws` times; what the rarest class has not twice is left out

    `.frame` has a row for each model and number of images per class; accuracies of a model without attacks in its
    training are paired with those of its series. Raises BadInput for images that do not fit and for a model without a
    last linear layer, and what the models raise.

    >>> import robust_core as rc
    >>> shapes = rc.downstream_task("new_shapes", n=5)
    >>> found = rc.linear_probe("mini_resnext", shapes, repeats=1, images_per_class=1, draws=2, progress=False)
    >>> found.frame[["measure", "n", "classes", "chance_percent"]].values.tolist()
    [['cross-validation', 50, 10, 10.0], ['learning curve', 40, 10, 10.0]]
    """
    found, chosen = _labelled(images), choose(models)
    counts = tuple(images_per_class) if isinstance(images_per_class, Iterable) else (images_per_class,)
    request = LinearProbeRequest(chosen.specs, found, folds, repeats, counts, draws, seed)
    return drive(linear_probes.run(request), progress, batch_size, "Linear probe", chosen)


def feature_similarity(
    models: "Models", images: Any, *, batch_size: BatchSize = "auto", progress: ShowProgress = True
) -> FeatureSimilarity:
    """How alike the features of every two models are on the same images: linear CKA (Kornblith et al. 2019) of what
    their last linear layers read, from 0 for unrelated to 1 for the same up to rotation and scale, with intervals.

    images  at least 20, as in `linear_probe`; labels do not matter

    Raises BadInput for one model alone, fewer images, or a model without a last linear layer.

    >>> import robust_core as rc
    >>> alike = rc.feature_similarity(["mini_resnext", "mini_resnext_wsl"], rc.draw_images("mini", 24), progress=False)
    >>> alike.frame[["model", "other_model", "n"]].values.tolist()
    [['mini_resnext', 'mini_resnext_wsl', 24], ['mini_resnext_wsl', 'mini_resnext', 24]]
    """
    found, chosen = _labelled(images), choose(models)
    request = FeatureSimilarityRequest(chosen.specs, found)
    return drive(feature_similarities.run(request), progress, batch_size, "Feature similarity", chosen)


def fine_tune(
    models: "Models",
    images: Any,
    *,
    steps: int = STEPS,
    learning_rate: float = LEARNING_RATE,
    train_batch_size: int = TRAIN_BATCH_SIZE,
    frozen_batch_norm: bool = False,
    insist: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> FineTuning:
    """Full-network transfer learning (Salman et al. 2020, section 2): a copy of each model with a new last layer, all
    of its weights trained on one half of the images and judged on the other, beside a linear probe on the same halves.
    The model itself stays as it is.

    images             as in `linear_probe`
    steps              of SGD with momentum 0.9 and weight decay 0.0005, on batches of `train_batch_size`
    learning_rate      at the start; it falls to zero along a cosine
    frozen_batch_norm  whether batch normalisation keeps its statistics
    insist             whether to train even where two timed steps say that it takes over ten minutes without a GPU

    Raises BadInput for images or numbers that do not fit, and NotFinite where the training diverges.

    >>> import robust_core as rc
    >>> tuned = rc.fine_tune("mini_resnext", rc.downstream_task("new_shapes", n=6), steps=2, progress=False)
    >>> tuned.frame[["mode", "step", "n", "n_train"]].values.tolist()[-1]
    ['full-network', 2.0, 30, 30]
    """
    found, chosen = _labelled(images), choose(models)
    request = FineTuningRequest(
        chosen.specs, found, steps, learning_rate, train_batch_size, frozen_batch_norm, seed, insist
    )
    return drive(fine_tuning.run(request), progress, batch_size, "Fine-tuning", chosen)


def _labelled(images: Any) -> ImageSet:
    """Images with the classes of their folders, whatever a model knows."""
    if isinstance(images, str) and images in DOWNSTREAM_TASKS:
        return downstream_images(images)
    if isinstance(images, str | Path) and Path(images).expanduser().is_dir():
        return load_images(images, labels="folder")
    return as_images(images)
