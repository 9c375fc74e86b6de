"""Corrupted, then attacked: a heat map of severity and ε for each model, recorded or asked for, as it fills."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.threat import in_255ths
from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots.accuracy_maps import Cell, accuracy_map
from robust_core.recordings.shipped import PLANE_CORRUPTION, PLANE_LEVELS, PLANE_SEVERITIES, PLANE_STEPS
from robust_core.studies import severity_plane
from robust_core.studies.severity_plane import PlaneCell, SeverityPlaneRequest
from robust_core.ui import jobs, on_page, recorded, run_button, words, worlds
from robust_core.ui.compare_attacks import pgd_choice
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.conditions import TITLES
from robust_core.ui.links import note_unknown
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part, start_each

NAME, SLOT = "plane", "plane:"
ROW_PX, FRAME_PX = 46, 120
IN_A_ROW = 2  # maps


class PlaneRun(StudyRun[SeverityPlaneRequest]):
    """Which models are corrupted and attacked; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return {
            "models": ", ".join(spec.title for spec in request.models),
            "images": f"{len(request.images)} of {request.images.title}",
            "corruption": "; ".join(f"{one}, seed {one.seed}" for one in request.conditions),
            "attack": "; ".join(map(str, request.attacks)),
        }


def show(
    specs: Sequence[ModelSpec],
    images: ImageSet,
    settings: DeltaGenerator,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> None:
    """The view: controls come to `settings`, the button to `button`, and what would run to `note`."""
    with settings:
        wanted = SeverityPlaneRequest(tuple(specs), images, _choose_conditions(), _choose_attacks())
    run = _choose_run(wanted, button, note)
    jobs.poll_and_draw(partial(_results, run), forecast.note_measured, alone=True)


def _choose_conditions() -> tuple[Condition, ...]:
    titles = list(TITLES)
    note_unknown("plane_corruption", "corruption", titles)
    first = next(title for title, name in TITLES.items() if name == PLANE_CORRUPTION)
    title = st.selectbox(
        "Corruption", titles, titles.index(first), key="plane_corruption", bind="query-params", persist_state="session"
    )
    note_unknown("plane_severities", "severity", ["1", "2", "3", "4", "5"])
    chosen = st.pills(
        "Severities",
        (1, 2, 3, 4, 5),
        selection_mode="multi",
        default=list(PLANE_SEVERITIES),
        key="plane_severities",
        bind="query-params",
        persist_state="session",
        help="Severity 0, the clean images, is always there",
    )
    return tuple(Condition(TITLES[title], severity, 0) for severity in sorted(chosen or PLANE_SEVERITIES))


def _choose_attacks() -> tuple[AttackConfig, ...]:
    space = worlds.world()
    norm = pgd_choice.choose_norm("plane_norm")
    first = [f"{levels:g}/255" for levels in PLANE_LEVELS.get(space, (1.0, 4.0))]
    radii = pgd_choice.choose_eps(f"plane_eps_{space.key}", norm, first, several=True)
    steps = pgd_choice.choose_steps("plane_steps", PLANE_STEPS)
    seed = pgd_choice.choose_seed("plane_seed")
    return tuple(AttackConfig.of("pgd", norm, radius, steps, seed) for radius in radii)


def _choose_run(wanted: SeverityPlaneRequest, button: DeltaGenerator, note: DeltaGenerator) -> PlaneRun | None:
    there = recorded_part(wanted)
    here = PlaneRun(there, recorded=True) if there else None
    times = len(wanted.severities) * len(wanted.attacks)
    if refusal := pgd_choice.too_much(wanted.models, wanted.images, wanted.attacks[0], times):
        note.info(refusal)
        return here
    how_long = pgd_choice.in_words(wanted.models, wanted.images, wanted.attacks[0], times)
    note.caption(f"{_described(wanted)}; n = {len(wanted.images)}.{how_long}")
    return run_button.choose_run(NAME, PlaneRun(wanted), button, note, recorded=here)


def _described(request: SeverityPlaneRequest) -> str:
    first = replace(request.conditions[0], severity=1)
    corruption = str(first).partition(",")[0]
    severities = ", ".join(str(one.severity) for one in request.conditions)
    balls = ", ".join(one.ball for one in request.attacks)
    return f"{corruption} at severities {severities}, then {request.attacks[0].title} in {balls}"


def _start(run: PlaneRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    if not run.recorded:
        jobs.keep_only(forecast.SLOT, ())
    return start_each(run, SLOT, severity_plane.run)


def _results(run: PlaneRun | None) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    words.show_how_to_read("compare_attacks")


def _show_run(run: PlaneRun) -> None:
    running = _start(run)
    specs = run.request.models
    for first in range(0, len(specs), IN_A_ROW):
        for spec, column in zip(specs[first : first + IN_A_ROW], st.columns(IN_A_ROW), strict=False):
            with column.container(border=True):
                _show_model(run, spec, running[SLOT + spec.key])
    _show_protocol(run, running)


def _show_model(run: PlaneRun, spec: ModelSpec, job: Job) -> None:
    done = job.state is State.DONE
    cells = list(job.result.planes[0].cells) if done else severity_plane.cells_so_far(job.events)
    st.markdown(f"**{words.plain(spec.title)}**")
    _show_map(run, spec, cells)
    if done:
        recording = run.recording(spec)
        on_page.show(run.request.of(spec), job.result, recording)
        st.caption(recorded.origin(job.result.planes[0].device, recording))
    else:
        jobs.show_progress(SLOT + spec.key, job)


def _show_map(run: PlaneRun, spec: ModelSpec, cells: Sequence[PlaneCell]) -> None:
    found = {(cell.condition.severity, cell.eps): cell for cell in cells}
    severities = [one.severity for one in run.request.severities]
    radii = [0.0, *(one.eps or 0.0 for one in run.request.attacks)]
    rows = [[_cell(found.get((severity, radius))) for radius in radii] for severity in severities]
    live_chart(
        accuracy_map(
            [str(one) for one in severities], [_radius(one) for one in radii], rows, ("severity", "ε", "accuracy")
        ),
        key=f"severity_plane_{spec.key}",
        height_px=FRAME_PX + ROW_PX * len(severities),
        alt=f"{spec.title}: accuracy by severity and ε: {_in_words(cells)}",
        png_name=f"severity_plane_{spec.key}",
    )


def _radius(eps: float) -> str:
    return in_255ths(eps) if eps else "0"


def _cell(cell: PlaneCell | None) -> Cell | None:
    return None if cell is None else Cell(cell.accuracy.estimate, f"{_where(cell)}: {cell.accuracy}")


def _where(cell: PlaneCell) -> str:
    return f"{cell.condition}, ε {_radius(cell.eps)}"


def _in_words(cells: Sequence[PlaneCell]) -> str:
    return "; ".join(f"{_where(cell)} {cell.accuracy.estimate:.0%}" for cell in cells) or "no cell yet"


def _show_protocol(run: PlaneRun, running: Mapping[str, Job]) -> None:
    done = [job.result.planes[0] for job in running.values() if job.state is State.DONE]
    first = run.request.conditions[0]
    protocol = "; ".join(filter(None, (severity_plane.PROTOCOL, f"seed {first.seed}", first.protocol)))
    st.caption(
        f"{words.plain(protocol)}; then {words.plain(_attack(run.request.attacks[0]))}, in a ball around the corrupted "
        "image. The top row is the attack alone, the left column the corruption alone. Cells are fractions of the same "
        "images, with Wilson's 95% interval on hover and below."
    )
    if done:
        with st.expander("Every cell with n and 95% interval (Wilson)", icon=":material/table_rows:"):
            st.dataframe(pd.DataFrame(_row(cell) for plane in done for cell in plane.cells), hide_index=True)


def _attack(attack: AttackConfig) -> str:
    return f"{attack.title}, untargeted, seed {attack.seed}"


def _row(cell: PlaneCell) -> dict[str, str]:
    where = {"Model": cell.spec.title, "Corruption": str(cell.condition), "ε": _radius(cell.eps)}
    return where | {"Accuracy": str(cell.accuracy)}
