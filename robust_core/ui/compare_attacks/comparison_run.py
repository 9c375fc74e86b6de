"""A comparison, recorded or asked for with the button: its jobs, and what they have so far."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.attacks.precision import PRECISIONS, USUAL
from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_comparison
from robust_core.studies.attack_comparison import AttackComparison, AttackComparisonRequest
from robust_core.studies.attack_outcome import title_of
from robust_core.ui import jobs, on_page, recorded, run_button, words
from robust_core.ui.compare_attacks import costs
from robust_core.ui.compare_attacks.controls import Compared
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part, start_each

NAME, SLOT = "compare", "compare:"
CANCELLED = "compare_cancelled"  # in the session, until the whole page has run


class ComparisonRun(StudyRun[AttackComparisonRequest]):
    """Which models are attacked, on which images, and how; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        configs = self.request.attacks
        return {
            "models": ", ".join(spec.title for spec in self.specs),
            "images": f"{len(self.request.images)} of {self.request.images.title}",
            "attacks": ", ".join(dict.fromkeys(title_of(replace(config, precision=USUAL)) for config in configs)),
            "ball": balls(self),
            "seed": ", ".join(dict.fromkeys(str(config.seed) for config in configs)),
            "precision": ", ".join(dict.fromkeys(PRECISIONS[config.precision].title for config in configs)),
        }


def choose_run(
    name: str,
    specs: Sequence[ModelSpec],
    images: ImageSet,
    compared: Compared,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> ComparisonRun | None:
    """The run that is shown, None before the first; a link alone asks for none. One that would cost too much is not
    offered.
    """
    wanted = ComparisonRun(AttackComparisonRequest(tuple(specs), images, compared.attacks, compared.radii))
    there = recorded_part(wanted.request)
    here = ComparisonRun(there, recorded=True) if there else None
    if st.session_state.pop(CANCELLED, False):
        note.caption("**Cancelled.**")
    if costs.passes(wanted.request) > costs.MOST_PASSES and here is None:
        note.info(
            f"These settings could take {costs.passes(wanted.request):,} passes; a run here takes at most "
            f"{costs.MOST_PASSES:,}. Choose fewer attacks, models or images, or use the terminal."
        )
        return None
    note.caption(_described(wanted))
    return run_button.choose_run(name, wanted, button, note, recorded=here)


def start(run: ComparisonRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    if not run.recorded:
        jobs.keep_only(forecast.SLOT, ())
    return start_each(run, SLOT, attack_comparison.run)


def result(run: ComparisonRun, running: Mapping[str, Job]) -> AttackComparison | None:
    """What the models that are done came to; None while any is not over, or where all have failed."""
    done = [job.result for spec in run.specs if (job := running[SLOT + spec.key]).state is State.DONE]
    if not done or any(job.active for job in running.values()):
        return None
    return done[0].joined(done[1:])


def note_shown(run: ComparisonRun, running: Mapping[str, Job]) -> None:
    """Tell the toolbar which results the page shows."""
    for spec in run.specs:
        if (found := running[SLOT + spec.key].result) is not None:
            on_page.show(run.request.of(spec), found, run.recording(spec))


def show_progress(name: str, run: ComparisonRun, running: dict[str, Job]) -> None:
    """How far the unfinished models are, which one button cancels, and why others have failed."""
    unfinished = [spec for spec in run.specs if running[SLOT + spec.key].active]
    if unfinished:
        far = [jobs.how_far(running[SLOT + spec.key]) for spec in unfinished]
        said = [f"{words.plain(spec.title)}: {how}" for spec, (_, how) in zip(unfinished, far, strict=True)]
        whole = len(run.specs) - len(unfinished) + sum(share for share, _ in far)
        st.progress(whole / len(run.specs), "; ".join(said))
        st.button(
            "Cancel all", key="cancel_compare", icon=":material/close:", on_click=_cancel, args=(name, run, running)
        )
    for spec in run.specs:
        job = running[SLOT + spec.key]
        if not job.active and job.state is not State.DONE:
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(SLOT + spec.key, job)


def asked_again() -> bool:
    """Whether the whole page has to run: the run was cancelled, or a forecast has become known."""
    return forecast.note_measured() or CANCELLED in st.session_state


def balls(run: ComparisonRun) -> str:
    """The norm and every radius, such as "L∞ 2/255, 4/255"."""
    configs = run.request.attacks
    radii = {config.ball.partition(" ")[2]: None for config in configs if config.eps is not None}
    return f"{configs[0].ball.partition(' ')[0]} {', '.join(radii)}".strip()


def made(run: ComparisonRun, device: str) -> str:
    """Badge, where and when it was computed, as a sentence begins."""
    return recorded.origin(device, run.recording(run.specs[0]))


def _described(wanted: ComparisonRun) -> str:
    first, n = wanted.request.attacks[0], len(wanted.request.images)
    parts = [f"{balls(wanted)}, untargeted, seed {first.seed}", PRECISIONS[first.precision].protocol, f"n = {n}"]
    return f"{'; '.join(filter(None, parts))}. {costs.in_words(wanted.request)}"


def _cancel(name: str, run: ComparisonRun, running: dict[str, Job]) -> None:
    """Leave what is not done; the page goes on with the models that are, else with the attacks that are over on the
    first model, else with what it showed before.
    """
    done = tuple(spec for spec in run.specs if running[SLOT + spec.key].state is State.DONE)
    jobs.keep_only(SLOT, [SLOT + spec.key for spec in done])
    st.session_state[CANCELLED] = True
    if done:
        run_button.narrow(name, ComparisonRun(run.request.for_models(done)))
    elif over := _over(run.request.of(run.specs[0]), running):
        run_button.narrow(name, over)
    else:
        run_button.forget(name)


def _over(request: AttackComparisonRequest, running: dict[str, Job]) -> ComparisonRun | None:
    """A run of the attacks on one model that are over, whose job is done."""
    slot = SLOT + request.spec.key
    found = attack_comparison.so_far(request, running[slot].events)
    if found is None:
        return None
    part = replace(request, attacks=tuple(one.config for one in found.outcomes[request.spec.name]))
    st.session_state["job_slots"][slot] = Job.done(part.key, found)
    return ComparisonRun(part)
