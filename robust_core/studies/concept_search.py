"""How one model's concepts are found and tried: crops, factorisation, masks and deletion."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from robust_core.attributions.shared_copies import shared_copy
from robust_core.craft import factorisation
from robust_core.craft.crops import A_SIDE, Box, boxes, cut
from robust_core.craft.deletion import Deletions, deletions
from robust_core.craft.heat_maps import enlarged, on_object
from robust_core.craft.importance import masks, total_indices
from robust_core.craft.masking import masked_logits
from robust_core.craft.split_network import SplitNetwork, require_maps
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import NAMES, in_texture, is_scene, mask_of, read_synthetic
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped
from robust_core.images import LabelledImage, stack, to_pixels
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.concept_outcomes import ModelConcepts

if TYPE_CHECKING:
    from robust_core.studies.concepts import ConceptsRequest

PROTOTYPES = 6
Work = Generator[Progress, None, "_Activations"]


@dataclass(frozen=True, eq=False)
class _Activations:
    """Maps (N,C,h,w) on the model's device, and logits (N,K)."""

    maps: Tensor
    logits: Tensor

    @property
    def at_places(self) -> np.ndarray:
        """(N * h * w, C)"""
        return self.maps.permute(0, 2, 3, 1).flatten(0, 2).cpu().numpy()

    @property
    def averaged(self) -> np.ndarray:
        """(N, C)"""
        return self.maps.mean((2, 3)).cpu().numpy()


@dataclass(frozen=True, eq=False)
class _Tried:
    """What masks (M,R) make of an image: the logit of its class, and whether that is still the largest (M,)."""

    logit: np.ndarray
    kept: np.ndarray


def find_concepts(spec: ModelSpec, request: "ConceptsRequest") -> Generator[Progress, None, ModelConcepts]:
    """The concepts of one model; raises as `concepts.run` does."""
    require_maps(spec)
    n, started = len(request.images), time.perf_counter()
    yield Progress(0, n, "images", "loading the model")
    with using(spec) as model:
        reading = read_inputs(request.images, range(n), spec)
        pixels, _ = yield from mapped(reading, lambda event: Progress(event.done, n, "images", event.note))
        network = SplitNetwork(shared_copy(model), *pixels.shape[2:])
        seen = yield from _run(network, pixels, "looking at the images")
        places = _of_class(spec, request, seen.logits.argmax(1).cpu().numpy())
        whole = _Activations(seen.maps[places], seen.logits[places])
        parts = boxes(pixels.shape[2], pixels.shape[3], request.crop_fraction)
        cropped = torch.cat([cut(pixels[places], box) for box in parts])  # all images for the first box, then the next
        crops = yield from _run(network, cropped, "looking at crops")
        search = _Search(network, request, whole, crops, parts)
        return (yield from _measured(search, places, started))


def _measured(search: "_Search", places: np.ndarray, started: float) -> Generator[Progress, None, ModelConcepts]:
    """All that is known of the concepts; `started` is when the work began."""
    yield from search.rank()
    kept, logit, effect = yield from search.delete()
    again, other_cosine = search.halves()
    on, areas, strength = yield from search.in_scenes([search.request.images[int(place)] for place in places])
    return ModelConcepts(
        search.spec,
        str(search.network.model.device),
        places,
        search.classes,
        search.bank.astype(np.float32),
        search.importance.astype(np.float32),
        effect=effect,
        crops=search.strongest(places),
        kept=kept,
        logit=logit,
        true_logit=search.true_logit,
        found_again=again,
        other_cosine=other_cosine,
        on_object=on,
        object_area=areas,
        strength=strength,
        crop_error=search.crop_error,
        place_error=search.place_error,
        seconds=time.perf_counter() - started,
    )


def _of_class(spec: ModelSpec, request: "ConceptsRequest", predicted: np.ndarray) -> np.ndarray:
    """The places of the images that are predicted as the class; raises BadInput where too few are."""
    n = len(predicted)
    places = np.arange(n) if request.label is None else np.flatnonzero(predicted == request.label)
    if not len(places):
        assert request.label is not None  # else all images count
        name = spec.label_space.names[request.label]
        raise BadInput(f"{spec.title} predicts {name} for none of the {n} images; choose images of {name}.")
    crops = A_SIDE**2 * len(places)
    if crops < request.concepts:
        raise BadInput(f"{crops} crops cannot have {request.concepts} concepts; take more images or fewer concepts.")
    return places


def _run(network: SplitNetwork, pixels: Tensor, note: str) -> Work:
    """The activations of all of them, a batch at a time."""
    device = network.model.device

    def part(places: range) -> tuple[Tensor, Tensor]:
        return network.maps(pixels[places.start : places.stop].to(device))

    batches = network.model.batches(*pixels.shape[2:])
    found = yield from batches.run(len(pixels), part, note=note)
    return _Activations(*(torch.cat(column) for column in zip(*found, strict=True)))


class _Search:
    """The factorisation of one model's crops, with its concepts in the order of their importance after `rank`."""

    def __init__(
        self,
        network: SplitNetwork,
        request: "ConceptsRequest",
        whole: _Activations,
        crops: _Activations,
        parts: Sequence[Box],
    ):
        self.network, self.request, self.whole, self.parts = network, request, whole, parts
        self.spec = network.model.spec
        self.activations = crops.averaged  # (9 * N, C)
        self.in_crops, self.bank = factorisation.factorised(self.activations, request.concepts, request.seed)
        at_places = whole.at_places
        found = factorisation.coefficients(at_places, self.bank)
        self.crop_error = factorisation.relative_error(self.activations, self.in_crops @ self.bank)
        self.place_error = factorisation.relative_error(at_places, found @ self.bank)
        self.n, _, *grid = whole.maps.shape
        self.grid: tuple[int, int] = (grid[0], grid[1])
        self.coefficients = found.reshape(self.n, -1, request.concepts)  # (N, h * w, R)
        self.classes = whole.logits.argmax(1).cpu().numpy()
        self.true_logit = whole.logits.max(1).values.cpu().numpy()
        self.importance = np.zeros((self.n, request.concepts))

    def rank(self) -> Generator[Progress, None, None]:
        """Find out how much each concept counts, and put the most important first."""
        concepts = self.request.concepts
        own = [masks(concepts, self.request.seed + place) for place in range(self.n)]  # so that their errors cancel
        tried = yield from self._try(own, "masking concepts")
        importance = total_indices(np.stack([one.logit for one in tried]), concepts)
        order = np.argsort(-importance.mean(0), kind="stable")
        self.importance, self.bank, self.in_crops = importance[:, order], self.bank[order], self.in_crops[:, order]
        self.coefficients = self.coefficients[..., order]

    def delete(self) -> Generator[Progress, None, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Take concepts away in each order: `kept`, `logit` and `effect` of the result."""
        plans = [deletions(self.request.concepts, self.request.seed + place) for place in range(self.n)]
        tried = yield from self._try([plan.masks for plan in plans], "taking concepts away")
        pairs = list(zip(plans, tried, strict=True))
        kept = np.stack([_curves(plan, one.kept) for plan, one in pairs], axis=2)
        logit = np.stack([_curves(plan, one.logit) for plan, one in pairs], axis=2)
        effect = np.stack([one.logit[plan.falling[0]] - one.logit[plan.without] for plan, one in pairs])
        return kept, logit, effect

    def strongest(self, places: np.ndarray) -> np.ndarray:
        """The crops (R,M,5) in which each concept is strongest, at most one of each image; rows of -1 where there are
        no more.
        """
        found = np.full((self.request.concepts, PROTOTYPES, 5), -1, np.int32)
        by_box = self.in_crops.reshape(len(self.parts), self.n, -1)  # (9, N, R)
        for concept, strength in enumerate(by_box.transpose(2, 0, 1)):
            best = strength.max(0)
            for rank, image in enumerate(np.argsort(-best, kind="stable")[:PROTOTYPES]):
                if best[image] > 0:
                    box = self.parts[int(strength[:, image].argmax())]
                    corner = (box.top_px, box.left_px, box.height_px, box.width_px)
                    found[concept, rank] = (places[image], *corner)
        return found

    def halves(self) -> tuple[np.ndarray, float]:
        """Whether two halves, every other image, have the same concepts: `found_again` and `other_cosine`."""
        concepts = self.request.concepts
        by_box = self.activations.reshape(len(self.parts), self.n, -1)
        parts = [by_box[:, first::2].reshape(-1, by_box.shape[2]) for first in (0, 1)]
        if min(map(len, parts)) < concepts:
            return np.full(concepts, np.nan), float("nan")
        banks = [factorisation.factorised(part, concepts, self.request.seed)[1] for part in parts]
        return factorisation.found_again(self.bank, *banks)

    def in_scenes(
        self, images: Sequence[LabelledImage]
    ) -> Generator[Progress, None, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Where the concepts are in scenes whose object is known, and what another texture leaves of them: `on_object`,
        `object_area` and `strength`, empty for other images.
        """
        concepts = self.request.concepts
        ids = [image.sample_id for image in images]
        if not all(map(is_scene, ids)):
            return np.zeros((0, concepts)), np.zeros(0), np.zeros((2, 0, concepts))
        drawn = ImageSet.of([read_synthetic(_in_other_texture(one, place)) for place, one in enumerate(ids)])
        pixels = stack([to_pixels(image, self.spec.preprocess_for(image.centre_crop_only)) for image in drawn])
        others = yield from _run(self.network, pixels, "in another texture")
        other = factorisation.coefficients(others.at_places, self.bank).reshape(self.coefficients.shape)
        object_masks = [mask_of(one) for one in ids]
        heat = self.coefficients.transpose(0, 2, 1).reshape(self.n, concepts, *self.grid)
        on = [on_object(enlarged(one, *mask.shape), mask) for one, mask in zip(heat, object_masks, strict=True)]
        areas = np.array([mask.mean() for mask in object_masks], np.float32)
        strength = np.stack([self.coefficients.mean(1), other.mean(1)])
        return np.stack(on).astype(np.float32), areas, strength.astype(np.float32)

    def _try(self, masks_of: Sequence[np.ndarray], note: str) -> Generator[Progress, None, list[_Tried]]:
        """What its masks make of every image."""
        tried = []
        for place, label in enumerate(map(int, self.classes)):
            yield Progress(place, self.n, "images", note)
            logits = masked_logits(self.network, self.coefficients[place], self.bank, masks_of[place], self.grid)
            kept = (logits.argmax(1) == label).float()
            tried.append(_Tried(logits[:, label].numpy(), kept.numpy()))
        self.network.model.check_finite()
        return tried


def _curves(plan: Deletions, values: np.ndarray) -> np.ndarray:
    """Of an image, (orders,R+1), by the orders of `ORDERS`."""
    return np.stack([values[plan.falling], values[plan.random].mean(0), values[plan.rising]])


def _in_other_texture(sample_id: str, place: int) -> str:
    own = sample_id.split("/")[3]
    others = [name for name in NAMES if name != own]
    return in_texture(sample_id, others[place % len(others)])
