"""The view on cue removal: a profile of accuracies for each model, with and without shape, texture and colour."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.images import LabelledImage
from robust_core.models.spec import ModelSpec
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.studies import cue_removal
from robust_core.studies.cue_removal import CueGap, CueRemoval, CueRemovalRequest, ModelCues, left_out
from robust_core.studies.cue_tests import CLEAN, CueTest, shown
from robust_core.studies.simplicity_claims import tally
from robust_core.ui import jobs, links, run_button, screen_images, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features import bias_runs
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.server import script_turns
from robust_core.ui.study_run import StudyRun

NAME, SLOT = "cues", "cues:"
PASSES = 3  # forward and back cost as much: 3.9 in Mini, which draws its images, 1.4 in EfficientNet-Lite0
CHART_PX, SEEN_PX = 380, 96
MAX_SEED = 9_999
PAPER = "Chen et al. 2020"


class CuesRun(StudyRun[CueRemovalRequest]):
    """Whose cues are taken away; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        return bias_runs.settings_of(self.request, seed=str(self.request.seed))


def show(
    specs: Sequence[ModelSpec], images: ImageSet, settings: DeltaGenerator, button: DeltaGenerator, note: DeltaGenerator
) -> None:
    """The view: controls come to `settings`, the button to `button`, and what would run to `note`."""
    meaning = "Of the order of scrambled patches, and of the texture of stylised images"
    seed = links.number(
        settings.number_input, "Seed", 0, MAX_SEED, 0, key="cue_seed", persist_state="session", help=meaning
    )
    wanted = CuesRun(CueRemovalRequest(tuple(specs), images, int(seed)))
    about = "Accuracy on the same images with one cue taken away"
    run = bias_runs.choose_run(NAME, wanted, PASSES, about, button, note)
    jobs.poll_and_draw(partial(_results, run), forecast.note_measured, alone=True)


def _results(run: CuesRun | None) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    words.show_how_to_read("cue_removal")


def _show_run(run: CuesRun) -> None:
    running = bias_runs.start(run, SLOT, cue_removal.run)
    found: CueRemoval | None = bias_runs.finished(run, running, SLOT)
    if found is None:
        return
    ended = not any(job.active for job in running.values())  # before, a model to compare with may be missing
    if ended:
        _show_headline(found)
    _show_examples(run, found.by_model[0])
    _show_chart(found)
    if ended:
        _show_claims(found)
    first = found.by_model[0]
    st.caption(
        f"{bias_runs.origin(run, first.device)}. Whiskers: 95% intervals (Wilson). "
        f"{words.labels_known(int(first.known.sum()), first.n)} {left_out(first)}"
    )
    _show_table(found)


def _show_headline(found: CueRemoval) -> None:
    """The test on which training makes the largest difference."""
    gaps = found.gaps()
    if not gaps:
        _show_most_lost(found)
        return
    one = max(gaps, key=lambda gap: abs(gap.difference.estimate))
    robust, standard = one.robust.accuracy(one.test), one.standard.accuracy(one.test)
    st.subheader(
        f"{one.test.title}: {robust.estimate:.1%} right after adversarial training, {standard.estimate:.1%} without",
        anchor=False,
    )
    st.caption(f"{_who(one)}: {one.points}; {one.test.removes} is taken away, n = {one.robust.n}.")


def _show_most_lost(found: CueRemoval) -> None:
    """The test that costs one model most."""
    every = [(model, test) for model in found.by_model for test in model.tests]
    model, test = min(every, key=lambda pair: pair[0].accuracy(pair[1]).estimate)
    left, clean = model.accuracy(test), model.accuracy(CLEAN)
    st.subheader(
        f"{test.title}: {left.estimate:.1%} right in {model.spec.title}, {clean.estimate:.1%} when clean", anchor=False
    )
    st.caption(f"{bias_runs.percent(left)} and {bias_runs.percent(clean)}, n = {model.n}.")
    st.caption(bias_runs.PAIR.format(paper=PAPER))


def _show_examples(run: CuesRun, model: ModelCues) -> None:
    """The first image under each test, at the input size of the first model."""
    image = run.request.images[0]
    with st.container(horizontal=True):
        for test in model.tests:
            rgb = _example(image.pixels_sha256, test.key, run.request.seed, model.spec.key, image, model.spec, test)
            with st.container(width=SEEN_PX, gap="xxsmall"):
                st.image(screen_images.screen_uri(rgb), width=SEEN_PX, alt=f"{test.title}: {image.name}")
                st.caption(test.title)


@script_turns.kept(64)
def _example(
    pixels_sha256: str, test: str, seed: int, model: str, _image: LabelledImage, _spec: ModelSpec, _test: CueTest
) -> np.ndarray:
    """The first image under a test; what is underlined is told by what comes before it."""
    made = shown(_image, _spec, _test, seed)
    assert made is not None  # the test was made of every image
    return made.rgb


def _show_chart(found: CueRemoval) -> None:
    groups = [_group(model) for model in found.by_model]
    figure = board_charts.bars(groups, "accuracy ↑ higher is better")
    figure["layout"]["yaxis"] |= {"range": [0, 1.02], **_ticks(found)}
    figure["layout"]["shapes"] = [_chance_line(_chance(found))]
    figure["layout"]["xaxis"] |= {"tickangle": "auto"}
    said = "; ".join(f"{group.title}: " + ", ".join(f"{one.x} {one.y:.1%}" for one in group.points) for group in groups)
    live_chart(figure, key="cue_profile", height_px=CHART_PX, alt=f"Accuracy under each test. {said}", png_name="cues")


def _classes(found: CueRemoval) -> int:
    return len(found.by_model[0].spec.label_space.names)


def _chance(found: CueRemoval) -> float:
    """The accuracy of a network that guesses."""
    return 1 / _classes(found)


def _ticks(found: CueRemoval) -> dict[str, list]:
    """Those of the axis of accuracies, among them chance, in words."""
    rest = (0.25, 0.5, 0.75, 1.0)
    return {
        "tickvals": [_chance(found), *rest],
        "ticktext": [f"chance<br>1/{_classes(found):,}", *(f"{one:.0%}" for one in rest)],
    }


def _chance_line(chance: float) -> dict:
    line = {"width": 2, "dash": "dot", "color": board_charts.LINE_COLOUR}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": chance, "line": line}


def _group(model: ModelCues) -> Group:
    points = []
    for test in model.tests:
        left = model.accuracy(test)
        said = f"{model.spec.title}<br>{test.title}: {bias_runs.percent(left)}, n = {model.n}"
        points.append(Point(test.title, left.estimate, left.low, left.high, said))
    return Group(model.spec.title, model_colours()[model.spec.key], points, hollow=False)


def _show_claims(found: CueRemoval) -> None:
    gaps = found.gaps()
    if not gaps:
        return
    against = "; ".join(f"{one.test.title.lower()}, {one.points}" for one in gaps if one.says == "contradicts")
    said = [tally(gaps, PAPER)]
    if against:
        said.append(f"{bias_runs.contradicts(found.by_model[0].spec)} {PAPER} in these: {against}.")
    box = st.warning if against else st.info
    box(" ".join([*said, _floor(found, gaps), f"n = {gaps[0].robust.n}."]), icon=":material/gavel:")
    st.markdown(
        f"**{PAPER} found that adversarially trained networks rely on shape. So they should be worse where shape is "
        "taken away, and better where texture is.**"
    )
    st.markdown("\n".join(f"- {bias_runs.MARKS[one.says]}: {one.test.title}, {one.points}" for one in gaps))


def _floor(found: CueRemoval, gaps: Sequence[CueGap]) -> str:
    """Which tests bring a model down to chance, where nothing can be lower: a sentence or two, "" where none does."""
    chance = _chance(found)
    low = dict.fromkeys(
        gap.test.title.lower()
        for gap in gaps
        if any(one.accuracy(gap.test).low <= chance for one in (gap.robust, gap.standard))
    )
    if not low:
        return ""
    return (
        f"Floor effect: near chance (1/{_classes(found):,}) a test cannot tell models apart. An interval reaches "
        f"chance in: {', '.join(low)}."
    )


def _who(one: CueGap) -> str:
    return f"{words.plain(one.robust.spec.title)} less {words.plain(one.standard.spec.title)}"


def _show_table(found: CueRemoval) -> None:
    with st.expander("Every test with n, 95% interval (Wilson) and protocol", icon=":material/table_rows:"):
        st.dataframe(
            pd.DataFrame(_row(model, test) for model in found.by_model for test in model.tests), hide_index=True
        )


def _row(model: ModelCues, test: CueTest) -> dict[str, str | int]:
    kept = model.kept(test)
    return {
        "Model": model.spec.title,
        "Test": test.title,
        "Takes away": test.removes,
        "Accuracy": bias_runs.percent(model.accuracy(test)),
        "n": model.n,
        "Of what is right when clean": "–" if kept is None else f"{bias_runs.percent(kept)}, n = {kept.n}",
        "Protocol": test.protocol,
    }
