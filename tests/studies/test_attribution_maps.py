import numpy as np
import pytest
import torch

from robust_core.attributions.explain import explain as explain_tensor
from robust_core.attributions.methods import get_method
from robust_core.attributions.quality import AttributionMetrics
from robust_core.attributions.targets import PREDICTED, Target
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.errors import NotFinite, UnknownName
from robust_core.events import Progress, result_of
from robust_core.images import to_pixels
from robust_core.models.loading import load_network
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import (
    STAGES,
    AttackedMaps,
    AttackedMapsRequest,
    Explanation,
    MapMetricsRequest,
    MapRequest,
    RandomizedMapsRequest,
)
from tests.attacks.threats import threat
from tests.made_images import make_image
from tests.outcomes import events_and_result


def question(spec, method="saliency", target=PREDICTED, condition=CLEAN, image=None, **settings) -> MapRequest:
    chosen = tuple(get_method(method).settings(settings).items())
    return MapRequest((spec,), make_image(0) if image is None else image, condition, method, target, chosen)


def parts_of(request):
    return request.models, request.image, request.condition, request.method, request.target, request.settings


@pytest.fixture
def model(tiny_model, tmp_path):
    return load_network(tiny_model, tmp_path / "weights" / "tiny.safetensors", torch.device("cpu"))


def test_an_explanation_is_the_attribution_of_what_the_model_sees(tiny_model, model):
    image = make_image(0)
    pixels = to_pixels(image, tiny_model.preprocess)[None]
    news, found = events_and_result(
        attribution_maps.explain(question(tiny_model, "smoothgrad", image=image, samples=4))
    )
    np.testing.assert_allclose(
        found.attribution.map,
        result_of(explain_tensor(model, pixels, "smoothgrad", PREDICTED, samples=4)).map,
        atol=1e-6,
    )
    np.testing.assert_array_equal(found.rgb, (pixels[0] * 255).round().byte().permute(1, 2, 0))
    assert isinstance(found, Explanation)
    assert all(isinstance(event, Progress) for event in news)


def test_a_condition_changes_what_is_seen_and_the_map(tiny_model):
    clean, foggy = (
        result_of(attribution_maps.explain(question(tiny_model, condition=one)))
        for one in (CLEAN, Condition("fog", 5, 0))
    )
    assert (clean.rgb != foggy.rgb).any()
    assert clean.attribution.score != foggy.attribution.score


def test_the_same_question_is_the_same_job(tiny_model):
    asked = question(tiny_model, "rise", masks=50)
    assert asked.key == question(tiny_model, "rise", masks=50).key
    assert asked == question(tiny_model, "rise", masks=50)
    assert len({asked, question(tiny_model, "rise", masks=50), question(tiny_model, "rise", masks=100)}) == 2


def test_evidence_comes_last(tiny_model):
    asked = question(tiny_model, "occlusion")
    found = result_of(attribution_maps.explain(asked))
    metrics = result_of(attribution_maps.evaluate(asked.asking(MapMetricsRequest), found))
    assert isinstance(metrics, AttributionMetrics)
    assert metrics.controls is None
    controls = asked.asking(MapMetricsRequest, controls=True)
    added = result_of(attribution_maps.add_controls(controls, found, metrics))
    at_once = result_of(attribution_maps.evaluate(controls, found))
    assert added.controls.p_value == at_once.controls.p_value
    assert (
        asked.asking(MapMetricsRequest).key != controls.key != asked.asking(MapMetricsRequest, protocol="petsiuk").key
    )


def test_an_unknown_protocol_is_refused_when_it_is_asked_for(tiny_model):
    with pytest.raises(UnknownName, match="petsiuk"):
        question(tiny_model).asking(MapMetricsRequest, protocol="Petsiuk")


def test_under_attack_each_step_draws_with_another_seed(tiny_model):
    """With one seed for all, a map of noise alone would correlate with itself."""
    asked = question(tiny_model, "smoothgrad", samples=4)
    attacked = asked.asking(AttackedMapsRequest, threat=threat(steps=2, eps=1e-6), steps=(0, 1, 2))
    found = result_of(attribution_maps.attack(attacked))
    assert [one.attribution.settings["seed"] for one in found.explanations] == [0, 1, 2]
    assert max(found.correlation[1:]) < 0.999


def test_randomization_begins_with_the_map_itself(tiny_model):
    asked = question(tiny_model)
    found = result_of(attribution_maps.explain(asked))
    again = RandomizedMapsRequest(*parts_of(asked), label=found.attribution.target, seed=0)
    randomization = result_of(attribution_maps.randomize(again))
    np.testing.assert_array_equal(randomization.maps[0].map, found.attribution.map)
    assert len(randomization.maps) <= STAGES + 1
    assert randomization.layers[0] == 0


def test_under_attack_the_class_of_the_clean_image_is_followed(tiny_model):
    asked = question(tiny_model, "saliency", Target("rival"), image=make_image(0, 3))
    clean = result_of(attribution_maps.explain(asked))
    attacked = AttackedMapsRequest(*parts_of(asked), threat=threat(steps=4, eps=16 / 255), steps=(0, 2, 4))
    found = result_of(attribution_maps.attack(attacked))
    assert isinstance(found, AttackedMaps)
    assert found.steps == (0, 2, 4)
    assert {one.attribution.target for one in found.explanations} == {clean.attribution.target}
    assert found.correlation[0] == pytest.approx(1)
    assert (found.explanations[0].rgb != found.explanations[2].rgb).any()


def test_a_model_with_infinite_logits_has_no_map(overflowing):
    with pytest.raises(NotFinite, match="Tiny tiny computed"):
        result_of(attribution_maps.explain(question(overflowing)))
