"""The six claims in Mini, in place: each a preset that shows the effect, recorded, with a button that runs it now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from robust_core.cue_conflict.decisions import RULES
from robust_core.intervals import Interval, wilson
from robust_core.jobs import Job
from robust_core.labels import MINI
from robust_core.models.catalogue import list_models
from robust_core.models.spec import ModelSpec
from robust_core.plots import claim_bars
from robust_core.plots.board_charts import Group, Point
from robust_core.recordings import shipped
from robust_core.recordings.studies import STUDIES
from robust_core.studies.attack_curve import AttackCurve, accuracies
from robust_core.studies.predictions import Predictions
from robust_core.studies.request import Request
from robust_core.ui import jobs, recorded
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.server import warmup

SLOT = "inset:"
ASKED = "insets_asked"  # in the session: the claims whose inset was asked for with the button
SEVERITY = 4


@dataclass(frozen=True)
class Inset:
    """A question to Mini's networks: `effect` is one model's number in its result, as a fraction, with its interval
    where it has one; `title` says what the number is, `words` what is seen.
    """

    title: str
    request: Callable[[], Request]
    effect: Callable[[Any], Interval | float | None]
    words: str


def after(steps: int, curve: AttackCurve) -> Interval:
    """Accuracy of the only model of a curve after so many steps, the last iterate counting."""
    from robust_core.attacks.scoring import LAST_ITERATE

    (trajectory,) = next(iter(curve.trajectories.values()))
    return accuracies(trajectory.steps, LAST_ITERATE)[steps]


def right(found: Predictions) -> Interval | None:
    """Top-1 accuracy of the only model on labelled images."""
    pairs = zip(found.only.predictions, found.images, strict=True)
    return wilson(sum(one.label == image.label for one, image in pairs), len(found.images))


INSETS = (
    Inset(
        f"Accuracy in snow of severity {SEVERITY}",
        shipped.snow_request,
        lambda found: found.counts[0].accuracy(shipped.SEVERITIES.index(SEVERITY) + 1),
        f"{shipped.N[MINI]} synthetic images in snow. Tagged images help; adversarial training does not.",
    ),
    Inset(
        "Label flips along a noise sequence",
        shipped.sequence_request,
        lambda found: found.flip_probability,
        "One elephant under Gaussian noise, drawn anew in every frame. Each frame is compared with the first.",
    ),
    Inset(
        "Accuracy on hard scenes",
        shipped.hard_request,
        right,
        f"{shipped.N[MINI]} cluttered, oddly lit scenes that no network was trained on.",
    ),
    Inset(
        "Accuracy after 10 steps of PGD",
        shipped.steps_request,
        partial(after, 10),
        f"White-box PGD, L∞, ε {shipped.LEVELS[MINI]:g}/255, on {shipped.N_STORY} synthetic images. "
        "An upper bound on robust accuracy.",
    ),
    Inset(
        "Accuracy after 50 steps of PGD",
        shipped.steps_request,
        partial(after, 50),
        "The same attack, five times longer. Only adversarial training keeps its accuracy.",
    ),
    Inset(
        "Shape bias",
        shipped.votes_request,
        lambda found: found.by_model[0].votes(RULES[0]).shape_bias_interval,
        f"{shipped.STIMULI} synthetic cue conflicts. There are no human data for Mini.",
    ),
)


def can_show() -> bool:
    """Whether Mini's networks are in the table of models, and PyTorch is there, which reads what was recorded."""
    return warmup.ready() and {*shipped.MODELS[MINI]} <= {spec.key for spec in list_models()}


def show(inset: Inset, number: int) -> None:
    """The numbers of all models as bars, where they come from, and the button that runs it now."""
    request = recorded.asked(inset.request)
    running = _jobs(request, number)
    st.markdown(f"**In Mini: {inset.title[0].lower()}{inset.title[1:]}, %**")
    if not jobs.all_done(running):
        return
    effects = {spec: inset.effect(running[_slot(number, spec)].result) for spec in request.models}
    groups = [_group(spec, effect) for spec, effect in effects.items() if effect is not None]
    said = "; ".join(group.points[0].words for group in groups)
    height_px = claim_bars.ROW_PX * len(groups) + claim_bars.AROUND_PX
    live_chart(claim_bars.bars(groups, []), key=f"inset_{number}", height_px=height_px, alt=f"{inset.title}: {said}")
    st.caption(f"{_origin(number, request)} {inset.words} {_doubt(list(effects.values()))}")
    if number not in st.session_state.get(ASKED, ()):
        st.button("Run it now", key=f"run_inset_{number}", icon=":material/play_arrow:", on_click=_ask, args=(number,))
    else:
        st.button("Back to the recording", key=f"recorded_inset_{number}", on_click=_ask, args=(number, False))


def _jobs(request: Request, number: int) -> dict[str, Job]:
    """Each model's job; that of a recorded run is done."""
    recordings = {spec: recorded.find(request.of(spec)) for spec in request.models}
    if number not in st.session_state.get(ASKED, ()) and all(recordings.values()):
        jobs.keep_only(f"{SLOT}{number}:", ())
        return {_slot(number, spec): Job.done(request.key, one.result) for spec, one in recordings.items() if one}
    parts = {_slot(number, spec): request.of(spec) for spec in request.models}
    return {slot: jobs.start(slot, part.key, partial(STUDIES[type(part)], part)) for slot, part in parts.items()}


def _slot(number: int, spec: ModelSpec) -> str:
    return f"{SLOT}{number}:{spec.key}"


def _group(spec: ModelSpec, effect: Interval | float) -> Group:
    interval = effect if isinstance(effect, Interval) else None
    value = 100 * (interval.estimate if interval else effect)
    low, high = (100 * interval.low, 100 * interval.high) if interval else (None, None)
    said = f"{spec.title}: {interval or f'{value:.1f}%'}"
    return Group(spec.title, model_colours()[spec.key], [Point("", value, low, high, said)], False)


def _doubt(effects: Sequence[Interval | float | None]) -> str:
    intervals = [one for one in effects if isinstance(one, Interval)]
    return f"Whiskers: 95%, {intervals[0].method}." if intervals else "One sequence has no interval."


def _origin(number: int, request: Request) -> str:
    recording = recorded.find(request.of(request.models[0]))
    if recording is None or number in st.session_state.get(ASKED, ()):
        return f"{recorded.badge(None)} Computed now."
    return f"{recorded.badge(recording)} {recorded.when(recording)}"


def _ask(number: int, live: bool = True) -> None:
    asked = st.session_state.setdefault(ASKED, set())
    asked.add(number) if live else asked.discard(number)
