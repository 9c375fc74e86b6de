"""What is said of one image, for every way in which its number can be censored."""

import math
from types import SimpleNamespace

import pytest
import torch

from robust_core.intervals import wilson
from robust_core.models.catalogue import get_spec
from robust_core.studies.breakability import ALONE, RANKED, UNBROKEN, Breakability
from robust_core.ui.smallest_change.one_image import sentence

SPEC = get_spec("mini_resnext")
RUN = SimpleNamespace(search=SimpleNamespace(norm="linf"))


def one(rank, distance=0.5 / 255, *, right=True):
    changes = SimpleNamespace(
        distance=torch.tensor([distance]), clean_correct=torch.tensor([right]), clean_label=torch.tensor([3])
    )
    return SimpleNamespace(spec=SPEC, changes=changes, rank=rank)


REFERENCES = tuple(number / 255 for number in range(1, 11))
AMONG_TEN = Breakability(RANKED, 0.5 / 255, REFERENCES, wilson(2, 10), 0)
NEVER_BROKEN = Breakability(UNBROKEN, math.inf, (*REFERENCES[:3], math.inf), None, 0)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            one(Breakability(RANKED, 0.5 / 255, REFERENCES, wilson(2, 10), 0)),
            "more breakable than **80.0%** [49.0%, 94.3%]",
        ),
        (one(Breakability(RANKED, 0.5 / 255, REFERENCES, wilson(2, 10), 0)), "of 10 reference images."),
        (
            one(Breakability(UNBROKEN, math.inf, (*REFERENCES[:3], math.inf), None, 0), math.inf),
            "3 of 4 reference images broke",
        ),
        (one(Breakability(ALONE, 0.5 / 255, (), None, 2)), "No reference images"),
        (one(None), "**ε = 0.5/255**. No reference images"),
        (one(None, math.inf), "no search broke it"),
        (one(None, 0.0, right=False), f"wrong before any change ({SPEC.label_space.names[3]})"),
    ],
)
def test_the_sentence_says_what_is_known(found, said):
    assert said in sentence(RUN, found)
