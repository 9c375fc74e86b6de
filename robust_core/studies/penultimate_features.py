"""The features that a network's last linear layer reads, for a whole set of images; computed once and kept within a
bound, since probes and comparisons ask for the same ones again.
"""

from collections import OrderedDict
from collections.abc import Generator
from threading import Lock

import numpy as np

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.spec import ModelSpec
from robust_core.studies.feature_visualization import NO_LAST_LAYER, last_layer_of, without_last_layer
from robust_core.studies.logits import logits_for

MOST_BYTES = 64 * 2**20  # of all features that are kept: 400 images of 2,048 features are 3.3 MB
_Key = tuple[str, str, str]


class FeatureCache:
    """Features by model and images, at most `most_bytes` of them; what was not asked for longest leaves first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[_Key, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key) -> np.ndarray | None:
        """What is kept under `key`, read-only."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: _Key, features: np.ndarray) -> None:
        """Keep `features`, which nobody may change any more; those that are larger than the bound are not kept."""
        features.setflags(write=False)
        with self._lock:
            self._kept[key] = features
            while sum(one.nbytes for one in self._kept.values()) > self.most_bytes:
                self._kept.popitem(last=False)


_shared = FeatureCache()


def penultimate_features(
    spec: ModelSpec, images: ImageSet, cache: FeatureCache = _shared
) -> Generator[Progress, None, np.ndarray]:
    """Features (N,U), float32 and read-only, of `images` in their order, at the model's input size.

    Raises BadInput for a network that does not end with a linear layer, or whose features are no vector, and what
    `pool.use` and the reading of images raise.
    """
    from robust_core.models.pool import shared_pool

    yield Progress(0, len(images), "images", "reading the images")
    key = (spec.key, str(spec.weights.sha256), images.digest)
    kept = cache.get(key)
    if kept is not None:
        return kept
    with shared_pool().use(spec.key) as model:
        outputs = len(model.network.body.get_parameter(f"{last_layer_of(model)}.weight"))
        if outputs != len(spec.label_space.names):  # another layer is behind it
            raise BadInput(NO_LAST_LAYER.format(spec.title))
        features = yield from logits_for(without_last_layer(model), images)
    if features.ndim != 2:
        raise BadInput(NO_LAST_LAYER.format(spec.title))
    cache.put(key, features)
    return features
