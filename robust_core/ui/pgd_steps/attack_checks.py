"""Whether the attack that is looked at can be believed: the button, a forecast, and what further attacks come to."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.errors import UnknownName
from robust_core.jobs import State
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.attack_checks import AttackChecks, AttackChecksRequest, CheckOutcome, images_left
from robust_core.studies.attack_curve import Trajectory
from robust_core.ui import jobs, words
from robust_core.ui.pgd_steps import attack_jobs
from robust_core.ui.pgd_steps.attack_jobs import CHECKS_ASKED, CHECKS_SLOT, AttackRun
from robust_core.ui.pgd_steps.below_curves import result_of_run

MOST_SOURCES = 2  # beside the run's own models
PASSES_ALONE = 10  # of FGSM, noise and the clean image again, in steps of the attack
WHAT = (
    "Tries other attacks on the images that no step breaks: FGSM, uniform noise, the DLR loss and the attack without a "
    "limit. It also predicts the clean images again and tries what breaks other models. After a good attack, only the "
    "one without a limit breaks any, and it breaks all."
)


def show_checks(run: AttackRun, done: dict[str, Trajectory]) -> None:
    """The button, and once it was pressed for this run, how far its job is or what it found."""
    st.subheader("Can this attack be believed?", anchor=False)
    asked: dict = st.session_state.setdefault(CHECKS_ASKED, {})
    request: AttackChecksRequest | None = asked.get(_key(run))
    if request is None:
        jobs.keep_only(CHECKS_SLOT, ())
        _show_button(run, done)
        return
    job = attack_jobs.start_checks(request, result_of_run(run, {key: (one,) for key, one in done.items()}))
    if job.state is State.DONE:
        _show_result(job.result, run.specs)
    else:
        jobs.show_progress(CHECKS_SLOT, job)


def _key(run: AttackRun) -> tuple:
    from robust_core.attacks.scoring import SCORING_RULES

    return run.key, SCORING_RULES[run.protocol.rule].targeted_only


def _show_button(run: AttackRun, done: dict[str, Trajectory]) -> None:
    from robust_core.attacks.scoring import SCORING_RULES

    request = AttackChecksRequest.of_attack(run.request, SCORING_RULES[run.protocol.rule], _loaded_beside(run))
    if not any(images_left(one, request).places for one in done.values()):
        st.caption("The attack leaves no image, so there is nothing to check.")
        return
    left, right = st.columns([1, 3], vertical_alignment="center")
    left.button(
        "Check this attack",
        key="check_attack",
        icon=":material/fact_check:",
        width="stretch",
        on_click=_ask,
        args=(_key(run), request),
    )
    right.caption(f"{WHAT} About {jobs.roughly(forecast_seconds(request, done))}.")


def _ask(key: tuple, request: AttackChecksRequest) -> None:
    st.session_state[CHECKS_ASKED] = {**st.session_state.get(CHECKS_ASKED, {}), key: request}


def _loaded_beside(run: AttackRun) -> tuple[ModelSpec, ...]:
    """The models of the run's world that were used last and are loaded, beside its own."""
    from robust_core.models.pool import shared_pool

    loaded = (_known(key) for key in reversed(shared_pool().keys()))
    others = [spec for spec in loaded if spec and spec.label_space == run.label_space and spec not in run.specs]
    return tuple(others[:MOST_SOURCES])


def _known(key: str) -> ModelSpec | None:
    try:
        return get_spec(key)
    except UnknownName:  # removed, while it was loaded
        return None


def forecast_seconds(request: AttackChecksRequest, done: dict[str, Trajectory]) -> float:
    """What the checks will take, from what the attack took: the loss and the ball once more, and each source again."""
    each = list(done.values())
    shares = [len(images_left(one, request).places) / len(request.images) for one in each]
    alone = sum(
        share * one.seconds * (2 + PASSES_ALONE / one.threat.steps) for share, one in zip(shares, each, strict=True)
    )
    others = len(request.every_source) - (len(request.every_source) == 1)
    return alone + others * max(shares) * sum(one.seconds for one in each) / len(each)


def _show_result(checks: AttackChecks, specs: Sequence[ModelSpec]) -> None:
    titles = {spec.name: words.plain(spec.title) for spec in specs}
    named = [(titles[one.trajectory.spec.name], one) for one in checks.checked]
    fired = [(title, outcome) for title, one in named for outcome in one.outcomes if outcome.fires]
    if fired:
        notes = [f"- **{title}**: {words.plain(one.sentence)} :small[{one.check.source}]" for title, one in fired]
        st.warning("\n".join(notes), icon=":material/report:")
    else:
        st.success("No check shows that the attack failed, which does not prove that it succeeded.")
    st.markdown(
        "\n".join(
            f"- **{title}**: correct at every step: {one.after_attack}; **worst case: {one.worst_case}**"
            for title, one in named
        )
    )
    st.caption(
        "The worst case counts an image as correct if neither the attack nor any check within the ball breaks it: an "
        "upper bound on robust accuracy still."
    )
    st.table(table_of(checks), hide_index=True, alt="What each check breaks of what the attack leaves")  # cells wrap


def table_of(checks: AttackChecks) -> pd.DataFrame:
    """A row for each check: what it breaks of what the attack leaves, by model, what a sign of failure means, and the
    check's source.
    """
    cells = {
        (outcome.title, one.trajectory.spec.title): (outcome, _counts(outcome))
        for one in checks.checked
        for outcome in one.outcomes
    }
    models = list(dict.fromkeys(model for _, model in cells))
    rows = []
    for check in dict.fromkeys(check for check, _ in cells):
        of_models = {model: cells[check, model] for model in models if (check, model) in cells}
        row = next(iter(of_models.values()))[0].check
        counts = {model: of_models[model][1] if model in of_models else "–" for model in models}
        rows.append({"Check": check} | counts | {"A ⚠ means": row.because, "Source": row.source})
    return pd.DataFrame(rows)


def _counts(outcome: CheckOutcome) -> str:
    if (interval := outcome.interval) is None:
        return outcome.refusal or "nothing left"
    ends = f"{charts.percent(interval.low)}, {charts.percent(interval.high)}"
    return f"{'⚠ ' if outcome.fires else ''}{sum(outcome.broken)} of {interval.n} [{ends}]"
