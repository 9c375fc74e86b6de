"""The crops in which concepts were found, cut again from the images of the set."""

import numpy as np

from robust_core.data.image_set import ImageSet
from robust_core.images import to_levels
from robust_core.models.spec import ModelSpec
from robust_core.studies.concept_outcomes import Prototype


def shown_crop(images: ImageSet, spec: ModelSpec, crop: Prototype) -> np.ndarray:
    """The part of the model's input (H,W,3) uint8, as large as it is there."""
    image = images[crop.place]
    levels, box = to_levels(image, spec.preprocess_for(image.centre_crop_only)), crop.box
    part = levels[:, box.top_px : box.top_px + box.height_px, box.left_px : box.left_px + box.width_px]
    return part.permute(1, 2, 0).contiguous().numpy()
