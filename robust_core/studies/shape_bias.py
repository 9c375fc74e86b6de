"""Shape bias of several models on the same stimuli: every prediction as scores of the 16 categories, read by either
published rule.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core import csv_cells
from robust_core.checks import set_whole
from robust_core.cue_conflict.decisions import NAMES, RULES, DecisionRule, category_scores
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import CueVotes, cues_of, tally
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, result_of
from robust_core.intervals import Interval
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.results import AS_IF_INDEPENDENT
from robust_core.studies import predictions
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

BATCH_SIZE = 16


@dataclass(frozen=True, eq=False)
class ShapeBiasRequest(Request):
    """What each model decides for on the first `n` of `stimuli`.

    Raises BadInput for no model, an `n` outside 1 to the set's size, or a model whose classes do not make up the 16
    categories.
    """

    study: ClassVar[str] = "shape_bias"

    stimuli: StimulusSet
    n: int

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        set_whole(self, "n", 1, self.stimuli.count)
        require_categories(self.models)


@dataclass(frozen=True, eq=False)
class ModelResponses:
    """One model's predictions: the `scores` (N,16) of the categories for each of `stimuli`, by the key of the rule that
    reads them.
    """

    spec: ModelSpec
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

    def intervals(self, rule: DecisionRule) -> tuple[Interval | None, Interval | None]:
        """Of shape bias and of coverage under `rule`, by a method whose words say what it assumes."""
        votes = self.votes(rule)
        bias, coverage = votes.shape_bias_interval, votes.coverage_interval
        return as_assumed(bias, votes, self.spec), as_assumed(coverage, votes, self.spec)


@dataclass(frozen=True, eq=False)
class ShapeBias(StudyResult):
    """Shape bias, whose n are the stimuli decided for either cue, and coverage, whose n are all; a row for each model,
    rule and metric.

    by_model  what every model decided for on the same stimuli, in the order of the request
    rules     those that the table counts by
    caveats   what a reader must know about these numbers, as sentences
    """

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelResponses, ...]
    rules: tuple[DecisionRule, ...] = RULES
    caveats: tuple[str, ...] = ()

    @property
    def options(self) -> Mapping[str, tuple[DecisionRule, ...]]:
        """The rules that the table counts by."""
        return {"rules": self.rules}

    def sentences(self) -> tuple[str, ...]:
        """Its caveats."""
        return self.caveats

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, rule and metric."""
        import pandas

        return pandas.DataFrame(
            row for responses in self.by_model for rule in self._rules_of(responses) for row in _rows(responses, rule)
        )

    def by_stimulus(self) -> "pandas.DataFrame":
        """A row for each model and stimulus: its cues, the decision by each published rule, and what it follows."""
        import pandas

        return pandas.concat([_by_stimulus(responses) for responses in self.by_model], ignore_index=True)

    def csv_by_stimulus(self) -> str:
        """The same as CSV, below the line that says what was asked."""
        return self.provenance.header + csv_cells.of_frame(self.by_stimulus())

    def figure(self) -> "Figure":
        """The shape bias of each model under each rule."""
        from robust_core.plots import results

        rows = self.frame[self.frame["metric"] == "shape_bias"]
        return results.bars(
            rows.assign(label=rows["model"] + "<br>" + rows["rule"]), "label", "value_percent", "shape bias, %"
        )

    def _rules_of(self, responses: ModelResponses) -> tuple[DecisionRule, ...]:
        """Where the classes are the 16 categories themselves, all rules are one."""
        return self.rules[:1] if responses.spec.label_space == MINI else self.rules


def require_categories(specs: Iterable[ModelSpec]) -> None:
    """Raise BadInput for a model whose classes do not make up the 16 categories."""
    for spec in specs:
        if spec.label_space not in (IMAGENET, MINI):
            raise BadInput(
                f"Shape bias is counted in the 16 categories; {spec.name} has {len(spec.label_space.names)} "
                "classes that do not make them up."
            )


def as_assumed(interval: Interval | None, votes: CueVotes, spec: ModelSpec) -> Interval | None:
    """`interval` of `votes` by a method whose words say what it assumes of the stimuli."""
    if interval is None or votes.clusters is not None or spec.label_space == MINI:  # Mini draws both cues anew
        return interval
    return replace(interval, method=AS_IF_INDEPENDENT)


def run(request: ShapeBiasRequest) -> Generator[Progress | ModelResponses, None, ShapeBias]:
    """Ask every model; yields the ModelResponses of each as soon as they are whole.

    No image is resized: a stimulus is shown as it is stored (Orhan 2019, evaluate_shapebias.py: ToTensor and Normalize
    only). Raises what `predictions.run` raises.
    """
    by_model: list[ModelResponses] = []
    n = request.n

    def among_all(event: Progress) -> Progress:
        return replace(event, done=len(by_model) * n + event.done, total=len(request.models) * n)

    for spec in request.models:
        responses = yield from mapped(_one_model(spec, request), among_all)
        by_model.append(responses)
        yield responses
    caveats = (request.stimuli.caveat,) if request.stimuli.caveat else ()
    return ShapeBias(Provenance.of(request), tuple(by_model), caveats=caveats)


def _one_model(spec: ModelSpec, request: ShapeBiasRequest) -> Generator[Progress, None, ModelResponses]:
    started, asked, probabilities = time.perf_counter(), [], []
    for first in range(0, request.n, BATCH_SIZE):
        yield Progress(first, request.n, "stimuli", spec.name)
        stimulus_images = [request.stimuli.at(place) for place in range(first, min(first + BATCH_SIZE, request.n))]
        images = ImageSet.of([stimulus_image.image for stimulus_image in stimulus_images])
        batch = result_of(predictions.run(PredictionsRequest((spec,), images))).only
        asked += [stimulus_image.stimulus for stimulus_image in stimulus_images]
        probabilities += [prediction.probabilities for prediction in batch.predictions]
    scores = {rule.key: category_scores(np.stack(probabilities), rule) for rule in RULES}
    return ModelResponses(spec, batch.device, tuple(asked), scores, time.perf_counter() - started)


def _by_stimulus(responses: ModelResponses) -> "pandas.DataFrame":
    import pandas

    spec, numbers = responses.spec, range(1, len(responses.stimuli) + 1)
    columns: dict[str, Any] = {"model": spec.name, "weights_sha256": spec.weights.sha256, "stimulus": numbers}
    columns |= {name: [getattr(one, name) for one in responses.stimuli] for name in ("name", "shape", "texture")}
    for rule in RULES:
        decisions = responses.decisions(rule)
        columns[f"decision_{rule.key}"] = [NAMES[decision] for decision in decisions]
        columns[f"follows_{rule.key}"] = [str(cue) for cue in cues_of(decisions, responses.stimuli)]
    return pandas.DataFrame(columns).assign(device=responses.device)


def _rows(responses: ModelResponses, rule: DecisionRule) -> Iterator[dict[str, Any]]:
    votes, spec = responses.votes(rule), responses.spec
    who = {"model": spec.name, "rule": rule.key}
    fixed = {"stimuli": votes.n, "protocol": f"{rule.title}; not resized", "weights_sha256": spec.weights.sha256}
    bias, coverage = responses.intervals(rule)
    yield who | {"metric": "shape_bias"} | percent("value", bias) | {"n": votes.decided} | fixed
    yield who | {"metric": "coverage"} | percent("value", coverage) | {"n": votes.n} | fixed
