"""The view on simplicity biases: what each layer does to smoothness and noise, and whether Chen et al. 2020 are
confirmed.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.models.spec import ModelSpec
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.studies import simplicity_biases
from robust_core.studies.layer_biases import BY_LAYER, EVERY_LAYER, NOISE, Measure, Measured, ModelBiases
from robust_core.studies.simplicity_biases import SIGMA, SimplicityBiases, SimplicityBiasesRequest
from robust_core.studies.simplicity_claims import FIRST_LAYER, Verdict, estimate_of, tally, verdicts, written
from robust_core.ui import jobs, links, run_button, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features import bias_runs
from robust_core.ui.links import note_unknown
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun

NAME, SLOT = "layers", "layers:"
PASSES = 7  # forward and back cost as much: 4.9 in Mini, 8.9 in EfficientNet-Lite0, measured on two cores
CHART_PX = 360
MAX_SEED = 9_999
LOWEST_SIGMA, HIGHEST_SIGMA = 0.01, 0.5
PAPER = "Chen et al. 2020"


class LayersRun(StudyRun[SimplicityBiasesRequest]):
    """Whose layers are looked at; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        return bias_runs.settings_of(self.request, noise=f"σ {self.request.sigma:g}", seed=str(self.request.seed))


def show(
    specs: Sequence[ModelSpec], images: ImageSet, settings: DeltaGenerator, button: DeltaGenerator, note: DeltaGenerator
) -> None:
    """The view: controls come to `settings`, the button to `button`, and what would run to `note`."""
    with settings:
        sigma, seed = _choose_noise()
    wanted = LayersRun(SimplicityBiasesRequest(tuple(specs), images, sigma, seed))
    about = f"Every layer, with clean images and with Gaussian noise of σ {sigma:g}"
    run = bias_runs.choose_run(NAME, wanted, PASSES, about, button, note)
    measure = _choose_measure()
    jobs.poll_and_draw(partial(_results, run, measure), forecast.note_measured, alone=True)


def _choose_noise() -> tuple[float, int]:
    meaning = "Standard deviation of the Gaussian noise, where black is 0 and white 1"
    sigma = links.number(
        st.slider,
        "Noise σ",
        LOWEST_SIGMA,
        HIGHEST_SIGMA,
        SIGMA,
        0.01,
        key="noise_sigma",
        persist_state="session",
        help=meaning,
    )
    seed = links.number(st.number_input, "Seed of the noise", 0, MAX_SEED, 0, key="bias_seed", persist_state="session")
    return sigma, int(seed)


def _choose_measure() -> Measure:
    titles = {measure.title: measure for measure in BY_LAYER}
    note_unknown("layer_measure", "measure", list(titles))
    chosen = st.segmented_control(
        "Over depth",
        list(titles),
        default=NOISE.title,
        key="layer_measure",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    return titles[chosen]


def _results(run: LayersRun | None, measure: Measure) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run, measure)
    words.show_how_to_read("layer_biases")


def _show_run(run: LayersRun, measure: Measure) -> None:
    running = bias_runs.start(run, SLOT, simplicity_biases.run)
    found: SimplicityBiases | None = bias_runs.finished(run, running, SLOT)
    if found is None:
        return
    ended = not any(job.active for job in running.values())  # before, a model to compare with may be missing
    if ended:
        _show_headline(found)
    _show_chart(found, measure)
    st.caption(f"**{measure.title}** ({measure.unit}): {measure.about}")
    if ended:
        _show_claims(found)
    first = found.by_model[0]
    st.caption(
        f"{bias_runs.origin(run, first.device)}. Protocol: {words.plain(found.protocol(first))}. "
        f"{words.labels_known(first.known, first.n)} Whiskers: 95%, 1,000 bootstrap resamples."
    )
    _show_table(found)


def _show_headline(found: SimplicityBiases) -> None:
    """How much noise passes the first layer, where training differs most."""
    verdict = next((one for one in verdicts(found) if one.claim.measure == NOISE), None)
    if verdict is None:
        _show_least_noise(found)
        return
    st.subheader(_two_first_layers(verdict.robust.value, verdict.standard.value), anchor=False)
    st.caption(
        f"{words.plain(verdict.robust_model.title)} {written(verdict.robust, NOISE)}, "
        f"{words.plain(verdict.standard_model.title)} {written(verdict.standard, NOISE)}; noise-to-signal energy as a "
        f"percentage of the input's, n = {found.by_model[0].n}."
    )


def _first_layer(percent: float, layer: str) -> str:
    """What `layer` does to noise; above 100% it amplifies it."""
    if round(percent) <= 100:
        return f"{percent:.0f}% of the noise passes {layer}"
    times = percent / 100
    return f"{layer[0].upper()}{layer[1:]} amplifies the noise {times:.{2 if times < 1.1 else 1}f} times"


def _two_first_layers(robust: float, standard: float) -> str:
    """The same with and without adversarial training."""
    said = _first_layer(robust, "the first layer") + " after adversarial training"
    if max(round(robust), round(standard)) <= 100:
        return f"{said}, {standard:.0f}% without"
    without = _first_layer(standard, "it")
    return f"{said}; without, {without[0].lower()}{without[1:]}"


def _show_least_noise(found: SimplicityBiases) -> None:
    """Which model lets the least noise pass its first layer."""
    passed = {one.spec.title: estimate_of(one, NOISE, FIRST_LAYER) for one in found.by_model}
    known = {title: one for title, one in passed.items() if one is not None and math.isfinite(one.value)}
    if known:
        title, least = min(known.items(), key=lambda pair: pair[1].value)
        st.subheader(_first_layer(least.value, f"the first layer of {words.plain(title)}"), anchor=False)
        others = "; ".join(f"{words.plain(one)} {written(value, NOISE)}" for one, value in known.items())
        st.caption(f"{others}; noise-to-signal energy as a percentage of the input's, n = {found.by_model[0].n}.")
    st.caption(bias_runs.PAIR.format(paper=PAPER))


def _show_claims(found: SimplicityBiases) -> None:
    """Each claim of the paper beside what was found, and in a sentence where the two disagree."""
    every = list(verdicts(found))
    if not every:
        return
    n = found.by_model[0].n
    against = [one for one in every if one.says == "contradicts"]
    box = st.warning if against else st.info
    box(" ".join([tally(every, PAPER), *map(_contradiction, against), f"n = {n}."]), icon=":material/gavel:")
    st.markdown(f"**{PAPER} found that after adversarial training…**")
    st.markdown("\n".join(map(_line, every)))


def _contradiction(one: Verdict) -> str:
    measure = one.claim.measure
    return (
        f"{bias_runs.contradicts(one.robust_model)} {PAPER} in the {one.claim.layer}: they found that "
        f"{one.claim.words}. {measure.title}: "
        f"{written(one.robust, measure)} in {words.plain(one.robust_model.title)}, {written(one.standard, measure)} in "
        f"{words.plain(one.standard_model.title)}."
    )


def _line(one: Verdict) -> str:
    measure = one.claim.measure
    return (
        f"- {bias_runs.MARKS[one.says]}: {one.claim.words} ({one.claim.layer}). "
        f"{words.plain(one.robust_model.title)} {written(one.robust, measure)}, "
        f"{words.plain(one.standard_model.title)} {written(one.standard, measure)}."
    )


def _show_chart(found: SimplicityBiases, measure: Measure) -> None:
    groups = [_group(model, measure) for model in found.by_model]
    figure = board_charts.curves(groups, "relative depth (0: first layer, 1: last)", f"{measure.title.lower()}")
    figure["layout"]["yaxis"] |= {"rangemode": "tozero"} | ({"ticksuffix": "%"} if measure.unit[0] == "%" else {})
    ends = "; ".join(
        f"{group.title}: {group.points[0].y:.3g} at the first layer, {group.points[-1].y:.3g} at the last"
        for group in groups
        if group.points
    )
    live_chart(
        figure,
        key="layer_profile",
        height_px=CHART_PX,
        alt=f"{measure.title} over depth. {ends}",
        png_name=f"layers_{measure.key}",
    )


def _group(model: ModelBiases, measure: Measure) -> Group:
    rows = [one for one in model.measured() if one.measure == measure and one.layer != EVERY_LAYER]
    points = [_point(model, one) for one in rows if math.isfinite(one.estimate.value)]
    return Group(model.spec.title, model_colours()[model.spec.key], points, hollow=False)


def _point(model: ModelBiases, one: Measured) -> Point:
    low, high = (None if math.isnan(bound) else bound for bound in (one.estimate.low, one.estimate.high))
    said = f"{model.spec.title}<br>{one.layer}: {written(one.estimate, one.measure)}, n = {one.n}"
    return Point(one.depth, one.estimate.value, low, high, said)


def _show_table(found: SimplicityBiases) -> None:
    with st.expander("Every layer with n and 95% interval", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame(_rows(found)), hide_index=True)


def _rows(found: SimplicityBiases) -> list[dict[str, str]]:
    """A row for each model and layer, a column for each measure."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for model in found.by_model:
        for one in model.measured():
            start = {"Model": model.spec.title, "Layer": one.layer}
            row = rows.setdefault((model.spec.key, one.layer), start)
            row[one.measure.title] = f"{written(one.estimate, one.measure)}, n = {one.n}"
    return [dict.fromkeys(("Model", "Layer"), "") | row for row in rows.values()]
