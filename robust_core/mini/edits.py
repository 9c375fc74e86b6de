"""What can be done to the object of a scene, as a table; `object_edits` draws it. Facts, so that a page can list them
without importing torch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace

from robust_core.checks import is_finite
from robust_core.errors import BadInput, UnknownName

BACKGROUND_KINDS = ("flat", "gradient", "horizon", "clouds", "clutter", "pattern")
SMALLEST_ZOOM, LARGEST_ZOOM = 0.1, 4.0


@dataclass(frozen=True)
class ObjectEdit:
    """What becomes of the object: `zoom` times its size, `right_px` and `down_px` of the 64 px image from its place,
    turned clockwise by `rotation_degrees`, its colours turned about grey by `hue_degrees`; behind it a `background` of
    this kind, "" for the scene's own.

    Raises BadInput for a zoom outside 0.1 to 4 or a number that is not finite, UnknownName for a background.
    """

    zoom: float = 1.0
    right_px: float = 0.0
    down_px: float = 0.0
    rotation_degrees: float = 0.0
    hue_degrees: float = 0.0
    background: str = ""

    def __post_init__(self) -> None:
        for name in ("zoom", "right_px", "down_px", "rotation_degrees", "hue_degrees"):
            if not is_finite(getattr(self, name)):
                raise BadInput(f"{name} must be a number; got {getattr(self, name)!r}.")
        if not SMALLEST_ZOOM <= self.zoom <= LARGEST_ZOOM:
            raise BadInput(f"zoom must be from {SMALLEST_ZOOM:g} to {LARGEST_ZOOM:g}; got {self.zoom!r}.")
        if self.background and self.background not in BACKGROUND_KINDS:
            raise UnknownName("background", self.background, BACKGROUND_KINDS)

    def __str__(self) -> str:
        """In words, such as "size × 0.5, 8 px right"."""
        down = f"{abs(self.down_px):g} px {'down' if self.down_px > 0 else 'up'}" if self.down_px else ""
        right = f"{abs(self.right_px):g} px {'right' if self.right_px > 0 else 'left'}" if self.right_px else ""
        words = (
            f"size × {self.zoom:g}" if self.zoom != 1 else "",
            right,
            down,
            f"turned by {self.rotation_degrees:g}°" if self.rotation_degrees else "",
            f"hue + {self.hue_degrees:g}°" if self.hue_degrees else "",
            f"background: {self.background}" if self.background else "",
        )
        return ", ".join(filter(None, words)) or "not edited"


UNEDITED = ObjectEdit()


@dataclass(frozen=True)
class EditKind:
    """One kind of edit: the fields of `ObjectEdit` that it changes, in `unit`, and the edits that a study tries."""

    key: str
    title: str
    unit: str
    changes: tuple[str, ...]
    edits: tuple[ObjectEdit, ...]

    def is_of(self, edit: ObjectEdit) -> bool:
        """Whether an edit changes nothing else; one that changes nothing is of every kind."""
        others = {field.name for field in fields(ObjectEdit)} - set(self.changes)
        return all(getattr(edit, name) == getattr(UNEDITED, name) for name in others)


def _along(field: str, values: Sequence[float | str]) -> tuple[ObjectEdit, ...]:
    return tuple(replace(UNEDITED, **{field: value}) for value in values)  # type: ignore[arg-type]  # of that field's type


PLACES_PX = (-24, -16, -8, 0, 8, 16, 24)
KINDS = {
    row.key: row
    for row in (
        EditKind("size", "Size", "times its own", ("zoom",), _along("zoom", (0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4))),
        EditKind(
            "rotation",
            "Rotation",
            "degrees clockwise",
            ("rotation_degrees",),
            _along("rotation_degrees", tuple(range(-150, 181, 30))),
        ),
        EditKind("hue", "Hue", "degrees", ("hue_degrees",), _along("hue_degrees", tuple(range(0, 360, 45)))),
        EditKind("background", "Background", "kind", ("background",), _along("background", ("", *BACKGROUND_KINDS))),
        EditKind(
            "place",
            "Place",
            "px from its own",
            ("right_px", "down_px"),
            tuple(ObjectEdit(right_px=right, down_px=down) for down in PLACES_PX for right in PLACES_PX),
        ),
    )
}


def get_kind(key: str) -> EditKind:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in KINDS:
        raise UnknownName("kind of edit", key, KINDS)
    return KINDS[key]


def in_order(edits: Iterable[ObjectEdit]) -> tuple[ObjectEdit, ...]:
    """Each edit once: none first, then those of the table in its order, then the others."""
    of_table = dict.fromkeys(edit for kind in KINDS.values() for edit in kind.edits)
    asked = {UNEDITED, *edits}
    others = sorted((edit for edit in asked if edit not in of_table), key=astuple)
    return (UNEDITED, *(edit for edit in of_table if edit in asked and edit != UNEDITED), *others)
