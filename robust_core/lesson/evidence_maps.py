"""Evidence of the scene on attribution maps: one of a trained network, one of the same with half of its layers random,
and how much they have in common.
"""

from collections.abc import Sequence

import numpy as np

from robust_core import data
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import PREDICTED
from robust_core.corruptions.condition import CLEAN
from robust_core.labels import IMAGENET, MINI
from robust_core.lesson.answers import Answer
from robust_core.lesson.evidence_photos import photos_here, stands_in
from robust_core.lesson.found import Found, each
from robust_core.lesson.scene_images import SceneImage
from robust_core.plots.map_images import heat, scale_limit
from robust_core.recordings import shipped
from robust_core.studies.attribution_maps import STAGES, MapRequest, RandomizedMapsRequest
from robust_core.studies.predictions import true_label
from robust_core.studies.request import Request

METHOD = "input_x_gradient"
PHOTO = "foolbox/13"
HALF = STAGES // 2  # the stage at which half of the layers are random
ORDER_SEED = 0
PERCENTILE = 99.0  # of the sizes of a map's values, where its scale ends
ADEBAYO = "Adebayo et al. 2018, section 3.1, cascading randomisation"
LETTERS = "AB"


def randomised_requests() -> tuple[Request, ...]:
    """A map while layers become random, and the recorded maps with all that is known of them."""
    space = IMAGENET if photos_here() else MINI
    image = data.read(PHOTO) if space == IMAGENET else shipped.first_image(MINI)
    spec = shipped.predictions_request(space).models[0]
    asked = MapRequest((spec,), image, CLEAN, METHOD, PREDICTED, ())
    label = true_label(image, spec.label_space)
    assert label is not None  # the labels of both are known
    return asked.asking(RandomizedMapsRequest, label=label, seed=0), *each(shipped.maps_request(space))


def places() -> tuple[int, int]:
    """The places of the trained and of the randomised network's map, in the order that the seed draws."""
    trained, randomised = np.random.default_rng(ORDER_SEED).permutation(len(LETTERS)).tolist()
    return trained, randomised


def randomised_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """The correlation of the maps, and where recorded ones stand among random maps."""
    cascade, *recorded = found
    method, layers = METHODS[METHOD].title, cascade.result.layers
    answers = []
    for stage in (HALF, len(layers) - 1):
        correlation = cascade.result.correlation[stage]
        protocol = (
            f"{stands_in(cascade.request)}Spearman's ρ of the {method} maps with none and with {layers[stage]} of "
            f"{layers[-1]} layers random, from the top; one image ({ADEBAYO})"
        )
        if correlation is not None:
            answers.append(
                cascade.answer(f"{cascade.who}, ρ with {layers[stage]} layers random", correlation, "", protocol, 1)
            )
    return *answers, *(answer for one in recorded for answer in _among_random_maps(one))


def randomised_images(found: Sequence[Found]) -> tuple[SceneImage, ...]:
    """Both maps, without a word on whose they are."""
    maps, layers = found[0].result.maps, found[0].result.layers
    whose = (
        (maps[0].map, "The trained network."),
        (maps[HALF].map, f"The network with {layers[HALF]} of its {layers[-1]} layers random, from the top."),
    )
    by_place = dict(zip(places(), whose, strict=True))
    return tuple(_map_image(letter, *by_place[place]) for place, letter in enumerate(LETTERS))


def _map_image(letter: str, values: np.ndarray, label: str) -> SceneImage:
    rgb = heat(values, scale_limit([values], PERCENTILE))
    return SceneImage(f"Map {letter}", rgb, f"Map {letter}: orange speaks for the class, blue against it", label)


def _among_random_maps(one: Found) -> list[Answer]:
    """How often random maps explain as well as the recorded one, by insertion and deletion."""
    explained = one.result.frame.to_dict("records")
    return [
        one.answer(
            f"{one.who}, p-value of {METHODS[row['method']].title}",
            row["p_value_random_maps"],
            "",
            f"{stands_in(one.request)}p-value of the map against {row['random_maps']:.0f} random maps of equal "
            "smoothness, insertion minus deletion, one image",
            1,
        )
        for row in explained
        if row["p_value_random_maps"] is not None
    ]
