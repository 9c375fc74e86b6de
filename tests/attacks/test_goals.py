import numpy as np
import pytest
import torch

from robust_core.attacks.goals import make_request
from robust_core.errors import BadInput
from tests.attacks.threats import threat

LOGITS = torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 1.0]])


def _goal(labels, targets=None, **changes):
    return make_request(threat(**changes), 2, labels, targets, None).goal(LOGITS)


def test_the_clean_prediction_stands_in_for_an_unknown_label():
    goal = _goal([None, 2])
    assert (goal.labels.tolist(), goal.known.tolist(), goal.targets) == ([1, 2], [False, True], None)
    assert _goal(None).labels.tolist() == [1, 0]
    assert goal.classes is goal.labels


def test_an_untargeted_goal_is_any_other_class_and_a_targeted_one_is_the_target():
    predicted = torch.tensor([0, 2])
    assert _goal([1, 2]).reached(predicted).tolist() == [True, False]
    assert _goal([1, 1], targets=[2, 2], aim="chosen").reached(predicted).tolist() == [False, True]


def test_the_least_likely_class_is_the_clean_prediction_s_and_never_the_label():
    assert _goal([1, 2], aim="least_likely").targets.tolist() == [0, 1]
    assert _goal([0, 1], aim="least_likely").targets.tolist() == [2, 2]


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor])
def test_labels_may_come_as_any_sequence_of_whole_numbers(kind):
    assert _goal(kind([2, 0])).labels.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("labels", "targets", "aim", "sentence"),
    [
        ([0], None, "untargeted", "one label for each of the 2 images; got 1"),
        ([0, -1], None, "untargeted", "label must be a whole number from 0 on; got -1"),
        ([0, 1.5], None, "untargeted", "label must be a whole number"),
        ([0, True], None, "untargeted", "label must be a whole number"),
        ([0, 3], None, "untargeted", "classes 0 to 2; got 3 as a label"),
        ([0, 1], [1, 0], "untargeted", "aim 'chosen'"),
        ([0, 1], None, "chosen", "aim 'chosen'"),
        ([0, 1], [1], "chosen", "one target for each of the 2 images; got 1"),
        ([0, 1], [1, None], "chosen", "target must be a whole number"),
        ([0, 1], [3, 0], "chosen", "classes 0 to 2; got 3 as a target"),
        ([0, 1], [1, 1], "chosen", "got class 1 for both"),
        ([None, 1], [1, 0], "chosen", "got class 1 for both"),
    ],
)
def test_classes_that_do_not_fit_are_refused(labels, targets, aim, sentence):
    with pytest.raises(BadInput, match=sentence):
        _goal(labels, targets, aim=aim)
