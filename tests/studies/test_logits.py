from dataclasses import replace

import numpy as np

from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.events import result_of
from robust_core.models import pool
from robust_core.studies.logits import logits_for
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.predictions import run as predict
from tests.made_images import make_image


def logits(spec, images, condition):
    with pool.shared_pool().use(spec.key) as model:
        return result_of(logits_for(model, ImageSet.of(images), condition))


def test_their_softmax_is_what_is_predicted(tiny_model):
    images = [make_image(seed) for seed in range(3)]
    clean = Condition("fog", 0, 0)
    found = logits(tiny_model, images, clean).astype(float)
    softmax = np.exp(found) / np.exp(found).sum(1, keepdims=True)
    seen = result_of(predict(PredictionsRequest((tiny_model,), ImageSet.of(images)))).only.predictions
    assert np.allclose(softmax, [one.probabilities for one in seen], atol=1e-6)


def test_each_image_has_its_own_seed_in_whichever_batch(tiny_model):
    images, noise = [make_image(seed) for seed in range(18)], Condition("gaussian_noise", 3, 5)
    together = logits(tiny_model, images, noise)
    for place in (0, 15, 16, 17):
        alone = logits(tiny_model, [images[place]], replace(noise, seed=5 + place))
        assert np.allclose(together[place], alone[0], atol=1e-4)
