"""The settings of requests as code gives them to the functions of the door, without what is the default."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from robust_core import settings
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.precision import USUAL
from robust_core.attacks.threat import ThreatModel
from robust_core.corruptions.condition import Condition
from robust_core.data.stimulus_sets import StimulusSet, folder_set, stimulus_folders
from robust_core.door import threats as named_threats
from robust_core.door.attack import DEFAULTS, threats_of
from robust_core.door.attack_configs import configs_of
from robust_core.door.corruption import SETS, conditions_of
from robust_core.door.literals import Code, length, literal, only
from robust_core.edits.object_edit import KINDS, PHOTO_KINDS, UNEDITED, ObjectEdit
from robust_core.errors import BadInput
from robust_core.input_filters.table import INPUT_FILTERS, InputFilter

NAMED = ("ORHAN_2019", "MADRY_4", "FGSM_4")
EVERY_SEVERITY = [1, 2, 3, 4, 5]


@dataclass(frozen=True)
class AttackSettings:
    """What `rc.pgd` is given as eps, and its options; `lines` come before."""

    eps: Any
    options: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttacksSettings:
    """What `rc.compare_attacks` is given as attacks and eps, and its options; `lines` come before."""

    names: Any
    eps: Any
    options: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class StimuliSettings:
    """What `rc.shape_bias` is given as stimuli, and its options; `lines` come before."""

    given: str
    options: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


def attacks(configs: tuple[AttackConfig, ...], radii: tuple[float, ...]) -> AttacksSettings:
    """Attacks of one norm in the same balls by their names where that says all, else as AttackConfigs."""
    first, keys = configs[0], list(dict.fromkeys(config.attack for config in configs))
    minimal = any(config.row.minimal for config in configs)
    eps = tuple(dict.fromkeys(config.eps for config in configs if config.eps is not None)) or radii
    for steps in (None, first.steps):
        its = configs_of(keys, eps, first.norm, steps, first.seed, first.precision)
        if its == configs and radii == (eps if minimal else ()):
            said = {
                "norm": (first.norm, "linf"),
                "steps": (steps, None),
                "seed": (first.seed, 0),
                "precision": (first.precision, USUAL),
            }
            changed = {name: value for name, (value, usual) in said.items() if value != usual}
            return AttacksSettings(only(keys), only([length(one) for one in eps]), changed)
    written = [Code("AttackConfig" + repr(tuple(config.identity.values()))) for config in configs]
    at = only([length(one) for one in radii]) if radii else None
    return AttacksSettings(only(written), at, lines=("from robust_core.attacks.config import AttackConfig",))


def attack(threats: tuple[ThreatModel, ...], targets: int | tuple[int, ...] | None = None) -> AttackSettings:
    """Attacks towards `targets`: lengths with common options where that says all, else threat models."""
    chosen = {"targets": targets if targets is None or isinstance(targets, int) else list(targets)}
    if any(threat in map(_named, NAMED) for threat in threats):
        return _as_threat_models(threats, chosen)
    eps = only([length(threat.eps) for threat in threats])
    for options in _candidates(threats[0], chosen):
        if threats_of(eps, DEFAULTS | options) == threats:
            return AttackSettings(eps, {name: one for name, one in options.items() if one != DEFAULTS[name]})
    return _as_threat_models(threats, chosen)


def attack_of_the_table(attacks: Sequence[AttackConfig]) -> AttackSettings:
    """One attack of the table at one eps or several; nothing for none."""
    if not attacks:
        return AttackSettings(None)
    first = attacks[0]
    usual = {"attack": "pgd", "norm": "linf", "steps": first.row.steps, "seed": 0}
    options = {name: getattr(first, name) for name, one in usual.items() if getattr(first, name) != one}
    return AttackSettings(only([length(one.eps) for one in attacks if one.eps is not None]), options)


def _candidates(threat: ThreatModel, chosen: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The options that may say the whole attack, the shortest first."""
    targets = {"untargeted": None, "random": "random", "least_likely": "least_likely"}
    options = {
        "steps": threat.steps,
        "norm": threat.norm,
        "targets": chosen["targets"] if threat.aim == "chosen" else targets[threat.aim],
        "start": threat.start,
        "restarts": threat.restarts,
        "loss": threat.loss,
        "precision": threat.precision,
        "seed": threat.seed,
    }
    yield options
    fraction = round(threat.step_size / threat.eps, 6) if threat.eps else 0.0
    if fraction == round(fraction, 2) > 0:
        yield options | {"step_fraction": fraction}
    if isinstance(text := length(threat.step_size), str):
        yield options | {"step_size": text}
    if fraction:
        yield options | {"step_fraction": fraction}
    yield options | {"step_size": threat.step_size}


def _as_threat_models(threats: Sequence[ThreatModel], chosen: dict[str, Any]) -> AttackSettings:
    written = [_threat_model(threat) for threat in threats]
    lines = ("from dataclasses import replace",) if any(one.startswith("replace(") for one in written) else ()
    options = {name: value for name, value in chosen.items() if value is not None}
    return AttackSettings(only(written), options, lines)


def _threat_model(threat: ThreatModel) -> Code:
    """The named attack that it is nearest to, with what differs."""
    changes = {
        name: [one for one in fields(ThreatModel) if getattr(threat, one.name) != getattr(_named(name), one.name)]
        for name in NAMED
    }
    nearest = min(changes, key=lambda name: len(changes[name]))
    if not changes[nearest]:
        return Code(f"rc.threats.{nearest}")
    said = ", ".join(f"{one.name}={_field(threat, one.name)}" for one in changes[nearest])
    return Code(f"replace(rc.threats.{nearest}, {said})")


def _field(threat: ThreatModel, name: str) -> str:
    value = getattr(threat, name)
    if name in ("eps", "step_size") and isinstance(text := length(value), str):
        return " / ".join(text.split("/"))
    return literal(value)


def _named(name: str) -> ThreatModel:
    return getattr(named_threats, name)


def condition_of(condition: Condition) -> Code:
    """A condition as `rc.Condition` is called."""
    as_stored = ", as_stored=True" if condition.as_stored else ""
    return Code(f'rc.Condition("{condition.corruption}", {condition.severity}, seed={condition.seed}{as_stored})')


def edits_of(edits: Sequence[ObjectEdit], *, photos: bool = False) -> Any:
    """Edits as `rc.edit_objects` takes them: the kinds all of whose edits are there, those that are one edit along a
    kind, and the others one by one.
    """
    there = set(edits)
    kinds = [kind for kind in (PHOTO_KINDS if photos else KINDS).values() if there.issuperset(kind.edits)]
    written: list[Any] = [kind.key for kind in kinds]
    said = {edit for kind in kinds for edit in kind.edits} | {UNEDITED}
    for edit in edits:
        if edit in said:
            continue
        base, key = next(_bases(edit, there), (edit, ""))
        said |= {edit, *(base.along(key) if key else ())}
        written.append(Code(f'*{_edit(base)}.along("{key}")') if key else _edit(edit))
    return Code(written[0].removeprefix("*")) if len(written) == 1 and isinstance(written[0], Code) else only(written)


def _bases(edit: ObjectEdit, there: Container[ObjectEdit]) -> Iterator[tuple[ObjectEdit, str]]:
    """The edits, with a kind, along which all edits are there, this one among them."""
    for key in ("place", "size", "rotation", "hue"):  # backgrounds are others in each world
        base = replace(edit, **{name: getattr(UNEDITED, name) for name in KINDS[key].changes})
        along = base.along(key)
        if edit in along and all(one in there for one in along):
            yield base, key


def _edit(edit: ObjectEdit) -> Code:
    said = {one.name: getattr(edit, one.name) for one in fields(ObjectEdit)}
    changed = (f"{name}={literal(value)}" for name, value in said.items() if value != getattr(UNEDITED, name))
    return Code(f"rc.ObjectEdit({', '.join(changed)})")


def grid(conditions: Sequence[Condition]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Corruptions and severities as they are given, and the options; raises BadInput where they are not each corruption
    at each severity.
    """
    names = list(dict.fromkeys(one.corruption for one in conditions))
    severities = list(dict.fromkeys(one.severity for one in conditions))
    first = conditions[0]
    if conditions_of(names, severities, first.seed, first.as_stored) != tuple(conditions):
        raise BadInput("These conditions are not each corruption at each severity, which a grid is made of.")
    chosen: Any = next((key for key, of_set in SETS.items() if list(of_set) == names), only(names))
    given = (chosen, only(severities)) if severities != EVERY_SEVERITY else (chosen,)
    options = {"as_stored": first.as_stored, "seed": first.seed}
    return () if given == ("imagenet-c",) else given, {name: value for name, value in options.items() if value}


def stimuli(shown: StimulusSet) -> StimuliSettings:
    """A set of stimuli by its name, or as a folder of the reader's."""
    if shown.key[0] != "folder":
        return StimuliSettings("mini")
    _, folder, seed, _ = shown.key
    root = settings.data_dir()
    known = stimulus_folders(root) if root is not None and root.is_dir() else {}
    name = next((name for name, path in known.items() if str(path) == folder), None)
    options = {"seed": seed} if seed else {}
    if name is None:
        return StimuliSettings("path/to/your/stimuli", options, (f"# the stimuli in {shown.title}",))
    if folder_set(known[name], seed=seed).key != shown.key:
        options["as_orhan"] = True
    return StimuliSettings(name, options)


def seen_through(row: InputFilter, strengths: Sequence[float]) -> tuple[Any, ...]:
    """A filter with its strengths as `rc.glasses` is given them; nothing where both are what it begins with."""
    if tuple(strengths) != row.strengths:
        return row.key, only(list(strengths))
    return () if row.key == next(iter(INPUT_FILTERS)) else (row.key,)
