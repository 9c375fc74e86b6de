from dataclasses import dataclass

import numpy as np
import pytest
import torch

from robust_core.jobs import Job, State
from robust_core.jobs.job import array_bytes


@dataclass(frozen=True, eq=False)
class SequencePredictions:
    frames: tuple[np.ndarray, ...]
    name: str
    scores: dict[str, torch.Tensor]


def test_the_arrays_of_an_event_are_counted_wherever_they_are():
    frame = np.zeros((4, 5, 3), np.uint8)
    sequence = SequencePredictions((frame, frame.copy()), "x" * 1000, {"all": torch.zeros(2, 7)})
    assert array_bytes([sequence]) == 60 + 60 + 56
    assert array_bytes([frame, sequence]) == 176, "a frame that was shown before it became part of the frame sequence"
    assert array_bytes([1, "two", None, 3.0]) == 0


@pytest.mark.parametrize(("key", "kind"), [(("pgd:", "resnet50", 3), "pgd:"), ("alone", None), ((), None)])
def test_the_kind_of_a_job_is_the_first_part_of_its_key(key, kind):
    assert Job(key, lambda: iter(())).kind == kind


def test_a_refused_job_is_over_and_says_why():
    job = Job.refused("k", "No room.")
    assert (job.state, job.error, job.active, job.result) == (State.REFUSED, "No room.", False, None)
    assert job.finished.is_set()
