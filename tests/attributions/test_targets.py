import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from robust_core.attributions.targets import PREDICTED, RIVAL, Target, resolve
from robust_core.errors import BadInput, UnknownName
from robust_core.labels import CATEGORIES, IMAGENET, MINI
from tests.anything import ANYTHING, bounded, made_or_refused


def test_the_prediction_its_rival_and_a_class():
    logits = torch.tensor([0.5, 3.0, -1.0, 2.0])
    assert [resolve(target, logits, MINI) for target in (PREDICTED, RIVAL, Target("class", 2))] == [1, 3, 2]


def test_a_category_is_its_best_class_on_this_image():
    logits = torch.zeros(1000)
    best, outside = CATEGORIES["dog"][7], CATEGORIES["cat"][0]
    logits[best], logits[outside] = 1, 2
    assert resolve(Target("category", "dog"), logits, IMAGENET) == best


def test_a_category_of_a_mini_model_is_its_class():
    assert resolve(Target("category", "bear"), torch.zeros(16), MINI) == list(CATEGORIES).index("bear")


def test_a_class_that_the_model_does_not_have_is_refused():
    with pytest.raises(BadInput, match="0 to 15; got 16"):
        resolve(Target("class", 16), torch.zeros(16), MINI)


@pytest.mark.parametrize(
    ("aim", "which", "words"),
    [("guess", None, "class"), ("category", "dogs", "dog"), ("class", -1, "-1"), ("class", "dog", "dog")],
)
def test_nonsense_is_refused(aim, which, words):
    with pytest.raises((UnknownName, BadInput), match=words):
        Target(aim, which)


@bounded
@given(
    aim=st.sampled_from(["predicted", "rival", "class", "category"]) | ANYTHING,
    which=st.integers(0, 20) | st.sampled_from(list(CATEGORIES)) | ANYTHING,
)
def test_whatever_is_the_target_is_refused_or_a_class_of_the_model(aim, which):
    for label_space, classes in ((IMAGENET, 1000), (MINI, 16)):
        target = made_or_refused(Target, aim, which)
        index = made_or_refused(resolve, target, torch.zeros(classes), label_space) if target else None
        assert index is None or 0 <= index < classes
