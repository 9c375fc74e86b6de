"""What a run of the attack shows below its curves: what must be said beside them, and every image's label at a chosen
step.
"""

from collections.abc import Container, Sequence
from dataclasses import replace

import pyarrow
import streamlit as st

from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.attack_curve import AttackCurve, Trajectory, accuracies_to_the_end
from robust_core.studies.study_result import Provenance
from robust_core.ui import jobs, recorded, words
from robust_core.ui.pgd_steps.attack_controls import describe, length
from robust_core.ui.pgd_steps.attack_jobs import SLOT, AttackRun, Done, at_eps, cancel
from robust_core.ui.pgd_steps.attacked_images import thumbnail
from robust_core.ui.server import script_turns

EVERY, STANDING, FALLEN = "All", "Survived", "Fell"


def show_progress(run: AttackRun | None, running: dict[str, Job]) -> None:
    """How far the unfinished models are, which one button cancels."""
    unfinished = [spec for spec in run.specs if running[SLOT + spec.key].active] if run else []
    if run and unfinished:
        far = [jobs.how_far(running[SLOT + spec.key]) for spec in unfinished]
        said = [f"{words.plain(spec.title)}: {how}" for spec, (_, how) in zip(unfinished, far, strict=True)]
        whole = len(run.specs) - len(unfinished) + sum(share for share, _ in far)
        st.progress(whole / len(run.specs), "; ".join(said))
        show_cancel(run, running)


def show_cancel(run: AttackRun, running: dict[str, Job]) -> None:
    """The button that cancels every model that is not done."""
    st.button("Cancel all", key="cancel_pgd", icon=":material/close:", on_click=cancel, args=(run, running))


def show_failed(run: AttackRun | None, running: dict[str, Job]) -> None:
    """Why models have failed, each with a button to try again."""
    for spec in run.specs if run else ():
        job = running[SLOT + spec.key]
        if not job.active and job.state is not State.DONE:
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(SLOT + spec.key, job)


def choose_eps(run: AttackRun, done: Done) -> tuple[AttackRun, dict[str, Trajectory]]:
    """The part of the run that is looked at, and each model's trajectory there: one eps, chosen where there are
    several.
    """
    radii = {length(threat.norm, threat.eps): number for number, threat in enumerate(run.protocol.threats)}
    chosen = next(iter(radii))
    if len(radii) > 1:
        _forget_unless("at_eps", radii)
        chosen = st.select_slider("Look at ε", list(radii), list(radii)[-1], key="at_eps")
    number = radii[chosen]
    return at_eps(run, run.protocol.threats[number].eps), {
        key: trajectories[number] for key, trajectories in done.items()
    }


def show_caveats(run: AttackRun, done: dict[str, Trajectory], all_eps: Done) -> None:
    """Badge, protocol and numbers with their intervals, then every caveat that applies, and to whom; `all_eps` may show
    that one helps.
    """
    from robust_core.attacks.caveats import UPPER_BOUND, Caveat, caveats, make_run
    from robust_core.attacks.scoring import SCORING_RULES

    rule, one = SCORING_RULES[run.protocol.rule], next(iter(done.values()))
    st.markdown(
        f"{words.BADGES['cached' if run.recorded else 'live']} {describe(run.protocol.threat, target_name(run))}; "
        f"n = {len(run.images.ids)}; scored by “{rule.title}”; {_made(run, one.device)}."
    )
    st.markdown("\n".join(_numbers(spec, done[spec.key], rule) for spec in run.specs))
    applies: dict[Caveat, list[str]] = {}
    for spec in run.specs:
        others = [make_run(trajectory.steps, rule) for trajectory in all_eps[spec.key]]
        for caveat in caveats(make_run(done[spec.key].steps, rule), others):
            applies.setdefault(caveat, []).append(spec.title)
    notes = [f"- {one.sentence}{_whom(titles, run.specs)} :small[{one.source}]" for one, titles in applies.items()]
    notes += [f"- {words.plain(done[spec.key].note)}" for spec in run.specs if done[spec.key].note]
    st.info("\n".join([f"**{UPPER_BOUND}**", "", *notes]), icon=":material/gavel:")


def show_images(run: AttackRun, done: dict[str, Trajectory]) -> None:
    """Every image and each model's label at a chosen step; all of them, or those that survived or fell at one
    model.
    """
    from robust_core.attacks.scoring import SCORING_RULES, read

    st.subheader("Which images survive?", anchor=False)
    left, middle, right = st.columns([4, 3, 3], vertical_alignment="bottom")
    _forget_unless("at_step", range(run.protocol.threat.steps + 1))
    _forget_unless("at_model", [spec.title for spec in run.specs])
    step = left.slider("After how many steps", 0, run.protocol.threat.steps, run.protocol.threat.steps, key="at_step")
    title = middle.selectbox("For which model", [spec.title for spec in run.specs], key="at_model")
    which = right.segmented_control("Images", (EVERY, STANDING, FALLEN), default=EVERY, key="at_which", required=True)
    counted = {
        spec.title: list(read(done[spec.key].steps[: step + 1], SCORING_RULES[run.protocol.rule]))[-1].tolist()
        for spec in run.specs
    }
    shown = [
        place for place in range(len(run.images.ids)) if which == EVERY or counted[title][place] == (which == STANDING)
    ]
    at = f" at ε {length(run.protocol.threat.norm, run.protocol.threat.eps)}" if run.protocol.by_eps else ""
    st.caption(
        f"{len(shown)} of {words.count(len(run.images), 'image')}{at}; or click a point on a curve. "
        f"✓ counts as correct after {words.count(step, 'step')}, ✗ does not; the label is that of step {step}."
    )
    images = {"Seen": st.column_config.ImageColumn(width="small")}
    st.dataframe(_labels_at(run, done, step, counted, shown), hide_index=True, column_config=images, row_height=52)


def show_export(run: AttackRun, done: Done) -> None:
    """Everything that was measured, one row per model, eps, step and image."""
    st.download_button(
        "Steps as CSV",
        lambda: result_of_run(run, done).csv_by_image(),
        "pgd_steps.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def result_of_run(run: AttackRun, done: Done) -> AttackCurve:
    """The run as a notebook gets it."""
    from robust_core.attacks.scoring import SCORING_RULES

    by_name = {spec.name: done[spec.key] for spec in run.specs}
    provenance = Provenance.of(run.request)
    if run.recorded and (recording := recorded.find(run.request.of(run.specs[0]))):
        provenance = replace(provenance, versions=recording.result.provenance.versions)
    return AttackCurve(provenance, by_name, SCORING_RULES[run.protocol.rule], run.images.ids)


def _made(run: AttackRun, device: str) -> str:
    """Where and when it was computed."""
    computed = f"computed {words.on_device(device)}"
    recording = recorded.find(run.request.of(run.specs[0])) if run.recorded else None
    return f"{computed} on {recording.made_on} ({recording.machine})" if recording else computed


def target_name(run: AttackRun) -> str:
    """The class that all images are to become, "" when there is none."""
    target = run.protocol.target
    return "" if target is None else run.specs[0].label_space.names[target]


def _forget_unless(key: str, allowed: Container) -> None:
    """Drop what a click chose in a run that is no longer the one shown."""
    if key in st.session_state and st.session_state[key] not in allowed:
        del st.session_state[key]


def _numbers(spec: ModelSpec, trajectory: Trajectory, rule) -> str:
    clean, *_, attacked = accuracies_to_the_end(trajectory.steps, rule)
    title, seconds = words.plain(spec.title), words.seconds(trajectory.seconds)
    last = words.count(trajectory.threat.steps, "step")
    line = f"- **{title}**: clean {clean}; after {last} {attacked} ({seconds})"
    if not trajectory.stopped:
        return line
    return (
        f"{line}. Stopped at step {trajectory.steps[-1].step}: no image was left, and by “{rule.title}” none comes "
        "back, so accuracy stays 0%"
    )


def _whom(titles: Sequence[str], specs: Sequence[ModelSpec]) -> str:
    return "" if len(titles) == len(specs) else f" ({words.plain('; '.join(titles))})"


def _labels_at(
    run: AttackRun, done: dict[str, Trajectory], step: int, counted: dict[str, list[bool]], places: Sequence[int]
) -> pyarrow.Table:
    with script_turns.aside():  # hundreds of large photos take seconds at the first time
        seen = [thumbnail(run.images.ids[place], run.images.load) for place in places]
    columns = {
        "Seen": seen,
        "Image": [f"{place + 1}. {run.images.names[place]}" for place in places],
    }
    for spec in run.specs:
        steps = done[spec.key].steps
        at, marks = steps[min(step, len(steps) - 1)], ["✓" if counts else "✗" for counts in counted[spec.title]]
        names = [spec.label_space.names[label] for label in at.label.tolist()]
        shares = list(map(charts.percent, at.probability.tolist()))
        columns[spec.title] = [f"{marks[place]} {names[place]} {shares[place]}" for place in places]
    return pyarrow.table(columns)  # in a tenth of the time that pandas takes
