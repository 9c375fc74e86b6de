"""Evidence of the scenes on photos as they are: how sure networks are, fog, frames that change a little, and photos
chosen to mislead.

Where the photos or the networks for them are not on this machine, Mini stands in, and every protocol says so.
"""

from collections.abc import Sequence

from robust_core import data
from robust_core.events import result_of
from robust_core.images import LabelledImage
from robust_core.intervals import wilson
from robust_core.labels import IMAGENET, MINI
from robust_core.lesson.answers import Answer, Curve
from robust_core.lesson.found import Found, each, quoted
from robust_core.lesson.scene_images import SceneImage
from robust_core.models.catalogue import list_models
from robust_core.models.weights import present_among
from robust_core.recordings import shipped
from robust_core.studies.corruption_sweep import images_under
from robust_core.studies.perturbation_sequence import PerturbationRequest, frames_of
from robust_core.studies.request import Request

ORHAN = "orhan2019_benchmarks"
ORDINARY, LARGEST_WSL = "resnext101_32x8d", "resnext101_32x48d_wsl"
STANDS_IN = "Mini stands in for ImageNet, whose photos or networks are not on this machine; "
ILLUSTRATES = "Mini, which illustrates: "
ACCURACY = "accuracy ↑ higher is better"
SEQUENCE, SEQUENCE_PHOTO = "rotate", "foolbox/00"
SHOWN_SEVERITIES = (0, 3, 5)
MOST_FLIPS = 4  # that are shown as images


def photos_here() -> bool:
    """Whether the photos and the three networks for them are on this machine."""
    keys = shipped.MODELS[IMAGENET]
    specs = [spec for spec in list_models() if spec.key in keys]
    has_photos = any(one.key == shipped.PHOTOS for one in data.list_collections())
    return has_photos and len(present_among(specs)) == len(keys)


def stands_in(request: Request) -> str:
    """What a protocol begins with: that Mini stands in, where it does."""
    return STANDS_IN if request.label_space == MINI else ""


def confidence_requests() -> tuple[Request, ...]:
    """One photo, three networks."""
    return each(shipped.mistaken_request() if photos_here() else shipped.predictions_request(MINI))


def confidence_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """How sure each network is of what it predicts, and whether that is right."""
    answers = []
    for one in found:
        image, prediction = one.result.images[0], one.result.only.predictions[0]
        names = prediction.label_space.names
        verdict = "right" if prediction.label == image.label else f"wrong: its label is “{names[image.label]}”"
        said = f"predicts “{names[prediction.label]}”, {verdict}"
        protocol = f"{stands_in(one.request)}{said}; softmax probability of its prediction, one image"
        answers.append(one.answer(one.who, 100 * prediction.probabilities.max(), "%", protocol, 1))
    return tuple(answers)


def confidence_images(found: Sequence[Found]) -> tuple[SceneImage, ...]:
    """The photo."""
    return (SceneImage("The photo", _first(found).rgb, "The photo that three networks predict", _labelled(found)),)


def fog_requests() -> tuple[Request, ...]:
    """Photos in fog; in Mini, synthetic images in snow."""
    return each(shipped.fog_request() if photos_here() else shipped.snow_request())


def fog_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """At which severity each network first fails on the scene's photo, what all photos come to, and the published
    mCE.
    """
    answers = []
    for one in found:
        (counts,) = one.result.counts
        corruption = counts.conditions[-1].corruption
        failed = first_failure(counts.correct[:, 0])
        about = f"{stands_in(one.request)}{corruption}, live at the model's input size"
        if failed is not None:
            protocol = f"{about}; the first severity at which its prediction for the scene's photo is wrong"
            answers.append(one.answer(f"{one.who} first fails at severity", failed, "", protocol, 1))
        for severity in SHOWN_SEVERITIES:
            share = counts.accuracy(severity)
            who = f"{one.who}, severity {severity}"
            answers.append(one.share(who, share, f"{about}; top-1 accuracy", on_curve=True))
    return *answers, *quoted(ORHAN, "ImageNet-C", "mce", ORDINARY, LARGEST_WSL)


def first_failure(correct: Sequence[bool]) -> int | None:
    """The first severity, of 0 to 5, at which an image is not predicted correctly; None where there is none."""
    return next((severity for severity, right in enumerate(correct) if not right), None)


def fog_images(found: Sequence[Found]) -> tuple[SceneImage, ...]:
    """The photo without fog; with the reveal, what the first network sees at each severity, and whether it is right."""
    (counts,) = found[0].result.counts
    spec, photo = found[0].request.spec, _first(found)
    seen = result_of(images_under(photo, spec.preprocess_for(photo.centre_crop_only), counts.conditions))
    verdicts = [f"{found[0].who}: {'right' if right else 'wrong'}." for right in counts.correct[:, 0]]
    return (
        SceneImage("Clean", photo.rgb, "The photo, clean", _labelled(found)),
        *(
            SceneImage(f"Severity {number}", rgb, f"The photo at severity {number}", verdict, at_once=False)
            for number, (rgb, verdict) in enumerate(zip(seen, verdicts, strict=True))
            if number
        ),
    )


def fog_curves(found: Sequence[Found]) -> tuple[Curve, ...]:
    """The accuracy of each network on all photos, severity by severity."""
    curves = []
    for one in found:
        (counts,) = one.result.counts
        shares = {float(place): counts.accuracy(place) for place in range(len(counts.conditions))}
        corruption = counts.conditions[-1].corruption
        protocol = f"{stands_in(one.request)}{corruption}, live at the model's input size; top-1 accuracy"
        curves.append(one.curve(ACCURACY, f"severity of {corruption} (0 is clean)", shares, protocol))
    return tuple(curves)


def flips_requests() -> tuple[Request, ...]:
    """One photo that turns a little from frame to frame, and an image of Mini under changing noise."""
    of_mini = each(shipped.sequence_request())
    if not photos_here():
        return of_mini
    models = shipped.mistaken_request().models
    return *each(PerturbationRequest(models, data.read(SEQUENCE_PHOTO), SEQUENCE, 0)), *of_mini


def flips_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """How often each network's label flips, and the published mFR."""
    from robust_core.corruptions.sequences import PERTURBATIONS  # imports torch

    here = ILLUSTRATES if any(one.request.label_space == IMAGENET for one in found) else STANDS_IN
    answers = []
    for one in found:
        row, compared = PERTURBATIONS[one.result.perturbation], len(one.result.predictions) - 1
        flips = round(one.result.flip_probability * compared)
        stands = here if one.request.label_space == MINI else ""
        compares = f"each compared with the {row.reference} one (ImageNet-P)"
        protocol = f"{stands}{row.title}, {compared + 1} frames of one image, {compares}"
        answers.append(one.answer(one.who, flips, f"flips of {compared}", protocol, 1))
    return *answers, *quoted(ORHAN, "ImageNet-P", "mfr", ORDINARY, LARGEST_WSL)


def flips_images(found: Sequence[Found]) -> tuple[SceneImage, ...]:
    """The first frame; with the reveal, the frames after which the first network's label was another."""
    request, predictions = found[0].request, found[0].result.predictions
    photo, names = request.image, request.label_space.names
    preprocess = request.spec.preprocess_for(photo.centre_crop_only)
    frames = result_of(frames_of(photo, preprocess, request.perturbation, request.seed))
    labels = [one.label for one in predictions]
    flipped = [place for place in range(1, len(labels)) if labels[place] != labels[place - 1]]
    return (
        SceneImage("The first frame", frames[0], "The first frame", f"{found[0].who}: “{names[labels[0]]}”."),
        *(
            SceneImage(f"Frame {at + 1}", frames[at], f"Frame {at + 1}", f"Now “{names[labels[at]]}”.", at_once=False)
            for at in flipped[:MOST_FLIPS]
        ),
    )


def misleading_requests() -> tuple[Request, ...]:
    """Mini's hard scenes."""
    return each(shipped.hard_request())


def misleading_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """The published accuracies on ImageNet-A, one network by two protocols; and Mini on its hard scenes."""
    among = (
        quoted("peychev2023", "ImageNet-A", "top1", LARGEST_WSL, protocol_end=f"{which} decides", what=which)
        for which in ("all 1,000 classes", "the 200 classes")
    )
    of_paper = quoted(ORHAN, "ImageNet-A", "top1", ORDINARY, LARGEST_WSL)
    return *of_paper, *(answer for both in among for answer in both), *map(_hard_accuracy, found)


def _hard_accuracy(one: Found) -> Answer:
    pairs = list(zip(one.result.images, one.result.only.predictions, strict=True))
    share = wilson(sum(prediction.label == image.label for image, prediction in pairs), len(pairs))
    assert share is not None  # the request refuses to be without images
    return one.share(one.who, share, f"{ILLUSTRATES}top-1 accuracy on its hard scenes")


def _first(found: Sequence[Found]) -> LabelledImage:
    image: LabelledImage = found[0].request.images[0]
    return image


def _labelled(found: Sequence[Found]) -> str:
    """The label of the first image, which photos and Mini have both."""
    names = found[0].request.label_space.names
    return f"Its label is “{names[_first(found).label or 0]}”."
