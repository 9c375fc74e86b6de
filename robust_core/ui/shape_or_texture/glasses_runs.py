"""Runs through glasses, recorded or asked for with the button, and what is chosen for them; it stands in the URL."""

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakSet

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.corruptions.condition import Condition
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.input_filters.table import INPUT_FILTERS, InputFilter
from robust_core.jobs import Job, State
from robust_core.jobs.durations import Durations
from robust_core.labels import IMAGENET
from robust_core.models.spec import ModelSpec
from robust_core.recordings.shipped import WORN, WORN_SEVERITY, WORN_UNDER
from robust_core.studies import glasses, glasses_corruption
from robust_core.studies.glasses import Glasses, GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruption, GlassesCorruptionRequest
from robust_core.studies.glasses_responses import GlassesResponses
from robust_core.ui import jobs, links, on_page, run_button, words, worlds
from robust_core.ui.conditions import TITLES
from robust_core.ui.links import note_unknown
from robust_core.ui.shape_or_texture.stimulus import keep_within
from robust_core.ui.study_run import StudyRun, recorded_part, start_each

NAME, PASS_SLOT = "glasses", "glasses_pass:"
FEW = 4  # stimuli or images of which a run is forecast
MOST_BYTES = 2**28  # of a model that is loaded for a forecast alone
Worn = GlassesRequest | GlassesCorruptionRequest
FIRST_N = {IMAGENET: 144}  # of the published stimuli; all of Mini's
STEP_N = 16
_seconds: dict[str, Durations] = defaultdict(Durations)  # of an image once through a model, by model
_noted: WeakSet[Glasses | GlassesCorruption] = WeakSet()


class GlassesRun(StudyRun[Worn]):
    """Which models see what through which filter; whether that is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        said = {"models": ", ".join(spec.title for spec in request.models), "filter": request.row.title}
        if isinstance(request, GlassesRequest):
            return said | {"set": f"{request.stimuli.title}, {request.stimuli.rule}", "n": f"{request.n:,}"}
        under = "; ".join(f"{one}, seed {one.seed}" for one in request.conditions)
        return said | {"images": f"{len(request.images)} of {request.images.title}", "corruptions": under}


def choose_filter() -> InputFilter:
    """What every image goes through."""
    titles = {row.title: row for row in INPUT_FILTERS.values()}
    note_unknown("glasses", "filter", list(titles))
    explained = " ".join(f"**{row.title}**: {row.sentence}" for row in titles.values())
    first = INPUT_FILTERS[WORN].title
    fixed = {"default": first, "key": "glasses", "bind": "query-params", "persist_state": "session", "required": True}
    return titles[st.segmented_control("Glasses", list(titles), help=explained, wrap=True, **fixed)]


def choose_strength(row: InputFilter) -> float | None:
    """How strong the glasses are that one looks through oneself; None for none."""
    strengths = {row.at(one): one for one in (None, *row.strengths)}
    options, key = list(strengths), f"{row.key}_worn"
    note_unknown(key, "strength", options)
    said = st.select_slider(
        "Strength", options, options[2], key=key, bind="query-params", persist_state="session", help=row.sentence
    )
    return strengths[said]


def choose_n(stimuli: StimulusSet) -> int:
    """How many stimuli a run takes."""
    space = worlds.world()
    key, first = f"{space.key}_worn_stimuli", min(FIRST_N.get(space, stimuli.count), stimuli.count)
    keep_within(key, stimuli.count)
    title = f"Stimuli (n, up to {stimuli.count:,})"
    n = links.number(st.number_input, title, 1, stimuli.count, first, STEP_N, key=key, persist_state="session")
    return int(n)


def choose_conditions() -> tuple[Condition, ...]:
    """How images are corrupted."""
    first = [title for title, name in TITLES.items() if name in WORN_UNDER]
    note_unknown("worn_corruptions", "corruption", list(TITLES))
    chosen = st.multiselect(
        "Corruptions", list(TITLES), first, key="worn_corruptions", bind="query-params", persist_state="session"
    )
    severity = links.number(st.slider, "Severity", 1, 5, WORN_SEVERITY, key="worn_severity", persist_state="session")
    names = [TITLES[title] for title in TITLES if title in (chosen or first)]
    usual = [name for name in WORN_UNDER if name in names]
    ordered = [*usual, *(name for name in names if name not in usual)]
    return tuple(Condition(name, int(severity), 0) for name in ordered)


def choose_run(request: Worn, button: DeltaGenerator, note: DeltaGenerator) -> GlassesRun | None:
    """The run that is shown, None before the first; a link alone asks for none."""
    there = recorded_part(request)
    here = GlassesRun(there, recorded=True) if there else None
    if there is None or there.key != request.key:
        _measure(request)
    note.caption(f"{passes_in_words(request)}{_forecast(request)}.")
    return run_button.choose_run(f"{NAME}_{request.study}", GlassesRun(request), button, note, recorded=here)


def place(request: Worn) -> str:
    """The key of the container that holds its results."""
    return run_button.place(f"{NAME}_{request.study}")


def start(run: GlassesRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    if not run.recorded:
        jobs.keep_only(PASS_SLOT, ())
    return start_each(run, f"{run.request.study}:", _study(run.request))


def recorded_responses(run: GlassesRun | None) -> list[GlassesResponses]:
    """What the models of a recorded run decided for; nothing of another."""
    if run is None:
        return []
    return [one for spec in run.specs if (found := run.recording(spec)) for one in found.result.by_model]


def note_shown(run: GlassesRun, spec: ModelSpec, result: Glasses | GlassesCorruption) -> None:
    """Tell the toolbar what the page shows of a model, and remember how long it took."""
    on_page.show(run.request.of(spec), result, run.recording(spec))
    if not run.recorded:
        _note(result)


def show_progress(run: GlassesRun, running: Mapping[str, Job]) -> None:
    """How far each unfinished model is, or why it has failed."""
    for spec, (slot, job) in zip(run.specs, running.items(), strict=True):
        if job.state is not State.DONE:
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(slot, job)


def note_measured() -> bool:
    """Take what was measured for a forecast; whether that was anything."""
    slots = st.session_state.get("job_slots", {})
    done = {slot: job for slot, job in slots.items() if slot.startswith(PASS_SLOT) and job.state is State.DONE}
    for slot, job in done.items():
        _note(job.result)
        del slots[slot]
    return bool(done)


def _study(request: Worn) -> Callable[[Any], Generator[Any, None, Any]]:
    return glasses.run if isinstance(request, GlassesRequest) else glasses_corruption.run


def passes_in_words(request: Worn) -> str:
    """How many stimuli or images go through each model, and what multiplies to that."""
    strengths = f"{1 + len(request.strengths)} strengths (the first: no filter)"
    if isinstance(request, GlassesRequest):
        many = f"{request.n:,} {'stimulus' if request.n == 1 else 'stimuli'} × {strengths}"
    else:
        conditions = f"{1 + len(request.conditions)} conditions (the last: clean)"
        many = f"{words.count(len(request.images), 'image')} × {strengths} × {conditions}"
    return f"{request.passes:,} passes through each model: {many}"


def _measure(request: Worn) -> None:
    """Try a few on each small model that was not measured yet."""
    if isinstance(request, GlassesRequest):
        few: Worn = replace(request, n=min(FEW, request.n), strengths=request.strengths[:1])
    else:
        few = replace(
            request, images=request.images[:FEW], conditions=request.conditions[:1], strengths=request.strengths[:1]
        )
    for spec in request.models:
        if _seconds[spec.key].usual(request.study) is None and spec.memory_bytes <= MOST_BYTES:
            asked = few.of(spec)
            jobs.start(PASS_SLOT + spec.key, asked.key, partial(_once_tried, asked))


def _once_tried(request: Worn) -> Generator[Any, None, Any]:
    """The study, after one like it: the first passes of a network take many times as long."""
    yield from _study(request)(request)
    return (yield from _study(request)(request))


def _note(result: Glasses | GlassesCorruption) -> None:
    """Remember how long it took, once however often it is drawn."""
    if result in _noted:
        return
    _noted.add(result)
    if isinstance(result, Glasses):
        (one,) = result.by_model
        _seconds[one.spec.key].note(GlassesRequest.study, one.seconds / (len(one.stimuli) * len(one.strengths)))
    else:
        seconds, passes = (sum(one.seconds for one in result.curves), sum(one.correct.size for one in result.curves))
        _seconds[result.curves[0].spec.key].note(GlassesCorruptionRequest.study, seconds / passes)


def _forecast(request: Worn) -> str:
    """About how long a run takes, by what this process has measured; "" where it has not yet."""
    usual = [_seconds[spec.key].usual(request.study) for spec in request.models]
    known = [seconds for seconds in usual if seconds is not None]
    return f"; a run takes about {jobs.roughly(request.passes * sum(known))}" if len(known) == len(usual) else ""
