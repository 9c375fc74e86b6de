"""Shape bias through glasses: what each model decides for on the same stimuli when it sees them through a filter.

The filter acts on the pixels that the model is given, so that a length counts pixels of that grid. No stimulus is
resized.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.checks import set_whole
from robust_core.cue_conflict.decisions import RULES, DecisionRule
from robust_core.data.stimulus_sets import StimulusImage, StimulusSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.images import stack, to_pixels
from robust_core.input_filters.table import InputFilter, get_filter
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.glasses_responses import (
    AT_CHANCE,
    COVERAGE,
    METRICS,
    SHAPE_BIAS,
    GlassesResponses,
    rules_of,
    scale_sentence,
)
from robust_core.studies.predictions import predict
from robust_core.studies.request import Request
from robust_core.studies.shape_bias import BATCH_SIZE, require_categories
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class GlassesRequest(Request):
    """What each model decides for on the first `n` of `stimuli`, without a filter and through `input_filter` (a key of
    its table) at each of `strengths`, which are put in order; the strength that leaves images as they are is left out.

    Raises UnknownName for a filter, and BadInput for no model, an `n` outside 1 to the set's size, a model whose
    classes do not make up the 16 categories, or strengths that the filter does not have.
    """

    study: ClassVar[str] = "glasses"

    stimuli: StimulusSet
    n: int
    input_filter: str
    strengths: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        require_categories(self.models)
        set_whole(self, "n", 1, self.stimuli.count)
        object.__setattr__(self, "strengths", self.row.checked(self.strengths))

    @property
    def row(self) -> InputFilter:
        """The filter."""
        return get_filter(self.input_filter)

    @property
    def passes(self) -> int:
        """How many stimuli go through each model, at all strengths together."""
        return self.n * (1 + len(self.strengths))


@dataclass(frozen=True, eq=False)
class Glasses(StudyResult):
    """Shape bias, whose n are the stimuli decided for either cue, and coverage, shape and texture decisions, whose n
    are all; a row for each model, rule, strength and metric.

    by_model  what every model decided for on the same stimuli, in the order of the request
    caveats   what a reader must know about these stimuli, as sentences
    """

    parts: ClassVar[str] = "by_model"

    by_model: tuple[GlassesResponses, ...]
    caveats: tuple[str, ...] = ()

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, rule, strength and metric; without a filter the strength is the one that turns it off,
        or missing where there is none.
        """
        import pandas

        return pandas.DataFrame(row for one in self.by_model for rule in rules_of(one.spec) for row in _rows(one, rule))

    def figure(self) -> "Figure":
        """Shape bias and coverage against strength."""
        from robust_core.plots import results

        row = self.by_model[0].row
        shown = self.frame[self.frame["metric"].isin([SHAPE_BIAS, COVERAGE])].dropna(subset="strength")
        titles = {SHAPE_BIAS: "shape bias, %", COVERAGE: "coverage, %"}
        return results.curve_panels(
            shown, "metric", titles, ["model", "rule"], "strength", "value_percent", f"{row.title}: {row.parameter}"
        )

    def sentences(self) -> tuple[str, ...]:
        """What the filter does to each model, how its strength compares with the image, and the caveats."""
        found = [one.finding(rules_of(one.spec)[0]) for one in self.by_model]
        return (*found, *dict.fromkeys(map(scale_sentence, self.by_model)), AT_CHANCE, *self.caveats)


def run(request: GlassesRequest) -> Generator[Progress | GlassesResponses, None, Glasses]:
    """Ask every model; yields a model's GlassesResponses so far after each strength. Raises what `pool.use` raises."""
    read = yield from _read(request)
    by_model = yield from of_all([(spec.name, _one_model(spec, request, read)) for spec in request.models])
    caveats = (request.stimuli.caveat,) if request.stimuli.caveat else ()
    return Glasses(Provenance.of(request), tuple(by_model), caveats)


def responses_so_far(events: Iterable[Any]) -> list[GlassesResponses]:
    """What is known of each model among the events of `run`, also before it has ended."""
    return list({event.spec.key: event for event in events if isinstance(event, GlassesResponses)}.values())


def _read(request: GlassesRequest) -> Generator[Progress, None, list[StimulusImage]]:
    """All stimuli, which are the same for every model and strength."""
    read: list[StimulusImage] = []
    for place in range(request.n):
        if place % BATCH_SIZE == 0:
            yield Progress(0, request.passes * len(request.models), "stimuli", "reading the stimuli")
        read.append(replace(request.stimuli.at(place), mask=None))  # nobody needs it, and there may be many
    return read


def _one_model(
    spec: ModelSpec, request: GlassesRequest, read: Sequence[StimulusImage]
) -> Generator[Progress | GlassesResponses, None, GlassesResponses]:
    from robust_core.input_filters.wrapping import looking_through
    from robust_core.models.pool import shared_pool

    started = time.perf_counter()
    yield Progress(0, request.passes, "stimuli", "loading the model")
    with shared_pool().use(spec.key) as model:
        unasked = {rule.key: np.empty((0, len(read)), np.uint8) for rule in RULES}
        stimuli = tuple(one.stimulus for one in read)
        responses = GlassesResponses(spec, str(model.device), request.input_filter, (), stimuli, unasked, (0, 0), 0.0)
        for number, strength in enumerate((None, *request.strengths)):
            begun = Progress(number * len(read), request.passes, "stimuli", request.row.at(strength))
            probabilities, input_px = yield from _probabilities(
                looking_through(model, request.input_filter, strength), read, begun
            )
            responses = responses.then(strength, probabilities, input_px, time.perf_counter() - started)
            yield responses
    return responses


def _probabilities(
    model: "LoadedModel", stimulus_images: Sequence[StimulusImage], begun: Progress
) -> Generator[Progress, None, tuple[np.ndarray, tuple[int, int]]]:
    """The class probabilities (N,K) for all stimuli, and the height and width in pixels at which they were seen."""
    found: list[np.ndarray] = []
    for first in range(0, len(stimulus_images), BATCH_SIZE):
        yield replace(begun, done=begun.done + first)
        pixels = _pixels(model.spec, stimulus_images[first : first + BATCH_SIZE])
        predictions, _ = predict(model, pixels)
        found += [one.probabilities for one in predictions]
    height_px, width_px = pixels.shape[2:]
    return np.stack(found), (int(height_px), int(width_px))


def _pixels(spec: ModelSpec, stimulus_images: Sequence[StimulusImage]) -> "Tensor":
    images = [one.image for one in stimulus_images]
    return stack([to_pixels(image, spec.preprocess_for(image.centre_crop_only)) for image in images])


def _rows(responses: GlassesResponses, rule: DecisionRule) -> Iterator[dict[str, Any]]:
    spec, row = responses.spec, responses.row
    height_px, width_px = responses.input_px
    read = "a model's class is its category" if spec.label_space == MINI else rule.title
    fixed = {
        "stimuli": len(responses.stimuli),
        "input_px": f"{width_px} × {height_px}",
        "protocol": f"{row.title} ({row.parameter}) before the model; {read}; not resized",
        "weights_sha256": spec.weights.sha256,
    }
    for place, strength in enumerate(responses.strengths):
        worn = {
            "filter": "none" if strength is None else row.key,
            "strength": row.off if strength is None else strength,
        }
        who = {"model": spec.name, "rule": rule.key} | worn
        for metric in METRICS:
            interval = responses.interval(place, rule, metric)
            n = 0 if interval is None else interval.n
            yield who | {"metric": metric} | percent("value", interval) | {"n": n} | fixed
