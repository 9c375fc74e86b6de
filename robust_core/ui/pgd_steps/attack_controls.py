"""The controls of the attack, or of several with one ε each, and of how they are read; they stand in the URL, lengths
with their units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from robust_core.attacks.precision import BFLOAT16, FLOAT32_FOLDED, PRECISIONS
from robust_core.attacks.threat import PAPER, ThreatModel
from robust_core.models.spec import ModelSpec
from robust_core.recordings.shipped import LEVELS
from robust_core.ui import links, words, worlds
from robust_core.ui.links import note_unknown

OWN, ORHAN = "Own settings", "Orhan 2019"
KEPT = {"bind": "query-params", "persist_state": "session"}  # of a control that is not always drawn
BY_STEPS, BY_EPS = "Steps", "ε"
NORMS = {"L∞": "linf", "L2": "l2"}
EPS = {
    "linf": {f"{levels:g}/255": levels / 255 for levels in (0.1, 0.25, 0.5, 1, 2, 4, 8, 16)},
    "l2": {f"{length:g}": float(length) for length in (0.1, 0.25, 0.5, 1, 2, 3, 5)},
}
FIRST_EPS = {"linf": "4/255", "l2": "0.5"}  # of worlds that no recorded run begins with
FIRST_SEVERAL = {"linf": ("0.5/255", "1/255", "2/255", "4/255", "8/255"), "l2": ("0.25", "0.5", "1", "2")}
PAPER_EPS = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1)  # Orhan 2019, evaluate_whitebox.py; there at ten steps
STEP_FRACTIONS = {"ε/20": 1 / 20, "ε/10": 1 / 10, "ε/4": 1 / 4, "ε": 1.0}
STEP_LEVELS = {f"{levels:g}/255": levels / 255 for levels in (0.1, 0.25, 0.5, 1, 2)}
AIMS = {
    "Untargeted": "untargeted",
    "Random class": "random",
    "Least likely class": "least_likely",
    "Chosen class": "chosen",
}
STARTS = {"Clean image": "clean", "Random in the ball": "random"}
BFLOAT16_WHERE = (
    "is offered where all chosen models were measured to fall just as often in it, on a device that computes in it."
)
NUMBERS = {one.title: one.key for one in PRECISIONS.values()}
EPS_WORDS = {  # name in the link, label, meaning
    "linf": ("eps", "ε, the largest change (255ths)", "Largest change to any pixel value (255/255 = black to white)"),
    "l2": (
        "eps_l2",
        "ε, the largest change (pixel units)",
        "Root of the sum of squares over all pixel values (1 = one value from black to white)",
    ),
}
_UNTARGETED = {
    "protocol": OWN,
    "against": BY_STEPS,
    "norm": "L∞",
    "step": "ε/10",
    "aim": "Untargeted",
    "precision": FLOAT32_FOLDED.title,
}
PRESETS = {  # values of the controls by their names in the link
    "Standard networks, 0.5/255": _UNTARGETED | {"start": "Clean image", "eps": "0.5/255"},
    "Robust benchmark, 4/255": _UNTARGETED | {"start": "Clean image", "eps": "4/255"},
    "Orhan 2019, 15.3/255": {"protocol": ORHAN, "against": BY_STEPS},
}
MAX_STEPS = 100
MAX_RESTARTS = 3
MAX_SEED = 9_999


@dataclass(frozen=True)
class Protocol:
    """Attacks that differ in eps alone, ascending, and the key of the scoring rule by which their trajectories count.

    `target` is the class that all images are to become, for the aim "chosen". `by_eps` says what accuracy is drawn
    against.
    """

    threats: tuple[ThreatModel, ...]
    rule: str
    by_eps: bool = False
    target: int | None = None

    @property
    def threat(self) -> ThreatModel:
        """The attack of the largest eps."""
        return self.threats[-1]


def choose_protocol(classes: Sequence[str], specs: Sequence[ModelSpec]) -> Protocol:
    """The attacks and the scoring rule that the controls describe: the user's own, or the paper's, of which only steps
    and seed vary.

    `classes` are the names of what the models `specs` know.
    """
    for key, kind, options in (("protocol", "protocol", (OWN, ORHAN)), ("against", "axis", (BY_STEPS, BY_EPS))):
        note_unknown(key, kind, options)
    _show_presets()
    left, right = st.columns(2)
    protocol = left.segmented_control(
        "Protocol", (OWN, ORHAN), default=OWN, key="protocol", bind="query-params", required=True
    )
    by_eps = (
        right.segmented_control(
            "Accuracy against", (BY_STEPS, BY_EPS), default=BY_STEPS, key="against", bind="query-params", required=True
        )
        == BY_EPS
    )
    return _choose_paper(by_eps) if protocol == ORHAN else _choose_own(by_eps, classes, specs)


def _show_presets() -> None:
    for column, (title, settings) in zip(st.columns(len(PRESETS)), PRESETS.items(), strict=True):
        column.button(title, on_click=st.session_state.update, args=(settings,), width="stretch")


def describe(threat: ThreatModel, target: str = "") -> str:
    """The attack in one line, lengths in 255ths of the way from black to white for L∞; `target` names the chosen
    class.
    """
    parts = [f"{name} {value}".strip() for name, value in _in_parts(threat, target)]
    return "; ".join([", ".join(parts), *filter(None, [PRECISIONS[threat.precision].protocol])])


def settings_of(threat: ThreatModel) -> dict[str, str]:
    """What can be changed of an attack but its eps, by name."""
    names = ("norm", "ε", "step", "steps", "aim", "start", "seed")
    said = {name: value for name, (_, value) in zip(names, _in_parts(threat), strict=True) if name != "ε"}
    return said | {"precision": PRECISIONS[threat.precision].title}


def _in_parts(threat: ThreatModel, target: str = "") -> list[tuple[str, str]]:
    """The attack as names, where values need one, and values."""
    aim = next((title.lower() for title, aim in AIMS.items() if aim == threat.aim), threat.aim)
    start = {
        "clean": "from the clean image",
        "random": "from a random start",
        "random_unclipped": "from a random start, not clipped",
    }[threat.start]
    restarts = f", {threat.restarts} restarts" if threat.restarts > 1 else ""
    stop = ", stops at success" if threat.stop_at_success else ""
    norm = next(title for title, norm in NORMS.items() if norm == threat.norm)
    goal = aim if aim == "untargeted" else f"targeted ({target or aim})"
    eps, step = (length(threat.norm, one) for one in (threat.eps, threat.step_size))
    steps = words.count(threat.steps, "step")
    begun = ("", f"{start}{restarts}{stop}")
    return [("", norm), ("ε", eps), ("step", step), ("", steps), ("", goal), begun, ("seed", str(threat.seed))]


def length(norm: str, one: float) -> str:
    """A length with its unit: 255ths for L∞, pixel units for L2."""
    return f"{255 * one:.3g}/255" if norm == "linf" else f"{one:.3g}"


def _choose_paper(by_eps: bool) -> Protocol:
    from robust_core.attacks.scoring import PAPER as PAPER_SCORING

    left, right = st.columns([4, 1], vertical_alignment="bottom")
    threat = replace(PAPER, steps=_choose_steps(left), seed=_choose_seed(right))
    threats = tuple(replace(threat, eps=eps) for eps in (PAPER_EPS if by_eps else (PAPER.eps,)))
    every = ", ".join(length(PAPER.norm, one.eps) for one in threats)
    st.caption(f"{describe(threat)}. {f'Each ε of {every}. ' if by_eps else ''}{PAPER_SCORING.sentence}")
    return Protocol(threats, PAPER_SCORING.key, by_eps)


def _choose_own(by_eps: bool, classes: Sequence[str], specs: Sequence[ModelSpec]) -> Protocol:
    first, second, third = st.columns([3, 6, 4], vertical_alignment="bottom")
    norm = _choose_norm(first)
    radii = _choose_several_eps(norm) if by_eps else (_choose_eps(second, norm),)
    step_sizes = _choose_step_sizes(third, norm, radii)
    first, second = st.columns(2, vertical_alignment="bottom")
    steps, aim = _choose_steps(first), _choose_aim(second)
    first, third, fourth = st.columns([6, 5, 3], vertical_alignment="bottom")
    start, rule, seed = _choose_start(first), _choose_scoring(third), _choose_seed(fourth)
    target = _choose_target(classes) if aim == "chosen" else None
    rest = {
        "norm": norm,
        "steps": steps,
        "aim": aim,
        "start": start,
        "restarts": _choose_restarts(start),
        "stop_at_success": False,
        "seed": seed,
        "precision": _choose_precision(specs),
    }
    threats = tuple(
        ThreatModel(eps=eps, step_size=step_size, **rest) for eps, step_size in zip(radii, step_sizes, strict=True)
    )
    return Protocol(threats, rule, by_eps, target)


def _choose_norm(place) -> str:
    note_unknown("norm", "norm", list(NORMS))
    return NORMS[place.segmented_control("Norm", list(NORMS), default="L∞", key="norm", required=True, **KEPT)]


def _choose_aim(place) -> str:
    note_unknown("aim", "aim", list(AIMS))
    return AIMS[
        place.selectbox("Aim", list(AIMS), key="aim", help="Random targets are drawn per image from the seed", **KEPT)
    ]


def _choose_start(place) -> str:
    note_unknown("start", "start", list(STARTS))
    return STARTS[
        place.segmented_control("Start", list(STARTS), default="Clean image", key="start", required=True, **KEPT)
    ]


def _choose_restarts(start: str) -> int:
    if start == "clean":
        return 1
    title = "Random starts per image (restarts)"
    return links.number(st.slider, title, 1, MAX_RESTARTS, 1, key="restarts", persist_state="session")


def _choose_precision(specs: Sequence[ModelSpec]) -> str:
    offered = [one.title for one in PRECISIONS.values() if not one.bfloat16 or _bfloat16_is_allowed(specs)]
    note_unknown("precision", "precision", offered, _why_not_offered)
    if st.session_state.get("precision", offered[0]) not in offered:  # it was chosen for other models
        st.session_state["precision"] = offered[0]
    meanings = meanings_of(offered)
    rest = "" if BFLOAT16.title in offered else f"  \n**{BFLOAT16.title}** {BFLOAT16_WHERE}"
    return NUMBERS[st.selectbox("Precision", offered, key="precision", help=meanings + rest, **KEPT)]


def meanings_of(offered: Sequence[str]) -> str:
    """What the precisions with these titles are, a line for each."""
    return "  \n".join(f"**{one.title}**: {one.help}" for one in PRECISIONS.values() if one.title in offered)


def _why_not_offered(title: str) -> str:
    return f"“{title}” {BFLOAT16_WHERE}" if title in NUMBERS else ""


def _bfloat16_is_allowed(specs: Sequence[ModelSpec]) -> bool:
    from robust_core.models.device import choose_device, has_bfloat16

    return all(spec.architecture.bfloat16 for spec in specs) and has_bfloat16(choose_device())


def _choose_eps(place, norm: str) -> float:
    key, label, meaning = EPS_WORDS[norm]
    note_unknown(key, "ε", list(EPS[norm]))
    first = f"{LEVELS[worlds.world()]:g}/255" if norm == "linf" and worlds.world() in LEVELS else FIRST_EPS[norm]
    if worlds.just_entered("eps"):
        st.session_state[key] = first
    return EPS[norm][
        place.select_slider(
            label, list(EPS[norm]), first, key=key, bind="query-params", persist_state="session", help=meaning
        )
    ]


def _choose_several_eps(norm: str) -> tuple[float, ...]:
    key, label, meaning = EPS_WORDS[norm]
    note_unknown(f"{key}_set", "ε", list(EPS[norm]))
    options, help_words = list(EPS[norm]), f"{meaning}. One run of each, in one job"
    chosen = st.pills(
        label,
        options,
        selection_mode="multi",
        default=list(FIRST_SEVERAL[norm]),
        key=f"{key}_set",
        bind="query-params",
        persist_state="session",
        help=help_words,
    )
    return tuple(sorted(EPS[norm][one] for one in chosen or [FIRST_EPS[norm]]))


def _choose_step_sizes(place, norm: str, radii: Sequence[float]) -> tuple[float, ...]:
    options = [*STEP_FRACTIONS, *(STEP_LEVELS if norm == "linf" else ())]
    note_unknown("step", "step size", options)
    chosen = place.selectbox(
        "Step size",
        options,
        index=1,
        key="step",
        bind="query-params",
        persist_state="session",
        help="A fraction of ε, or absolute in 255ths",
    )
    return tuple(STEP_FRACTIONS[chosen] * eps if chosen in STEP_FRACTIONS else STEP_LEVELS[chosen] for eps in radii)


def _choose_steps(place) -> int:
    return links.number(
        place.slider,
        "Steps",
        1,
        MAX_STEPS,
        50,
        key="steps",
        help="One run covers all smaller step counts",
    )


def _choose_target(classes: Sequence[str]) -> int:
    note_unknown("target", "class", classes)
    name = st.selectbox(
        "Class that every image is to become",
        classes,
        key="target",
        bind="query-params",
        persist_state="session",
        help="Images of this class are left out",
    )
    return classes.index(name)


def _choose_seed(place) -> int:
    return links.number(
        place.number_input, "Seed", 0, MAX_SEED, 0, key="attack_seed", help="Draws random starts and targets"
    )


def _choose_scoring(place) -> str:
    from robust_core.attacks.scoring import SCORING_RULES

    titles = {rule.title: key for key, rule in SCORING_RULES.items() if not rule.targeted_only}
    note_unknown("scoring", "scoring rule", list(titles))
    meanings = " ".join(
        f"**{rule.title}**: {rule.sentence}" for rule in SCORING_RULES.values() if not rule.targeted_only
    )
    chosen = place.selectbox(
        "Scoring", list(titles), index=1, key="scoring", bind="query-params", persist_state="session", help=meanings
    )
    return titles[chosen]
