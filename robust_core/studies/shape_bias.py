"""Shape bias of several models on the same stimuli: every prediction as scores of the 16 categories, read by either
published rule.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from robust_core.cue_conflict.decisions import RULES, DecisionRule, category_scores
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import CueVotes, tally
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, result_of
from robust_core.labels import IMAGENET, MINI, LabelSpace
from robust_core.predictions import predict_images
from robust_core.stimulus_sets import StimulusSet

BATCH_SIZE = 16


@dataclass(frozen=True, eq=False)
class ModelResponses:
    """One model's predictions: the `scores` (N,16) of the categories for each of `stimuli`, by the key of the rule that
    reads them.
    """

    model_key: str
    device: str
    stimuli: tuple[Stimulus, ...]
    scores: Mapping[str, np.ndarray]
    seconds: float

    def decisions(self, rule: DecisionRule) -> np.ndarray:
        """The category decided for, an index (N,) into the 16; a tie goes to the first in the alphabet."""
        return self.scores[rule.key].argmax(axis=1)

    def votes(self, rule: DecisionRule) -> CueVotes:
        """Shape, texture and coverage under `rule`."""
        return tally(self.decisions(rule), self.stimuli)


@dataclass(frozen=True, eq=False)
class AllResponses:
    """What all models predicted on the same stimuli, in the order in which they were asked."""

    by_model: tuple[ModelResponses, ...]


def run(
    model_keys: Sequence[str], stimuli: StimulusSet, n: int
) -> Generator[Progress | ModelResponses, None, AllResponses]:
    """Ask every model about the first `n` of `stimuli`; yields each model's responses as soon as they are whole.

    No image is resized: a stimulus is shown as it is stored (Orhan 2019, evaluate_shapebias.py: ToTensor and
    Normalize only). Raises BadInput for no model or an `n` outside 1 to the set's size, and what
    `predictions.predict_images` raises.
    """
    if not model_keys or not 1 <= n <= stimuli.count:
        raise BadInput(
            f"Expected at least one model and 1 to {stimuli.count} stimuli; got {len(model_keys)} models and n = {n}."
        )
    by_model: list[ModelResponses] = []

    def among_all(event: Progress) -> Progress:
        return replace(event, done=len(by_model) * n + event.done, total=len(model_keys) * n)

    for key in model_keys:
        responses = yield from mapped(_ask(key, stimuli, n), among_all)
        by_model.append(responses)
        yield responses
    return AllResponses(tuple(by_model))


def _ask(model_key: str, stimuli: StimulusSet, n: int) -> Generator[Progress, None, ModelResponses]:
    started, asked, predicted = time.perf_counter(), [], []
    for first in range(0, n, BATCH_SIZE):
        yield Progress(first, n, "votes", model_key)
        stimulus_images = [stimuli.at(place) for place in range(first, min(first + BATCH_SIZE, n))]
        batch = result_of(
            predict_images(
                model_key, [stimulus_image.image for stimulus_image in stimulus_images], centre_crop_only=True
            )
        )
        _check_classes(model_key, batch.predictions[0].label_space)
        asked += [stimulus_image.stimulus for stimulus_image in stimulus_images]
        predicted += [prediction.probabilities for prediction in batch.predictions]
    probabilities = np.stack(predicted)
    scores = {rule.key: category_scores(probabilities, rule) for rule in RULES}
    return ModelResponses(model_key, batch.device, tuple(asked), scores, time.perf_counter() - started)


def _check_classes(model_key: str, space: LabelSpace) -> None:
    if space not in (IMAGENET, MINI):
        raise BadInput(
            f"Shape bias is counted in the 16 categories, which {space.title} ({len(space.names)}, {model_key}) do "
            "not make up."
        )
