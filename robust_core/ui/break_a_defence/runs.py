"""A run against one defence, recorded or asked for with the button: its job, and what it has so far."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from robust_core.attacks.threat import in_255ths
from robust_core.defences.attackers import ATTACKERS
from robust_core.defences.table import DEFENCES, Defence
from robust_core.intervals import Interval, wilson
from robust_core.jobs import Job
from robust_core.plots.charts import Line
from robust_core.studies import defence_check
from robust_core.studies.defence_check import DefenceRequest, DefenceStep
from robust_core.studies.defence_outcomes import DefenceOutcome
from robust_core.ui import jobs, on_page, recorded, run_button
from robust_core.ui.components.stage import growing
from robust_core.ui.study_run import StudyRun

NAME, SLOT = "defence", "defence"
COLOURS = {"naive": "#0B73B0", "margin": "#D35D00", "bpda": "#D35D00", "eot": "#D35D00"}


class DefenceRun(StudyRun[DefenceRequest]):
    """What is asked about one defence; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return {
            "model": request.spec.title,
            "defence": self.defence.title,
            "images": f"{len(request.images)} of {request.images.title}",
            "ε": in_255ths(request.eps),
            "steps": str(request.steps),
            "seed": str(request.seed),
        }

    @property
    def defence(self) -> Defence:
        """The only one."""
        return DEFENCES[self.request.defences[0]]


def choose_run(request: DefenceRequest, button: DeltaGenerator, note: DeltaGenerator) -> DefenceRun | None:
    """The run that is shown, None before the first; a link alone asks for none."""
    here = DefenceRun(request, recorded=True) if recorded.find(request) else None
    note.caption(f"{request.ball}, {request.steps} steps, seed {request.seed}; n = {len(request.images)}.")
    return run_button.choose_run(NAME, DefenceRun(request), button, note, recorded=here)


def start(run: DefenceRun) -> Job:
    """Its job; that of a recorded run is done."""
    if (recording := run.recording(run.request.spec)) is not None:
        jobs.keep_only(SLOT, ())
        return Job.done(run.key, recording.result)
    return jobs.start(SLOT, run.key, partial(defence_check.run, run.request))


def outcome(run: DefenceRun, job: Job) -> DefenceOutcome | None:
    """What it came to; None before its end. The toolbar is told."""
    if job.result is None:
        return None
    on_page.show(run.request, job.result, run.recording(run.request.spec))
    return job.result.outcomes[run.request.spec.name][0]


def growth(run: DefenceRun | None) -> Callable[[], dict] | None:
    """What the stage draws by itself while the run goes on."""
    if run is None or not (job := start(run)).active:
        return None
    return lambda: growing(lines_so_far(job), [], run.request.steps) | {"over": not job.active}


def lines_so_far(job: Job) -> list[Line]:
    """A curve for each attacker that has taken a step."""
    by_attacker: dict[str, list[DefenceStep]] = {}
    for event in job.events:
        if isinstance(event, DefenceStep):
            by_attacker.setdefault(event.attacker, []).append(event)
    return [line(key, (one.left for one in its), its[0].n) for key, its in by_attacker.items()]


def line(attacker: str, left: Iterable[int], n: int) -> Line:
    """The share of images that are still right after each step."""
    shares = [share for one in left if (share := wilson(one, n)) is not None]
    return Line(
        ATTACKERS[attacker].title,
        COLOURS[attacker],
        range(len(shares)),
        [share.estimate for share in shares],
        [(share.low, share.high) for share in shares],
        [str(share) for share in shares],
    )


def lines_of(found: DefenceOutcome) -> list[Line]:
    """The curves of a run that is over."""
    return [line(one.attacker, one.looks, len(found.clean)) for one in found.attackers if one.looks]


def percent(share: Interval) -> str:
    """A share with its interval, such as "3.9% [1.7, 8.8]"."""
    return f"{100 * share.estimate:.1f}% [{100 * share.low:.1f}, {100 * share.high:.1f}]"
