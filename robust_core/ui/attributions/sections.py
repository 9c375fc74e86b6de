"""Looking further: the maps while layers are randomised, and while the image is attacked.

These controls stand in the page's self-refreshing part, and therefore not in the URL.
"""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.methods import METHODS, methods_for
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots import map_images as attribution_render
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import (
    STAGES,
    AttackedMaps,
    AttackedMapsRequest,
    Explanation,
    MapRequest,
    RandomizedMapsRequest,
)
from robust_core.studies.predictions import true_label
from robust_core.ui import jobs, screen_images, words
from robust_core.ui.attributions.map_controls import Display
from robust_core.ui.attributions.map_grid import correlation_words, overlay_uri
from robust_core.ui.attributions.map_jobs import AskedMaps, MapJobs, for_class, run_once
from robust_core.ui.pgd_steps import attack_controls as pgd_controls

RANDOMISE, ATTACK = "Randomise the network", "Under attack"
SLOT = "further:"
SEED = 0
STEPS, FIRST_STEPS = (1, 2, 3, 5, 10, 20, 50), (1, 2, 5, 10)
STEP_FRACTION = 1 / 4


def show_section(request: AskedMaps, found: MapJobs, display: Display) -> None:
    """The control that opens one of the sections, and the open one; none is open at first."""
    chosen = _choose_section()
    if not chosen:
        jobs.keep_only(SLOT, ())
        return
    methods = {METHODS[key].title: key for key in request.methods}
    method = methods[st.selectbox("By which method", list(methods), key="further_method")]
    specs = [spec for spec in request.specs if METHODS[method] in methods_for(spec.architecture)]
    if chosen == RANDOMISE:
        _show_randomised(request, specs, method, found, display)
    else:
        _show_attacked(request, specs, method, display)


def _choose_section() -> str | None:
    """The open section; its button closes it. Buttons, since a choice control among running work sometimes lost its
    value.
    """
    chosen = st.session_state.get("further")
    with st.container(horizontal=True, vertical_alignment="center"):
        for title in (RANDOMISE, ATTACK):
            kind, after = ("primary", None) if title == chosen else ("secondary", title)
            st.button(
                title, key=f"further:{title}", type=kind, on_click=st.session_state.update, kwargs={"further": after}
            )
    return chosen


def _show_randomised(
    request: AskedMaps, specs: Sequence[ModelSpec], method: str, found: MapJobs, display: Display
) -> None:
    st.caption(
        "The layers of each network get random weights, from the top, in equal steps. A map that hardly changes does "
        "not show what the "
        "network has learned (Adebayo et al. 2018). The class stays the one that the trained network was asked about."
    )
    asked = {spec: request.question(spec, method, request.condition) for spec in specs}
    trained = {spec: found.explanation(one) for spec, one in asked.items()}
    if not all(trained.values()):
        st.caption("First the maps above, then this.")
        return
    if not run_once(
        "randomize", tuple(one.key for one in asked.values()), f"Randomise {words.count(len(specs), 'network')}"
    ):
        return
    running = _start_randomization(request, asked, trained)
    stage = st.slider("How much of the network is random, in sixths of its layers", 0, STAGES, 0, key="stage")
    for column, (spec, job) in zip(st.columns(len(running)), running.items(), strict=True):
        with column.container(border=True):
            st.markdown(f":small[**{words.plain(spec.title)}**]")
            if job.state is State.DONE:
                _show_stage(job, trained[spec], stage, display)
            else:
                jobs.show_progress(SLOT + spec.key, job)


def _start_randomization(
    request: AskedMaps, asked: dict[ModelSpec, MapRequest], trained: dict[ModelSpec, Explanation]
) -> dict[ModelSpec, Job]:
    running = {}
    for spec, one in asked.items():
        label = trained[spec].attribution.target
        part = one.asking(RandomizedMapsRequest, label=label, seed=SEED)
        running[spec] = jobs.start(SLOT + spec.key, part.key, partial(attribution_maps.randomize, part))
    jobs.keep_only(SLOT, [SLOT + spec.key for spec in running])
    return running


def _show_stage(job: Job, trained: Explanation, stage: int, display: Display) -> None:
    randomization = job.result
    stage = min(stage, len(randomization.maps) - 1)
    one = randomization.maps[stage]
    limit = attribution_render.scale_limit([one.map], display.percentile)
    image = attribution_render.overlay(trained.rgb, one.map, limit, display.opacity)
    st.image(
        screen_images.screen_uri(image),
        width="stretch",
        alt=f"The map with {randomization.layers[stage]} random layers",
    )
    lowest = (
        f"{words.count(randomization.layers[stage], 'layer')}, down to {randomization.lowest[stage]}"
        if stage
        else "as trained"
    )
    steps = " · ".join("–" if value is None else f"{value:.2f}" for value in randomization.correlation)
    st.caption(
        f"{lowest}: **{correlation_words(randomization.correlation[stage])}** with the trained network's map; "
        f"own scale  \nall stages: {steps}"
    )


def _show_attacked(request: AskedMaps, specs: Sequence[ModelSpec], method: str, display: Display) -> None:
    threat, steps = _choose_attack()
    asked = {spec: request.question(spec, method, request.condition) for spec in specs}
    known = true_label(request.image, request.specs[0].label_space) is not None
    away_from = "the true label" if known else "the model's clean prediction, as the label is unknown"
    st.caption(f"PGD away from {away_from}: {pgd_controls.describe(threat)}. The class explained is that of step 0.")
    parts = {spec: one.asking(AttackedMapsRequest, threat=threat, steps=steps) for spec, one in asked.items()}
    if not run_once("attack", tuple(part.key for part in parts.values()), "Attack and explain"):
        return
    running = {
        spec: jobs.start(SLOT + spec.key, part.key, partial(attribution_maps.attack, part))
        for spec, part in parts.items()
    }
    jobs.keep_only(SLOT, [SLOT + spec.key for spec in running])
    for spec, job in running.items():
        st.markdown(f"**{words.plain(spec.title)}** · {spec.family}")
        if job.state is State.DONE:
            _show_steps(spec, asked[spec], job.result, threat, display)
        else:
            jobs.show_progress(SLOT + spec.key, job)


def _choose_attack() -> tuple[ThreatModel, tuple[int, ...]]:
    """L∞, untargeted, from the clean image; and the steps at which it is looked at, 0 first."""
    radii = pgd_controls.EPS["linf"]
    left, right = st.columns(2, vertical_alignment="bottom")
    eps = radii[
        left.select_slider("ε, the largest change (255ths)", list(radii), pgd_controls.FIRST_EPS["linf"], key="map_eps")
    ]
    chosen = (
        right.pills("After how many steps", STEPS, selection_mode="multi", default=FIRST_STEPS, key="map_steps")
        or FIRST_STEPS
    )
    threat = ThreatModel.relative(
        norm="linf",
        eps=eps,
        step_fraction=STEP_FRACTION,
        steps=max(chosen),
        aim="untargeted",
        start="clean",
        restarts=1,
        stop_at_success=False,
        seed=SEED,
    )
    return threat, (0, *sorted(chosen))


def _show_steps(
    spec: ModelSpec, question: MapRequest, attacked: AttackedMaps, threat: ThreatModel, display: Display
) -> None:
    limit = attribution_render.scale_limit([one.attribution.map for one in attacked.explanations], display.percentile)
    columns = st.columns(len(attacked.steps))
    rows = zip(
        columns,
        attacked.steps,
        attacked.explanations,
        attacked.label,
        attacked.probability,
        attacked.correlation,
        strict=True,
    )
    for column, step, one, label, probability, correlation in rows:
        with column:
            fixed = for_class(question, one.attribution.target)
            uri = overlay_uri((fixed.key, str(threat), step), limit, display.opacity, False, one)
            st.image(uri, width="stretch", alt=f"The map of {spec.title} at step {step}")
            name = words.plain(spec.label_space.names[label])
            st.caption(f"step {step}: {name} {charts.percent(probability)}  \n{correlation_words(correlation)}")
    other = " Each step draws with another seed." if METHODS[question.method].draws else ""
    st.caption(f"ρ is Spearman's correlation with the map of step 0.{other} One scale for this row.")
