"""The view on concepts: what each network has in common for a class, how much it counts, and whether that is real."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.images import LabelledImage
from robust_core.jobs import Job
from robust_core.models.spec import ModelSpec
from robust_core.studies import concepts
from robust_core.studies.concept_claims import MOST, PAPER, Verdict, carrying, explain_little, verdicts
from robust_core.studies.concept_maps import explain
from robust_core.studies.concept_outcomes import (
    ENOUGH_CROPS,
    SURVIVES,
    ModelConcepts,
)
from robust_core.studies.concepts import FEW_CROPS, Concepts, ConceptsRequest
from robust_core.ui import jobs, links, run_button, words
from robust_core.ui.attributions import concept_cards, concept_controls, concept_figures
from robust_core.ui.attributions.concept_cards import written
from robust_core.ui.features import bias_runs
from robust_core.ui.links import note_unknown
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part

NAME, SLOT, MAPS_SLOT = "concepts", "concepts:", "concept_maps:"
PASSES = 8  # forward and back of an image cost as much as its crops and masks


class ConceptsRun(StudyRun[ConceptsRequest]):
    """Whose concepts are found; whether they are `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        asked = self.request
        name = concepts.EVERY_CLASS if asked.label is None else asked.label_space.names[asked.label]
        return {
            "models": ", ".join(spec.title for spec in asked.models),
            "class": name,
            "images": f"{len(asked.images)} of {asked.images.title}",
            "concepts": str(asked.concepts),
            "size of a crop": f"{asked.crop_fraction:g}",
            "seed": str(asked.seed),
        }


def show(
    specs: Sequence[ModelSpec],
    image: LabelledImage,
    class_here: DeltaGenerator,
    settings: DeltaGenerator,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> None:
    """The view: controls come to `class_here` and `settings`, the button to `button`, what would run to `note`."""
    with links.notes_at(note):
        wanted = concept_controls.choose(specs, image, settings, class_here)
        if wanted is None:
            _wait_for_class()
            return
        about = note.container()
        run = _choose_run(wanted, button, note)
        title = _choose_model(run.specs) if run else ""
    if run and run.recorded:  # before forecasts, which take longer
        found = next(one for one in run.specs if one.title == title)
        jobs.wait_a_moment([_start_maps(run, run.recording(found).result.by_model[0], image)])
    about.caption(_about(wanted) + bias_runs.how_long(specs, wanted.images, PASSES))
    jobs.poll_and_draw(partial(_results, run, title, image), forecast.note_measured, alone=True)


def _choose_run(wanted: ConceptsRequest, button: DeltaGenerator, note: DeltaGenerator) -> ConceptsRun | None:
    there = recorded_part(wanted)
    here = ConceptsRun(there, recorded=True) if there else None
    return run_button.choose_run(NAME, ConceptsRun(wanted), button, note, recorded=here)


def _start_maps(run: ConceptsRun, one: ModelConcepts, image: LabelledImage) -> Job:
    """The job that looks for the concepts of one model in the current image."""
    slot = MAPS_SLOT + one.spec.key
    key = (*run.request.of(one.spec).key, image.identity["pixels_sha256"])
    job = jobs.start(slot, key, partial(explain, one, image))
    jobs.keep_only(MAPS_SLOT, [slot])
    return job


def _wait_for_class() -> None:
    """The class of the current image is what a model predicts, which takes a moment."""
    slots = st.session_state.get("job_slots", {})
    job = slots.get(concept_controls.SLOT)
    if job is None:
        st.info("Choose or upload at least one image above.", icon=":material/arrow_upward:")
        return
    jobs.poll_and_draw(partial(jobs.show_progress, concept_controls.SLOT, job))


def _about(wanted: ConceptsRequest) -> str:
    whose = "every class" if wanted.label is None else f"“{wanted.label_space.names[wanted.label]}”"
    images = words.count(len(wanted.images), "image")
    return words.plain(f"{wanted.concepts} concepts of {whose}, in nine crops of each of {images}.")


def _choose_model(specs: Sequence[ModelSpec]) -> str:
    """Whose concepts are shown."""
    titles = [spec.title for spec in specs]
    if len(titles) == 1:
        return titles[0]
    note_unknown("concept_model", "model", titles)
    if st.session_state.get("concept_model") not in (None, *titles):
        del st.session_state["concept_model"]  # it was taken out of the sidebar
    return st.segmented_control(
        "Concepts in the eyes of",
        titles,
        default=titles[0],
        key="concept_model",
        bind="query-params",
        persist_state="session",
        required=True,
        wrap=True,
    )


def _results(run: ConceptsRun | None, title: str, image: LabelledImage) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run, title, image)
    words.show_how_to_read("concepts")


def _show_run(run: ConceptsRun, title: str, image: LabelledImage) -> None:
    running = bias_runs.start(run, SLOT, concepts.run)
    found: Concepts | None = bias_runs.finished(run, running, SLOT)
    if found is None:
        jobs.keep_only(MAPS_SLOT, ())
        return
    one = next((one for one in found.by_model if one.spec.title == title), found.by_model[0])
    _show_headline(found, one)
    left, right = st.columns(2)
    with left:
        concept_figures.show_importance(one)
    with right:
        concept_figures.show_deletion(one)
    maps = _start_maps(run, one, image)
    concept_cards.show_cards(one, run.request.images, run.request.of(one.spec).key, maps, MAPS_SLOT + one.spec.key)
    _show_verdicts(one)
    if len(found.by_model) > 1:
        concept_figures.show_models(found)
    st.caption(
        f"{bias_runs.origin(run, one.device)}. Protocol: {words.plain(found.protocol(one))}. "
        "Intervals: 95%, 1,000 bootstrap resamples of the images; shares of images Wilson’s."
    )
    concept_figures.show_table(found)


def _show_headline(found: Concepts, one: ModelConcepts) -> None:
    name, title = words.plain(found.class_words(one)), words.plain(one.spec.title)
    st.subheader(_headline(one, name, title), anchor=False)
    of = words.count(one.n, "image") + (f" that {title} predicts as {name}" if found.label is not None else "")
    meaning = "" if explain_little(one) else f" To carry means {MOST:.0%} of the importance."
    st.caption(
        f"Found in {words.count(one.crops_in_all, 'crop')} of {of}. Their sum keeps the prediction on "
        f"{written(one.get(SURVIVES), '.0f', '%')} of the images.{meaning}"
    )
    if found.label is None:
        st.info(
            "These images show many classes. Concepts say more of one class: choose it above, with a folder or uploads "
            "of at least 12 images of it.",
            icon=":material/lightbulb:",
        )
    if one.crops_in_all < ENOUGH_CROPS:
        st.warning(FEW_CROPS.format(enough=ENOUGH_CROPS, n=one.crops_in_all), icon=":material/warning:")


def _headline(one: ModelConcepts, name: str, title: str) -> str:
    """How few concepts carry the class, unless their sum says little about the network."""
    concepts_in_all = len(one.numbers)
    if explain_little(one):
        return f"{concepts_in_all} concepts explain little of {title}"
    few = carrying(one)
    what = "the predictions" if name == concepts.EVERY_CLASS else f"“{name}”"
    return f"{few} of {concepts_in_all} concepts {'carries' if few == 1 else 'carry'} {what} for {title}"


def _show_verdicts(one: ModelConcepts) -> None:
    """Each finding of the paper beside what was found here."""
    st.markdown(f"**{PAPER} found that…**")
    st.markdown("\n".join(map(_line, verdicts(one))))
    against = [said for said in verdicts(one) if said.says == "contradicts"]
    if against:
        st.warning(
            " ".join(f"{bias_runs.contradicts(one.spec)} {PAPER}: {said.otherwise}" for said in against),
            icon=":material/gavel:",
        )


def _line(said: Verdict) -> str:
    return f"- {bias_runs.MARKS[said.says]}: {said.claim.words}. {said.number}, n = {said.n}."
