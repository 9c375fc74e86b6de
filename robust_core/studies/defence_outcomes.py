"""What attackers leave of defences, with intervals, and the alarms that the naive one sets off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core.attacks.threat import NORM_TITLES, in_255ths
from robust_core.defences.attackers import ATTACKERS, SQUARE_QUERIES, Attacker
from robust_core.defences.table import DEFENCES, Defence
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.study_result import StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure

    from robust_core.defences.alarms import Alarm


@dataclass(frozen=True, eq=False)
class AttackerOutcome:
    """What one attacker came to.

    correct  (B,) whether the defended model is right about the clean image and about what the attacker hands in
    looks    how many it was right about after each step, in the attacker's eyes; nothing of a search or a transfer
    """

    attacker: str
    correct: tuple[bool, ...]
    looks: tuple[int, ...]
    forward_passes: int
    backward_passes: int
    seconds: float

    @property
    def row(self) -> Attacker:
        """What the table says of it."""
        return ATTACKERS[self.attacker]

    @property
    def accuracy(self) -> Interval:
        """What it leaves, with its 95% interval."""
        return _share(self.correct)


@dataclass(frozen=True, eq=False)
class DefenceOutcome:
    """One defence before one model.

    spec      the model without it
    standing  the model that predicts behind it
    clean     (B,) whether it is right about the clean images, by the vote of its draws
    known     of how many images the true label is known
    """

    spec: ModelSpec
    standing: ModelSpec
    device: str
    defence: str
    clean: tuple[bool, ...]
    known: int
    attackers: tuple[AttackerOutcome, ...]
    alarms: "tuple[Alarm, ...]" = field(repr=False)

    @property
    def row(self) -> Defence:
        """What the table says of the defence."""
        return DEFENCES[self.defence]

    @property
    def clean_accuracy(self) -> Interval:
        """Accuracy on the clean images."""
        return _share(self.clean)

    @property
    def naive(self) -> AttackerOutcome:
        """The attacker that knows nothing of the defence."""
        return self.attackers[0]

    @property
    def adaptive(self) -> tuple[AttackerOutcome, ...]:
        """Those that do."""
        return self.attackers[1:]

    @property
    def worst_case(self) -> Interval:
        """Accuracy over all attackers, an upper bound on robust accuracy still."""
        return _share(tuple(map(all, zip(*(one.correct for one in self.attackers), strict=True))))


@dataclass(frozen=True, eq=False)
class DefenceCheck(StudyResult):
    """A row for each model, defence and attacker, and for the clean images and the worst case."""

    parts: ClassVar[str] = "outcomes"

    outcomes: Mapping[str, tuple[DefenceOutcome, ...]]

    def sentences(self) -> tuple[str, ...]:
        """The alarms, with their sources."""
        return tuple(
            f"{name}, {one.row.title}: {alarm.sentence} [{alarm.source}]"
            for name, outcomes in self.outcomes.items()
            for one in outcomes
            for alarm in one.alarms
        )

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, defence and attacker; "clean" and "worst case" are no attackers."""
        import pandas

        asked = self.provenance.request
        return pandas.DataFrame(
            row for outcomes in self.outcomes.values() for one in outcomes for row in _rows(one, asked)
        )

    def figure(self) -> "Figure":
        """What each attacker leaves of each defence."""
        from robust_core.plots import results

        who = self.frame["model"] + ", " + self.frame["defence_title"] + ": " + self.frame["attack"]
        return results.bars(self.frame.assign(who=who), "who", "accuracy_percent", "accuracy, %")


def _rows(one: DefenceOutcome, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    row = one.row
    who: dict[str, Any] = {"model": one.spec.name, "network": one.standing.name}
    who |= {"defence": row.key, "defence_title": row.title, "honest": row.honest}
    fixed = {
        "n": len(one.clean),
        "n_labels_known": one.known,
        "alarms": "; ".join(alarm.key for alarm in one.alarms),
        "weights_sha256": one.standing.weights.sha256,
    }
    ball = f"{NORM_TITLES[asked['norm']]} {in_255ths(asked['eps'])}, seed {asked['seed']}; {judging(row)}"
    whole = {"clean": one.clean_accuracy, "worst case": one.worst_case}
    for attack, accuracy in whole.items():
        yield who | {"attack": attack, "adaptive": False} | percent("accuracy", accuracy) | fixed | {"protocol": ball}
    for tried in one.attackers:
        effort = f"{SQUARE_QUERIES} queries" if tried.row.loss is None else f"{asked['steps']} steps"
        cost = {"forward_passes": tried.forward_passes, "backward_passes": tried.backward_passes}
        about = {"attack": tried.row.title, "adaptive": tried.row.adaptive} | percent("accuracy", tried.accuracy)
        yield who | about | fixed | {"protocol": f"{tried.row.title}, {effort}, {ball}"} | cost


def judging(defence: Defence) -> str:
    """How the class that counts is found, in words."""
    return f"judged by the vote of {defence.draws} new draws" if defence.randomised else "judged by one pass"


def _share(correct: Sequence[bool]) -> Interval:
    interval = wilson(sum(correct), len(correct))
    assert interval is not None  # the request refuses to be without images
    return interval
