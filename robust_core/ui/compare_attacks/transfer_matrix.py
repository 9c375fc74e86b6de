"""Does what fools one model fool another? The matrix of sources and targets, recorded or asked for, as it fills."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attacks.config import AttackConfig
from robust_core.data.image_set import ImageSet
from robust_core.intervals import Interval
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots.accuracy_maps import Cell, accuracy_map
from robust_core.recordings.shipped import TRANSFER_LEVELS, TRANSFER_STEPS, transfer_request
from robust_core.recordings.store import Recording
from robust_core.studies import transfer_matrix
from robust_core.studies.transfer_matrix import HANDED_OVER, TransferCell, TransferMatrix, TransferMatrixRequest
from robust_core.ui import jobs, on_page, recorded, run_button, words, worlds
from robust_core.ui.compare_attacks import pgd_choice, published_transfer
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun

NAME, SLOT = "transfer", "transfer:"
ROW_PX, FRAME_PX = 56, 150


@dataclass(frozen=True)
class Shows:
    """What the cells show: a `value` of each with its interval, None where there is none; `direction` says what is
    better for the target.
    """

    title: str
    value: Callable[[TransferCell], Interval | None]
    direction: str


SHOWN = (
    Shows("Accuracy left", lambda cell: cell.accuracy(cell.attacked), "higher is more robust"),
    Shows("Fooled", lambda cell: cell.fooled(cell.attacked), "of what the target has right when clean"),
    Shows("Under noise", lambda cell: cell.accuracy(cell.noise), "accuracy under random noise of the same ε"),
    Shows("Clean", lambda cell: cell.accuracy(cell.clean), "accuracy on the clean images of the source's grid"),
)


class TransferRun(StudyRun[TransferMatrixRequest]):
    """Which models attack each other; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return {
            "models": ", ".join(spec.title for spec in request.models),
            "images": f"{len(request.images)} of {request.images.title}",
            "attack": str(request.attack),
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
        attack = _choose_attack()
    run = _choose_run(TransferMatrixRequest(tuple(specs), images, attack), button, note)
    titles = {one.title: one for one in SHOWN}
    note_unknown("transfer_shows", "what cells show", list(titles))
    chosen = st.segmented_control(
        "Cells show",
        list(titles),
        default=SHOWN[0].title,
        key="transfer_shows",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    jobs.poll_and_draw(partial(_results, run, titles[chosen]), forecast.note_measured, alone=True)


def _choose_attack() -> AttackConfig:
    space = worlds.world()
    norm = pgd_choice.choose_norm("transfer_norm")
    first = [f"{TRANSFER_LEVELS.get(space, 4.0):g}/255"]
    (eps,) = pgd_choice.choose_eps(f"transfer_eps_{space.key}", norm, first, several=False)
    steps = pgd_choice.choose_steps(f"transfer_steps_{space.key}", TRANSFER_STEPS)
    return AttackConfig.of("pgd", norm, eps, steps, pgd_choice.choose_seed("transfer_seed"))


def _choose_run(wanted: TransferMatrixRequest, button: DeltaGenerator, note: DeltaGenerator) -> TransferRun | None:
    there = _recorded_part(wanted)
    here = TransferRun(there, recorded=True) if there else None
    if refusal := pgd_choice.too_much(wanted.models, wanted.images, wanted.attack, 1):
        note.info(refusal)
        return here
    how_long = pgd_choice.in_words(wanted.models, wanted.images, wanted.attack, 1)
    note.caption(f"{wanted.attack}; n = {len(wanted.images)}.{how_long}")
    return run_button.choose_run(NAME, TransferRun(wanted), button, note, recorded=here)


def _recorded_part(wanted: TransferMatrixRequest) -> TransferMatrixRequest | None:
    """The request for those of the wanted models that attacked each other in the recorded run of the world."""
    whole = _whole(wanted)
    if whole is None:
        return None
    keys = {spec.key for spec in whole.models}
    there = [spec for spec in wanted.models if spec.key in keys]
    return wanted.for_models(there) if there else None


def _whole(wanted: TransferMatrixRequest) -> TransferMatrixRequest | None:
    """The recorded request of the world, where it is of the wanted images and attack."""
    if wanted.label_space not in TRANSFER_LEVELS:
        return None
    whole = recorded.asked(transfer_request, wanted.label_space)
    same = wanted.for_models(whole.models).key == whole.key
    return whole if same and recorded.find(whole) else None


def _recording(run: TransferRun) -> Recording | None:
    whole = _whole(run.request) if run.recorded else None
    return recorded.find(whole) if whole else None


def _start(run: TransferRun) -> Job:
    """The one job of all models; that of a recorded run is done."""
    if recording := _recording(run):
        jobs.keep_only(SLOT, ())
        return Job.done(run.key, recording.result.of_models(run.request.models))
    jobs.keep_only(forecast.SLOT, ())
    return jobs.start(SLOT, run.key, partial(transfer_matrix.run, run.request))


def _results(run: TransferRun | None, shows: Shows) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run, shows)
    published_transfer.show()
    words.show_how_to_read("compare_attacks")


def _show_run(run: TransferRun, shows: Shows) -> None:
    job = _start(run)
    result: TransferMatrix | None = job.result if job.state is State.DONE else None
    cells = list(result.cells) if result else transfer_matrix.cells_so_far(job.events)
    _show_matrix(run, cells, shows)
    if result is None:
        jobs.show_progress(SLOT, job)
        return
    recording = _recording(run)
    on_page.show(run.request, result, recording)
    badge = recorded.badge(recording)
    when = f" {recorded.when(recording)}" if recording else ""
    st.markdown(f"{badge} {words.plain(str(run.request.attack))}.{when}")
    st.caption(_protocol(cells))
    _show_table(cells)


def _show_matrix(run: TransferRun, cells: Sequence[TransferCell], shows: Shows) -> None:
    specs = run.request.models
    found = {(cell.source.key, cell.target.key): cell for cell in cells}
    rows = [[_cell(found.get((source.key, target.key)), shows) for target in specs] for source in specs]
    titles = [spec.title for spec in specs]
    live_chart(
        accuracy_map(titles, titles, rows, ("attacked", "judged by", shows.title.lower())),
        key="transfer_matrix",
        height_px=FRAME_PX + ROW_PX * len(specs),
        alt=f"{shows.title}, attacked model by judging model: {_in_words(cells, shows)}",
        png_name="transfer_matrix",
    )
    st.caption(
        f"**{shows.title}**: {shows.direction}. On the diagonal a model judges the images that were made against "
        "itself (white-box); elsewhere the attacker has never seen the model that judges (black-box)."
    )


def _cell(cell: TransferCell | None, shows: Shows) -> Cell | None:
    if cell is None:
        return None
    interval = shows.value(cell)
    said = "none is right when clean" if interval is None else str(interval)
    what = f"attacked: {cell.source.title}, judged by: {cell.target.title}"
    return Cell(None if interval is None else interval.estimate, f"{what}: {shows.title.lower()} {said}; {cell.grid}")


def _in_words(cells: Sequence[TransferCell], shows: Shows) -> str:
    values = [(cell, shows.value(cell)) for cell in cells]
    said = [f"{cell.source.title} → {cell.target.title} {one.estimate:.0%}" for cell, one in values if one]
    return "; ".join(said) or "no cell yet"


def _protocol(cells: Sequence[TransferCell]) -> str:
    """What was done, with the grids and how they are resized."""
    resized = [cell for cell in cells if cell.grid_px != cell.input_px]
    grids = ", ".join(dict.fromkeys(f"{words.plain(cell.source.title)} {cell.grid_px[1]} px" for cell in cells))
    one_size = (
        "All models take this size." if not resized else "A target of another size resizes it: bilinear, antialiased."
    )
    known = min(int(cell.known.sum()) for cell in cells)
    return (
        f"{HANDED_OVER[0].upper()}{HANDED_OVER[1:]}. ε holds on the source's grid: {grids}. {one_size} Noise: uniform "
        f"in the ball, one draw. {words.labels_known(known, cells[0].n)}"
    )


def _show_table(cells: Sequence[TransferCell]) -> None:
    with st.expander("Every cell with n and 95% interval (Wilson)", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame(map(_row, cells)), hide_index=True)


def _row(cell: TransferCell) -> dict[str, str]:
    who = {"Attacked": cell.source.title, "Judged by": cell.target.title}
    return who | {one.title: str(one.value(cell) or "–") for one in SHOWN} | {"Grid": cell.grid}
