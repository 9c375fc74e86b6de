"""Where the concepts of a model are in one image, and what the model's logit loses without each of them."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from robust_core.events import Progress
from robust_core.images import LabelledImage, to_pixels
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import using
from robust_core.studies.concept_outcomes import ModelConcepts


@dataclass(frozen=True, eq=False)
class ConceptMaps:
    """What the model sees, `rgb` (H,W,3) uint8; how strong each concept is at every place of it, `heat` (R,H,W); the
    class that it predicts with its `probability`; and by how much that class's logit falls without each concept (R,).
    """

    spec: ModelSpec
    device: str
    rgb: np.ndarray
    heat: np.ndarray
    label: int
    probability: float
    effect: np.ndarray


def explain(found: ModelConcepts, image: LabelledImage) -> Generator[Progress, None, ConceptMaps]:
    """One pass, and one through the layers above for each concept; raises what `pool.use` and `to_pixels` raise."""
    from robust_core.attributions.shared_copies import shared_copy
    from robust_core.craft.factorisation import coefficients
    from robust_core.craft.heat_maps import enlarged
    from robust_core.craft.masking import masked_logits
    from robust_core.craft.split_network import SplitNetwork

    spec = found.spec
    yield Progress(0, None, "", "loading the model")
    pixels = to_pixels(image, spec.preprocess_for(image.centre_crop_only))[None]
    concepts = len(found.bank)
    with using(spec) as model:
        height_px, width_px = pixels.shape[2:]
        network = SplitNetwork(shared_copy(model), height_px, width_px)
        maps, logits = network.maps(pixels.to(model.device))
        grid = (maps.shape[2], maps.shape[3])
        strength = coefficients(maps[0].flatten(1).T.cpu().numpy(), found.bank)
        masks = np.concatenate([np.ones((1, concepts)), 1 - np.eye(concepts)])
        label = int(logits.argmax())
        tried = masked_logits(network, strength, found.bank, masks, grid)[:, label].numpy()
        model.check_finite()
        return ConceptMaps(
            spec,
            str(model.device),
            (255 * pixels[0]).round().byte().permute(1, 2, 0).numpy(),
            enlarged(strength.T.reshape(concepts, *grid), height_px, width_px),
            label,
            float(logits.softmax(1)[0, label]),
            tried[0] - tried[1:],
        )
