"""Which images are cue-conflict stimuli: the shape and the texture of each, told by its file name or by a table of
labels.

The published stimuli are 224 x 224 PNGs that no model may get resized or re-encoded: JPEG changes the decision on 5-9%
of them, and a detour through 112 px takes a shape bias from 0.24 to nearly 0.5 (measured on all 1,201 of them).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES

LABELS_FILE = "labels.csv"
LABEL_COLUMNS = ("file", "shape", "texture")
KEPT_BY_ORHAN = "bicycle6-bicycle3.png"
FAVOURS = (
    "Style transfer favours the network whose features it used: VGG-19 for the published stimuli (Geirhos et al. 2019)."
)

_CUES = re.compile(r"(([a-z]+)\d+)-(([a-z]+)\d+)\.png")


@dataclass(frozen=True)
class Stimulus:
    """An image with the shape of one category and the texture of another, None where nobody knows; `name` is for
    people.

    `exemplars` are which shape and which texture it was made of, such as "cat3" and "elephant1": stimuli that share one
    are not independent. None where they are not known, or where each stimulus has its own.
    """

    id: str
    name: str
    shape: str | None
    texture: str | None
    exemplars: tuple[str, str] | None = None

    @property
    def is_conflict(self) -> bool:
        """Whether the two cues speak for different categories."""
        return self.shape != self.texture


def cues_in(name: str) -> tuple[str, str] | None:
    """Shape and texture in a published file name such as "airplane1-bicycle2.png"; None for any other name."""
    match = _CUES.fullmatch(name)
    return (match[2], match[4]) if match and {match[2], match[4]} <= set(CATEGORIES) else None


def exemplars_in(name: str) -> tuple[str, str] | None:
    """The exemplars of shape and texture in a published file name: "airplane1" and "bicycle2" in
    "airplane1-bicycle2.png"; None for any other name.
    """
    match = _CUES.fullmatch(name)
    return (match[1], match[3]) if match and cues_in(name) else None


def cues_in_table(text: str) -> dict[str, tuple[str, str]]:
    """Shape and texture by file, from a CSV with the columns file, shape and texture.

    Raises BadInput for what is no CSV, when a column is missing or when a cue is none of the 16 categories.
    """
    rows = csv.DictReader(io.StringIO(text, newline=""))  # lines may end as on any system
    try:
        return _checked_cues(rows)
    except csv.Error as error:
        raise BadInput(f"The table of stimuli cannot be read as CSV: {error}.") from error


def _checked_cues(rows: csv.DictReader) -> dict[str, tuple[str, str]]:
    if not set(LABEL_COLUMNS) <= set(rows.fieldnames or ()):
        raise BadInput(
            f"A table of stimuli needs the columns {', '.join(LABEL_COLUMNS)}; got "
            f"{', '.join(rows.fieldnames or ()) or 'none'}."
        )
    cues = {row["file"]: (row["shape"], row["texture"]) for row in rows}
    strange = {cue for pair in cues.values() for cue in pair} - set(CATEGORIES)
    if strange:
        raise BadInput(
            f"Shapes and textures are among the 16 categories {', '.join(CATEGORIES)}; got "
            f"{', '.join(map(str, strange))}."
        )
    return cues


def counted(stimuli: Sequence[Stimulus], *, as_orhan: bool = False) -> tuple[Stimulus, ...]:
    """The stimuli that count: those whose cues are in conflict, 1,200 of the 1,280 published ones (Geirhos et al. 2019,
    section 2.4).

    `as_orhan` keeps the quirk of Orhan 2019: one image without a conflict was left in, which makes 1,201, and where
    the prediction is "bicycle" it counts twice, as shape and as texture (resnext-wsl, cueconflict_images and
    evaluate_shapebias.py).
    """
    return tuple(one for one in stimuli if one.is_conflict or (as_orhan and one.name == KEPT_BY_ORHAN))
