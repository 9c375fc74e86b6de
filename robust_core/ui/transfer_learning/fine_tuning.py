"""The view on fine-tuning: two steps are measured first, then all weights of a copy are trained on."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.jobs import State
from robust_core.models.spec import ModelSpec
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.recordings.shipped import FINE_TUNED
from robust_core.studies import fine_tuning
from robust_core.studies.fine_tuned_models import FineTunedModel, FineTuning
from robust_core.studies.fine_tuning import LEARNING_RATE, STEPS, FineTuningRequest
from robust_core.ui import jobs, links, run_button, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features import bias_runs
from robust_core.ui.links import note_unknown
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part
from robust_core.ui.transfer_learning import published

NAME, SLOT, MEASURE_SLOT, MEASURED = "fine_tuning", "fine_tuning:", "fine_tuning_seconds", "fine_tuning_measured"
CHART_PX, MAX_STEPS, MAX_SEED = 380, 2_000, 9_999
RATES = (0.001, 0.005, 0.01, 0.05, 0.1)


class FineTuningRun(StudyRun[FineTuningRequest]):
    """Which models are trained on; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return {
            **bias_runs.settings_of(request),
            "steps": f"{request.steps:,}",
            "learning rate": f"{request.learning_rate:g}",
            "statistics of batch normalisation": "kept" if request.frozen_batch_norm else "learnt anew",
            "seed": str(request.seed),
        }


def show(
    specs: Sequence[ModelSpec], images: ImageSet, settings: DeltaGenerator, button: DeltaGenerator, note: DeltaGenerator
) -> None:
    """The view: controls come to `settings`, the button to `button`, and what would run to `note`."""
    chosen = _choose_models(specs)
    if not chosen:
        st.info("Choose at least one model to train on.", icon=":material/arrow_upward:")
        return
    with settings:
        request = _choose_request(chosen, images)
    wanted = FineTuningRun(request)
    there = recorded_part(request)
    here = FineTuningRun(there, recorded=True) if there else None
    note.caption(
        f"{words.count(request.steps, 'step')} of SGD on all weights of a copy, on one half of the images; judged on "
        f"the other. Two steps are timed first; without a GPU a run that would take more than "
        f"{jobs.roughly(fine_tuning.LONGEST_CPU_SECONDS)} is refused."
    )
    note.button("How long does it take?", key="measure_steps", icon=":material/timer:", on_click=_ask, args=(request,))
    run = run_button.choose_run(NAME, wanted, button, note, recorded=here)
    jobs.poll_and_draw(partial(_results, run, request), forecast.note_measured, alone=True)


def _choose_models(specs: Sequence[ModelSpec]) -> list[ModelSpec]:
    titles = {spec.title: spec for spec in specs}
    first = [title for title, spec in titles.items() if spec.key in FINE_TUNED] or list(titles)[:1]
    note_unknown("tuned_models", "model", list(titles))
    kept = [title for title in st.session_state.get("tuned_models", first) if title in titles]
    if "tuned_models" in st.session_state and kept != st.session_state["tuned_models"]:
        st.session_state["tuned_models"] = kept  # some are gone from the sidebar
    chosen = st.multiselect(
        "Trained on", list(titles), default=first, key="tuned_models", bind="query-params", persist_state="session"
    )
    return [titles[title] for title in chosen]


def _choose_request(specs: Sequence[ModelSpec], images: ImageSet) -> FineTuningRequest:
    keep = {"persist_state": "session"}
    steps = links.number(st.slider, "Steps", 10, MAX_STEPS, STEPS, 10, key="tuning_steps", **keep)
    rates = [f"{rate:g}" for rate in RATES]
    note_unknown("tuning_rate", "learning rate", rates)
    rate = st.select_slider(
        "Learning rate at the start", rates, f"{LEARNING_RATE:g}", key="tuning_rate", bind="query-params", **keep
    )
    frozen = st.toggle("Keep the statistics of batch normalisation", key="tuning_frozen", bind="query-params", **keep)
    seed = links.number(st.number_input, "Seed", 0, MAX_SEED, 0, key="tuning_seed", **keep)
    return FineTuningRequest(tuple(specs), images, int(steps), float(rate), frozen_batch_norm=frozen, seed=int(seed))


def _ask(request: FineTuningRequest) -> None:
    st.session_state[MEASURED] = request.key


def _results(run: FineTuningRun | None, wanted: FineTuningRequest) -> None:
    if st.session_state.get(MEASURED) == wanted.key:
        _show_forecast(wanted)
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    published.show()
    words.show_how_to_read("transfer_learning")


def _show_forecast(wanted: FineTuningRequest) -> None:
    """How long each model takes, from two measured steps."""
    job = jobs.start(MEASURE_SLOT, ("two steps", wanted.key), partial(fine_tuning.forecasts, wanted))
    if job.state is not State.DONE:
        jobs.show_progress(MEASURE_SLOT, job)
        return
    st.info(" ".join(f"{words.plain(str(one))}." for one in job.result), icon=":material/timer:")


def _show_run(run: FineTuningRun) -> None:
    running = bias_runs.start(run, SLOT, fine_tuning.run)
    for job in running.values():
        if job.active:
            for one in fine_tuning.forecasts_so_far(job.events):
                st.caption(f"{words.plain(str(one))}.")
    found: FineTuning | None = bias_runs.finished(run, running, SLOT)
    if found is None:
        return
    for one in found.by_model:
        gain = found.gain(one)
        st.markdown(
            f"**{words.plain(one.spec.title)}**: {words.plain(str(found.after(one)))} after all steps, a linear probe "
            f"{words.plain(str(found.fixed(one)))}. Fine-tuning adds "
            + f"{100 * gain.estimate:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}] points.".replace("-", "−")
        )
    _show_chart(found)
    first = found.by_model[0]
    seconds = sum(one.seconds for one in found.by_model)
    norm = "kept" if found.frozen_batch_norm else "learnt anew"
    st.caption(
        f"{bias_runs.origin(run, first.device)}; {words.seconds(seconds)} in all. Trained on {found.trained_on} "
        f"images, judged on {len(found.labels)} others of the same classes; statistics of batch normalisation {norm}. "
        f"Dotted: linear probe on the same halves, one split, where the view Linear probe averages many. Intervals: "
        f"95%, Wilson; gains paired (Newcombe). "
        f"Chance: {found.chance:.1%}."
    )
    with st.expander("Every number with n and 95% interval", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame([row for one in found.by_model for row in _rows(found, one)]), hide_index=True)


def _show_chart(found: FineTuning) -> None:
    colours, groups = model_colours(), []
    for one in found.by_model:
        points = [_point(found, one, step) for step in one.predicted]
        groups.append(Group(one.spec.title, colours[one.spec.key], points, hollow=False))
    figure = board_charts.curves(groups, "steps of SGD", "accuracy ↑ higher is better")
    for one, group in zip(found.by_model, groups, strict=True):
        level = found.fixed(one)
        line = {"color": group.colour, "width": 2, "dash": "dot"}
        figure["data"].append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"linear probe, {group.title}",
                "x": [0, max(one.predicted)],
                "y": [level.estimate] * 2,
                "line": line,
                "showlegend": False,
                "hoverinfo": "skip",
            }
        )
    figure["layout"]["yaxis"] |= {"tickformat": ".0%", "rangemode": "tozero"}
    ends = "; ".join(f"{group.title}: {group.points[-1].y:.0%}" for group in groups)
    live_chart(
        figure, key="fine_tuning", height_px=CHART_PX, alt=f"Accuracy over steps. {ends}", png_name="fine_tuning"
    )


def _point(found: FineTuning, one: FineTunedModel, step: int) -> Point:
    accuracy = found.after(one, step)
    said = f"{one.spec.title}<br>after {words.count(step, 'step')}: {accuracy}"
    return Point(step, accuracy.estimate, accuracy.low, accuracy.high, said)


def _rows(found: FineTuning, one: FineTunedModel) -> list[dict[str, str]]:
    probe = {"Model": one.spec.title, "After": "linear probe", "Accuracy": str(found.fixed(one))}
    steps = [
        {"Model": one.spec.title, "After": words.count(step, "step"), "Accuracy": str(found.after(one, step))}
        for step in one.predicted
    ]
    return [probe, *steps]
