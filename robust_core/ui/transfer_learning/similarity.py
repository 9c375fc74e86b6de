"""The view on similarity of features: linear CKA between every two models."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import board_charts
from robust_core.studies import feature_similarity
from robust_core.studies.feature_similarity import METHOD, PROTOCOL, FeatureSimilarity, FeatureSimilarityRequest
from robust_core.ui import jobs, on_page, recorded, run_button, words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features import bias_runs
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import WholeRun
from robust_core.ui.transfer_learning import published

NAME, SLOT = "similarity", "similarity:all"
ROW_PX, FRAME_PX = 34, 190


class SimilarityRun(WholeRun[FeatureSimilarityRequest]):
    """Whose features are compared; whether it is `recorded`, all models together."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        return bias_runs.settings_of(self.request)


def show(
    specs: Sequence[ModelSpec], images: ImageSet, settings: DeltaGenerator, button: DeltaGenerator, note: DeltaGenerator
) -> None:
    """The view: the button comes to `button`, and what would run to `note`; there is nothing to set."""
    settings.caption("Nothing to set here: CKA has no free parameter.")
    try:
        wanted = SimilarityRun(FeatureSimilarityRequest(tuple(specs), images))
    except BadInput as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return
    here = SimilarityRun(wanted.request, recorded=True) if recorded.find(wanted.request) else None
    note.caption(f"Linear CKA of what the last layers read; n = {len(images)}.")
    run = run_button.choose_run(NAME, wanted, button, note, recorded=here)
    jobs.poll_and_draw(partial(_results, run), forecast.note_measured, alone=True)


def _results(run: SimilarityRun | None) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    published.show()
    words.show_how_to_read("transfer_learning")


def _show_run(run: SimilarityRun) -> None:
    job = _start(run)
    if job.state is not State.DONE:
        jobs.show_progress(SLOT, job)
        return
    result: FeatureSimilarity = job.result
    on_page.show(run.request, result, run.recorded_whole)
    for sentence in result.sentences():
        st.markdown(words.plain(sentence))
    titles = [spec.title for spec in result.models]
    figure = board_charts.heat_map(titles, titles, result.matrix(), "linear CKA", ".2f")
    said = "; ".join(f"{one.first.title} and {one.second.title} {one.cka:.2f}" for one in result.pairs)
    height = FRAME_PX + ROW_PX * len(titles)
    live_chart(figure, key="similarity", height_px=height, alt=f"Linear CKA: {said}", png_name="feature_similarity")
    recording = run.recorded_whole
    when = f" {recorded.when(recording)}" if recording else ""
    st.caption(
        f"{recorded.badge(recording)}{when} {words.plain(PROTOCOL[0].upper() + PROTOCOL[1:])}; n = {result.n}. 1: the "
        f"same up to rotation and scale; 0: unrelated. Intervals: 95%, {METHOD}."
    )
    with st.expander("Every pair with n and 95% interval", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame(map(_row, result.pairs)), hide_index=True)


def _start(run: SimilarityRun) -> Job:
    recording = run.recorded_whole
    if recording is not None:
        jobs.keep_only(SLOT, ())
        return Job.done(run.key, recording.result)
    jobs.keep_only(forecast.SLOT, ())
    return jobs.start(SLOT, run.key, partial(feature_similarity.run, run.request))


def _row(one: feature_similarity.Similarity) -> dict[str, str]:
    bounded = f"{one.cka:.2f} [{one.low:.2f}, {one.high:.2f}]"
    return {"Model": one.first.title, "And": one.second.title, "Linear CKA": bounded.replace("-", "−")}
