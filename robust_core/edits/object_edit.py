"""What can be done to the object of an image, as a table: `mini.object_edits` draws it in scenes, `edits.cutout` pastes
it in photos. Facts, so that a page can list them without importing torch or OpenCV.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace

from robust_core.checks import is_finite
from robust_core.errors import BadInput, UnknownName

SCENE_BACKGROUNDS = ("flat", "gradient", "horizon", "clouds", "clutter", "pattern")
PHOTO_BACKGROUNDS = ("grey", "mean colour", "blurred", "checks", "stripes", "noise")
SMALLEST_ZOOM, LARGEST_ZOOM = 0.1, 4.0


@dataclass(frozen=True)
class ObjectEdit:
    """What becomes of the object: `zoom` times its size, `right_percent` and `down_percent` of the image's shorter side
    from its place, turned clockwise by `rotation_degrees`, its colours turned about grey by `hue_degrees`; behind it a
    `background` of this kind, "" for the image's own.

    Backgrounds are those of Mini's scenes or those of photos. Raises BadInput for a zoom outside 0.1 to 4 or a number
    that is not finite, UnknownName for a background.
    """

    zoom: float = 1.0
    right_percent: float = 0.0
    down_percent: float = 0.0
    rotation_degrees: float = 0.0
    hue_degrees: float = 0.0
    background: str = ""

    def __post_init__(self) -> None:
        for name in ("zoom", "right_percent", "down_percent", "rotation_degrees", "hue_degrees"):
            if not is_finite(getattr(self, name)):
                raise BadInput(f"{name} must be a number; got {getattr(self, name)!r}.")
        if not SMALLEST_ZOOM <= self.zoom <= LARGEST_ZOOM:
            raise BadInput(f"zoom must be from {SMALLEST_ZOOM:g} to {LARGEST_ZOOM:g}; got {self.zoom!r}.")
        if self.background and self.background not in SCENE_BACKGROUNDS + PHOTO_BACKGROUNDS:
            raise UnknownName("background", self.background, SCENE_BACKGROUNDS + PHOTO_BACKGROUNDS)

    def __str__(self) -> str:
        """In words, such as "size × 0.5, 12.5% right"."""
        down = f"{abs(self.down_percent):g}% {'down' if self.down_percent > 0 else 'up'}" if self.down_percent else ""
        aside = "right" if self.right_percent > 0 else "left"
        words = (
            f"size × {self.zoom:g}" if self.zoom != 1 else "",
            f"{abs(self.right_percent):g}% {aside}" if self.right_percent else "",
            down,
            f"turned by {self.rotation_degrees:g}°" if self.rotation_degrees else "",
            f"hue + {self.hue_degrees:g}°" if self.hue_degrees else "",
            f"background: {self.background}" if self.background else "",
        )
        return ", ".join(filter(None, words)) or "not edited"

    @property
    def stays(self) -> bool:
        """Whether the object keeps its size, place and rotation."""
        return (self.zoom, self.right_percent, self.down_percent, self.rotation_degrees) == (1, 0, 0, 0)

    def along(self, key: str) -> tuple["ObjectEdit", ...]:
        """This edit at every value of a kind, such as at each of the 49 places of "place"; raises UnknownName.

        >>> len(ObjectEdit(zoom=0.5).along("place"))
        49
        """
        kind = get_kind(key)
        return tuple(replace(self, **{name: getattr(one, name) for name in kind.changes}) for one in kind.edits)


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


PLACES_PERCENT = (-37.5, -25.0, -12.5, 0.0, 12.5, 25.0, 37.5)
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
        EditKind("background", "Background", "kind", ("background",), _along("background", ("", *SCENE_BACKGROUNDS))),
        EditKind(
            "place",
            "Place",
            "% of the image's shorter side from its own",
            ("right_percent", "down_percent"),
            tuple(ObjectEdit(1.0, right, down) for down in PLACES_PERCENT for right in PLACES_PERCENT),
        ),
    )
}
# The same of photos, whose backgrounds are others.
PHOTO_KINDS = KINDS | {"background": replace(KINDS["background"], edits=_along("background", ("", *PHOTO_BACKGROUNDS)))}


def get_kind(key: str, *, photos: bool = False) -> EditKind:
    """The row called `key`, of scenes or of `photos`; raises UnknownName where there is none."""
    if key not in KINDS:
        raise UnknownName("kind of edit", key, KINDS)
    return (PHOTO_KINDS if photos else KINDS)[key]


def in_order(edits: Iterable[ObjectEdit]) -> tuple[ObjectEdit, ...]:
    """Each edit once: none first, then those of the tables in their order, then the others."""
    of_table = dict.fromkeys(edit for table in (KINDS, PHOTO_KINDS) for kind in table.values() for edit in kind.edits)
    asked = {UNEDITED, *edits}
    others = sorted((edit for edit in asked if edit not in of_table), key=astuple)
    return (UNEDITED, *(edit for edit in of_table if edit in asked and edit != UNEDITED), *others)
