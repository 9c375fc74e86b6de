"""The one stimulus that is looked at: from the set, from the sidebar or made here, perhaps with a cue taken away; and
the votes on it.
"""

import random
from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from robust_core import settings
from robust_core.cue_conflict.decisions import NAMES, RULES, DecisionRule, category_scores
from robust_core.cue_conflict.votes import Cue, cue_of
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import (
    FETCH,
    StimulusImage,
    StimulusSet,
    folder_set,
    stimulus_folders,
    synthetic_set,
)
from robust_core.images import LabelledImage, Preprocess
from robust_core.jobs import Job, State
from robust_core.labels import IMAGENET, MINI
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots import cue_axis as cue_charts
from robust_core.studies import own_stimuli
from robust_core.studies.predictions import Prediction, PredictionsRequest, run
from robust_core.ui import jobs, links, pickers, prediction_cards, screen_images, words, worlds
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.image_picker import choose_image
from robust_core.ui.links import note_unknown
from robust_core.ui.prediction_cards import rows_of_cards
from robust_core.ui.true_class import choose_true_class

SLOT = "cue:"
SET, SIDEBAR, MADE = "From the set", "The sidebar's image", "Make a conflict"
UNTOUCHED, UNKNOWN = "Nothing", "none of the 16"
MAX_SEED = 9_999
BARS_PX = 16 * cue_charts.BAR_PX + 32
MEAN_RULE = "mean_probability"
ROUND_ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
CUE_WORDS = {Cue.SHAPE: ":violet[**shape**]", Cue.TEXTURE: ":orange[**texture**]", Cue.OTHER: "**neither**"}


def choose_rule() -> DecisionRule:
    """The rule by which 1,000 classes become 16 categories; in Mini all rules are one."""
    if worlds.world() == MINI:
        return RULES[0]
    titles = {rule.title: rule for rule in RULES}
    note_unknown("rule", "decision rule", list(titles))
    explained = " ".join(f"**{rule.title}**: {rule.source}." for rule in RULES)
    return titles[
        st.segmented_control(
            "Decision",
            list(titles),
            default=RULES[0].title,
            key="rule",
            bind="query-params",
            required=True,
            help=explained,
        )
    ]


def choose_set() -> StimulusSet | None:
    """The world's set of stimuli; None, after a word on how to get it, where the published images are missing."""
    if worlds.world() == MINI:
        return synthetic_set()
    root = settings.data_dir()
    folders = stimulus_folders(root) if root else {}
    if not folders:
        st.info(
            f"The 1,200 published stimuli are not on this machine. `{FETCH}` says how to get them; ROBUST_LAB_DATA "
            "names the folder that holds "
            "their folder. Until then, make a conflict of your own, or look at Mini.",
            icon=":material/download:",
        )
        return None
    left, middle, right = st.columns([2, 1, 2], vertical_alignment="bottom")
    note_unknown("set", "set of stimuli", list(folders))
    folder = folders[left.selectbox("Set of stimuli", list(folders), key="set", bind="query-params")]
    seed = links.number(middle.number_input, "Seed of its order", 0, MAX_SEED, 0, key="stimuli_seed")
    quirk = (
        "One image without a conflict, bicycle6-bicycle3.png, was left in; where “bicycle” is predicted, it "
        "counts twice"
    )
    note_unknown("as_orhan", "switch position", links.ON_OR_OFF)
    as_orhan = right.toggle("As Orhan 2019: 1,201 images", key="as_orhan", bind="query-params", help=quirk)
    found = folder_set(folder, seed=seed, as_orhan=as_orhan)
    st.caption(f":material/info: {found.caveat}")
    return found


def choose_source(stimuli: StimulusSet | None) -> str:
    """Where the stimulus comes from."""
    options = [*([SET] if stimuli else []), SIDEBAR, *([MADE] if worlds.world() == IMAGENET else [])]
    note_unknown("stimulus", "stimulus", options)
    return st.segmented_control(
        "Stimulus", options, default=options[0], key="stimulus", bind="query-params", required=True
    )


def choose_from_set(stimuli: StimulusSet) -> StimulusImage:
    """One of the set, by its number."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    title, key = f"Number of the stimulus (1 to {stimuli.count:,})", _number_key()
    keep_within(key, stimuli.count)
    number = links.number(left.number_input, title, 1, stimuli.count, 1, key=key)
    right.button(
        "Another", icon=":material/shuffle:", on_click=look_at, args=(random.randrange(stimuli.count),), width="stretch"
    )
    return stimuli.at(number - 1)


def look_at(place: int) -> None:
    """Make the stimulus at `place` of the set the one that is looked at; to be called before the widgets are drawn."""
    st.session_state["stimulus"], st.session_state[_number_key()] = SET, place + 1


def keep_within(key: str, most: int) -> None:
    """A number that was chosen for a larger set becomes the largest of this one."""
    if st.session_state.get(key, 0) > most:
        st.session_state[key] = most


def choose_from_sidebar(spec: ModelSpec) -> StimulusImage | None:
    """The sidebar's image as `spec`'s model sees it; a synthetic one comes with its cues. None where there is no
    image.
    """
    if st.session_state.get("source") == pickers.SYNTHETIC:
        chosen = st.session_state
        same = chosen["texture"] in (worlds.SAME, chosen["shape"])
        if same:
            st.button("Give it another texture", on_click=_give_texture, icon=":material/texture:")
        return own_stimuli.synthetic(
            chosen["scene"], chosen["shape"], chosen["shape"] if same else chosen["texture"], int(chosen["draw"])
        )
    images = pickers.chosen_images()
    if not images:
        pickers.show_what_is_missing([spec], images)
        return None
    image = choose_image(images)
    choose_true_class(image)
    return _from_image(image, spec, image.digest, image.label, image.label_space.key, spec.preprocess)


def choose_distortion(stimulus_image: StimulusImage) -> tuple[StimulusImage, str]:
    """The stimulus with the chosen cue taken away, and in words what was done and what stays; untouched at first."""
    from robust_core.cue_conflict.distortions import DISTORTIONS

    titles = {row.title: row for row in DISTORTIONS if stimulus_image.mask is not None or not row.needs_mask}
    first, second, third = st.columns([2, 3, 1], vertical_alignment="bottom")
    note_unknown("distortion", "distortion of this image", [UNTOUCHED, *titles])
    title = first.selectbox("Remove a cue", [UNTOUCHED, *titles], key="distortion", bind="query-params")
    if title == UNTOUCHED:
        return stimulus_image, ""
    row, seed = titles[title], 0
    limits = (row.lowest, row.highest, row.default, row.step)
    parameter = row.parameter.replace("_", " ")
    strength = links.number(second.slider, parameter.capitalize(), *limits, key=f"{row.key}_strength")
    if row.needs_seed:
        seed = links.number(third.number_input, "Seed", 0, MAX_SEED, 0, key="distortion_seed")
    done_to_it = f"{title}, {parameter} {strength:g}. {row.explanation} Source: {row.source}. "
    return _without_cue(stimulus_image, row.key, strength, seed, stimulus_image.image.digest), words.plain(done_to_it)


def start_votes(specs: Sequence[ModelSpec], stimulus_image: StimulusImage) -> dict[str, Job]:
    """The job of each model's prediction for the stimulus, by slot."""
    request, running = PredictionsRequest(tuple(specs), ImageSet.of([stimulus_image.image])), {}
    for spec in specs:
        part = request.of(spec)
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, part.key, partial(run, part))
    jobs.keep_only(SLOT, running)
    jobs.wait_a_moment(running.values())
    return running


def show_stimulus_image(stimulus_image: StimulusImage, done_to_it: str) -> None:
    """The stimulus, large, with its cues."""
    st.image(screen_images.screen_uri(stimulus_image.image.rgb), width="stretch")
    stimulus = stimulus_image.stimulus
    if stimulus.is_conflict:
        st.markdown(
            f"Shape: :violet[**{stimulus.shape or UNKNOWN}**] · texture: :orange[**{stimulus.texture or UNKNOWN}**]"
        )
    else:
        st.markdown(f"Shape and texture: **{stimulus.shape}**" if stimulus.shape else "Shape and texture unknown")
    st.caption(f"{words.plain(stimulus.name)}. {done_to_it}Image: {words.plain(stimulus_image.image.source)}.")
    prediction_cards.show_decoding_note(stimulus_image.image)


def show_votes(
    specs: Sequence[ModelSpec], running: dict[str, Job], stimulus_image: StimulusImage, rule: DecisionRule
) -> None:
    """A card per model: its vote as bars over the 16 categories and in words; while it is asked again, its last one
    stays.
    """
    last = st.session_state.setdefault("cue_last", {})
    last |= {
        spec.key: (running[SLOT + spec.key].result.only.predictions[0], stimulus_image)
        for spec in specs
        if running[SLOT + spec.key].state is State.DONE
    }
    shown = {
        spec.key: category_scores(last[spec.key][0].probabilities[None], rule)[0].tolist()
        for spec in specs
        if spec.key in last
    }
    end = end_of_scale(shown.values(), rule)
    for row in rows_of_cards(specs):
        for spec, column in row:
            with column.container(border=True):
                st.markdown(f"**{words.plain(spec.title)}**")
                job = running[SLOT + spec.key]
                if spec.key in shown and job.state not in (State.FAILED, State.CANCELLED):
                    _show_vote(spec, *last[spec.key], rule, shown[spec.key], end)
                if job.state is not State.DONE:
                    jobs.show_progress(SLOT + spec.key, job)
    if all(job.state is State.DONE for job in running.values()):
        st.caption(
            f"{words.BADGES['live']} {words.computed_now(next(iter(running.values())).result.only.device)}; n = 1: an "
            "illustration, no shape bias."
        )


def verdict(prediction: Prediction, stimulus_image: StimulusImage, rule: DecisionRule) -> str:
    """What the model votes for, in words; where the published rules differ, both."""
    decisions = prediction.categories()
    chosen = decisions[rule.key]
    others = [
        f"by the {one.title} {_in_words(decisions[one.key], stimulus_image)}"
        for one in RULES
        if decisions[one.key] != chosen
    ]
    return "; ".join([_in_words(chosen, stimulus_image), *others])


def end_of_scale(scores: Iterable[Sequence[float]], rule: DecisionRule) -> float:
    """Where the bars of all models end: at 100%, but for mean probabilities, which are small where a category has many
    classes.
    """
    if rule.key != MEAN_RULE:
        return 1.0
    highest = max((max(one) for one in scores), default=1.0)
    return next((end for end in ROUND_ENDS if end >= highest), 1.0)


def _show_vote(
    spec: ModelSpec,
    prediction: Prediction,
    stimulus_image: StimulusImage,
    rule: DecisionRule,
    scores: Sequence[float],
    end: float,
) -> None:
    figure = cue_charts.category_bars(scores, stimulus_image.stimulus.shape, stimulus_image.stimulus.texture, end)
    best = NAMES[scores.index(max(scores))]
    st.markdown(verdict(prediction, stimulus_image, rule))
    live_chart(
        figure,
        key=f"cue_bars:{spec.key}",
        height_px=BARS_PX,
        alt=f"{spec.title}: {best} {charts.percent(max(scores))}, the highest of 16 categories",
    )


def _in_words(decision: str, stimulus_image: StimulusImage) -> str:
    stimulus = stimulus_image.stimulus
    if stimulus.is_conflict:
        cue = cue_of(decision, stimulus)
        return f"votes for {CUE_WORDS[cue]}: {decision}"
    if stimulus.shape is None:
        return f"predicts **{decision}**"
    return f"predicts **{decision}**, which is {'right' if decision == stimulus.shape else 'wrong'}"


def _number_key() -> str:
    """Each world has its own set, and remembers its own stimulus."""
    return f"{worlds.world().key}_number"


def _give_texture() -> None:
    st.session_state["texture"] = random.choice([name for name in NAMES if name != st.session_state.get("shape")])


@st.cache_resource(max_entries=64, show_spinner=False)
def _from_image(
    _image: LabelledImage, _spec: ModelSpec, digest: str, label: int | None, label_space: str, preprocess: Preprocess
) -> StimulusImage:
    return own_stimuli.from_image(_image, _spec)


@st.cache_resource(max_entries=64, show_spinner=False)
def _without_cue(
    _stimulus_image: StimulusImage, distortion: str, strength: float, seed: int, digest: str
) -> StimulusImage:
    return own_stimuli.without_cue(_stimulus_image, distortion, strength, seed)
