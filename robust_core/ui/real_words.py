"""What ReaL labels say of a prediction, in words, beside images that are known by their file name."""

from collections.abc import Sequence

from robust_core.data.real_labels import labels_of, real_correct
from robust_core.images import LabelledImage
from robust_core.intervals import wilson
from robust_core.labels import IMAGENET
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import ModelPredictions, Prediction
from robust_core.ui import words

LEFT_OUT = "ReaL leaves this image out: its annotators found none of the 1,000 classes in it."


def labels_of_image(image: LabelledImage, spec: ModelSpec) -> tuple[int, ...] | None:
    """The ReaL labels of a validation image, for a model with ImageNet's classes; None for any other image or model."""
    return labels_of(image.name) if spec.label_space == image.label_space == IMAGENET else None


def labels_sentence(labels: tuple[int, ...] | None) -> str:
    """All classes that ReaL gives an image, or that it leaves it out; "" for an image that ReaL does not know."""
    if labels is None:
        return ""
    named = ", ".join(f"**{words.plain(IMAGENET.names[label])}**" for label in labels)
    return f"ReaL labels, by the file's name: {named}." if labels else LEFT_OUT


def verdict(labels: tuple[int, ...] | None, prediction: Prediction) -> str:
    """Whether the top prediction is among the ReaL labels, as a few words; "" where there are none."""
    if not labels:
        return ""
    return "✓ among the ReaL labels" if prediction.label in labels else "✗ not among the ReaL labels"


def agreement(labels: tuple[int, ...] | None, predictions: Sequence[Prediction]) -> str:
    """How many of the models' top predictions are among the ReaL labels, as a sentence; "" where there are none."""
    if not labels:
        return ""
    right = sum(prediction.label in labels for prediction in predictions)
    return f" By the ReaL labels {right} of {len(predictions)} {'is' if right == 1 else 'are'} right."


def in_table(labels: tuple[int, ...] | None) -> str | None:
    """The ReaL labels as a cell of a table; None for an image that ReaL does not know."""
    if labels is None:
        return None
    return ", ".join(IMAGENET.names[label] for label in labels) or "none: left out"


def accuracy_words(images: Sequence[LabelledImage], spec: ModelSpec, predicted: ModelPredictions) -> str:
    """ReaL accuracy over the images that have ReaL labels, with its interval; "" without any."""
    known = [
        (image.name, prediction.label)
        for image, prediction in zip(images, predicted.predictions, strict=True)
        if labels_of_image(image, spec)
    ]
    right = real_correct([name for name, _ in known], [label for _, label in known])
    interval = wilson(sum(right), len(right))
    return "" if interval is None else f"ReaL accuracy {interval}"
