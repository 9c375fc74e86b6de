"""A request as JSON holds it. Who reads it back, and which classes may come out, is the business of `recordings`."""

from collections.abc import Callable, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any

from robust_core.attacks.scoring import ScoringRule
from robust_core.cue_conflict.decisions import DecisionRule
from robust_core.data.image_set import ImageSet
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.images import LabelledImage
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.report.images import image_record, set_record, stimuli_record
from robust_core.report.room import Room

KEYED: dict[str, type] = {  # what is known by its key wherever this program runs
    "model": ModelSpec,
    "label_space": LabelSpace,
    "scoring_rule": ScoringRule,
    "decision_rule": DecisionRule,
}


def to_plain(value: Any, special: Callable[[Any], Any] = lambda value: None) -> Any:
    """`value` as JSON; `special` gives the form of what it knows, and None otherwise. Raises TypeError for a value of a
    kind that has no plain form.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if (found := special(value)) is not None:
        return found
    for name, kind in KEYED.items():
        if isinstance(value, kind):
            return {name: value.key}  # type: ignore[attr-defined]  # each has one
    if is_dataclass(value):
        parts = {
            one.name: to_plain(getattr(value, one.name), special)
            for one in fields(value)
            if one.init and _is_recorded(one, getattr(value, one.name))
        }
        return {"class": type(value).__name__, "fields": parts}
    if isinstance(value, Mapping):
        return {"mapping": [[to_plain(key, special), to_plain(one, special)] for key, one in value.items()]}
    if isinstance(value, tuple | list):
        each = [to_plain(one, special) for one in value]
        return each if isinstance(value, tuple) else {"list": each}
    raise TypeError(f"{type(value).__name__} has no plain form")


def _is_recorded(one: Field, value: Any) -> bool:
    """Whether a field is written; one that came later is not where it says what was so before it came."""
    by_default = one.metadata.get("recorded_by_default", True) or value != one.default
    return one.metadata.get("recorded", True) and by_default


def request_to_plain(request: Any, room: Room) -> Any:
    """A request with its images, whose pixels are held as far as there is `room`."""

    def special(value: Any) -> Any:
        if isinstance(value, ImageSet):
            return {"image_set": set_record(value, room)}
        if isinstance(value, StimulusSet):
            return {"stimuli": stimuli_record(value)}
        return {"image": image_record(value, room)} if isinstance(value, LabelledImage) else None

    return to_plain(request, special)
