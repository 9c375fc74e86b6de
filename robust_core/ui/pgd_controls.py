"""The controls of the attack and of how it is read; they stand in the URL, lengths with their units."""

from dataclasses import dataclass, replace

import streamlit as st

from robust_core.attacks.threat import PAPER, ThreatModel
from robust_core.ui.links import note_unknown

OWN, ORHAN = "Own settings", "Orhan 2019"
NORMS = {"L∞": "linf", "L2": "l2"}
EPS = {
    "linf": {f"{levels:g}/255": levels / 255 for levels in (0.1, 0.25, 0.5, 1, 2, 4, 8, 16)},
    "l2": {f"{length:g}": float(length) for length in (0.1, 0.25, 0.5, 1, 2, 3, 5)},
}
FIRST_EPS = {"linf": "4/255", "l2": "0.5"}
STEP_FRACTIONS = {"ε/20": 1 / 20, "ε/10": 1 / 10, "ε/4": 1 / 4, "ε": 1.0}
STEP_LEVELS = {f"{levels:g}/255": levels / 255 for levels in (0.1, 0.25, 0.5, 1, 2)}
AIMS = {"Untargeted": "untargeted", "Random class": "random", "Least likely class": "least_likely"}
STARTS = {"Clean picture": "clean", "Random in the ball": "random"}
MAX_STEPS = 100
MAX_RESTARTS = 3
MAX_SEED = 9_999


@dataclass(frozen=True)
class Protocol:
    """An attack, and the key of the reading by which its trajectory counts."""

    threat: ThreatModel
    reading: str


def choose_protocol() -> Protocol:
    """The attack and the reading that the controls describe: the user's own, or the paper's, of which only steps and seed vary."""
    note_unknown("protocol", "protocol", (OWN, ORHAN))
    protocol = st.segmented_control("Protocol", (OWN, ORHAN), default=OWN, key="protocol", bind="query-params", required=True)
    return _choose_paper() if protocol == ORHAN else _choose_own()


def describe(threat: ThreatModel) -> str:
    """The attack in one line, lengths in 255ths of the way from black to white for L∞."""
    aim = next((title.lower() for title, aim in AIMS.items() if aim == threat.aim), threat.aim)
    start = {"clean": "from the clean picture", "random": "from a random start", "random_unclipped": "from a random start, not clipped"}[threat.start]
    restarts = f", {threat.restarts} restarts" if threat.restarts > 1 else ""
    stop = ", stops at success" if threat.stop_at_success else ""
    norm = next(title for title, norm in NORMS.items() if norm == threat.norm)
    goal = aim if aim == "untargeted" else f"targeted ({aim})"
    eps, step = (_length(threat.norm, length) for length in (threat.eps, threat.step_size))
    return f"{norm}, ε {eps}, step {step}, {threat.steps} steps, {goal}, {start}{restarts}{stop}, seed {threat.seed}"


def _choose_paper() -> Protocol:
    from robust_core.attacks.readings import PAPER as PAPER_READING

    left, right = st.columns([4, 1], vertical_alignment="bottom")
    threat = replace(PAPER, steps=_choose_steps(left), seed=_choose_seed(right))
    st.caption(f"{describe(threat)}. {PAPER_READING.sentence}")
    return Protocol(threat, PAPER_READING.key)


def _choose_own() -> Protocol:
    for key, kind, options in (("norm", "norm", NORMS), ("aim", "aim", AIMS), ("start", "start", STARTS)):
        note_unknown(key, kind, list(options))
    first, second, third, fourth = st.columns([2, 5, 3, 5], vertical_alignment="bottom")
    norm = NORMS[first.segmented_control("Norm", list(NORMS), default="L∞", key="norm", bind="query-params", required=True)]
    eps = _choose_eps(second, norm)
    step_size = _choose_step_size(third, norm, eps)
    steps = _choose_steps(fourth)
    first, second, third, fourth = st.columns([3, 4, 3, 2], vertical_alignment="bottom")
    aim = AIMS[first.selectbox("Aim", list(AIMS), key="aim", bind="query-params", help="Targets are drawn per picture from the seed")]
    start = STARTS[second.segmented_control("Start", list(STARTS), default="Clean picture", key="start", bind="query-params", required=True)]
    reading = _choose_reading(third)
    seed = _choose_seed(fourth)
    restarts = 1 if start == "clean" else st.slider("Random starts per picture (restarts)", 1, MAX_RESTARTS, 1, key="restarts", bind="query-params")
    threat = ThreatModel(
        norm=norm, eps=eps, step_size=step_size, steps=steps, aim=aim, start=start, restarts=restarts, stop_at_success=False, seed=seed
    )
    return Protocol(threat, reading)


def _choose_eps(place, norm: str) -> float:
    if norm == "linf":
        key, label, meaning = "eps", "ε, the largest change (255ths)", "Of any value; 255/255 is the way from black to white"
    else:
        key, label, meaning = "eps_l2", "ε, the largest change (pixel units)", "Root of the summed squares over all values; 1 is one value from black to white"
    note_unknown(key, "ε", list(EPS[norm]))
    return EPS[norm][place.select_slider(label, list(EPS[norm]), FIRST_EPS[norm], key=key, bind="query-params", help=meaning)]


def _choose_step_size(place, norm: str, eps: float) -> float:
    options = [*STEP_FRACTIONS, *(STEP_LEVELS if norm == "linf" else ())]
    note_unknown("step", "step size", options)
    chosen = place.selectbox("Step size", options, index=1, key="step", bind="query-params", help="A fraction of ε, or absolute in 255ths")
    return STEP_FRACTIONS[chosen] * eps if chosen in STEP_FRACTIONS else STEP_LEVELS[chosen]


def _choose_steps(place) -> int:
    return place.slider("Steps", 1, MAX_STEPS, 50, key="steps", bind="query-params", help="One run answers for every smaller number of steps, too")


def _choose_seed(place) -> int:
    return int(place.number_input("Seed", 0, MAX_SEED, 0, key="attack_seed", bind="query-params", help="Of random starts and targets"))


def _choose_reading(place) -> str:
    from robust_core.attacks.readings import READINGS

    titles = {reading.title: key for key, reading in READINGS.items() if not reading.targeted_only}
    note_unknown("reading", "reading", list(titles))
    words = " ".join(f"**{reading.title}**: {reading.sentence}" for reading in READINGS.values() if not reading.targeted_only)
    chosen = place.selectbox("Reading", list(titles), index=1, key="reading", bind="query-params", help=words)
    return titles[chosen]


def _length(norm: str, length: float) -> str:
    return f"{255 * length:.3g}/255" if norm == "linf" else f"{length:.3g}"
