"""Where the object of a photo is: a box around it, and tables of boxes."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from robust_core.checks import is_finite
from robust_core.errors import BadInput

COLUMNS = ("file", "x0", "y0", "x1", "y1")
SMALLEST_SHARE = 0.01  # of the image: what is smaller is not what a classifier looks at
SMALLEST_SIDE_PX = 8
MOST_FAULTS = 3  # of a table that one sentence names


@dataclass(frozen=True)
class Box:
    """A box around an object, in pixels of its image: from (x0, y0), the upper left corner, to (x1, y1), which lies
    just outside. Raises BadInput for what is no box.
    """

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        for name in ("x0", "y0", "x1", "y1"):
            value = getattr(self, name)
            if not is_finite(value):
                raise BadInput(f"A box takes four numbers of pixels x0, y0, x1, y1; got {value!r} for {name}.")
            object.__setattr__(self, name, round(value))
        if self.x0 >= self.x1 or self.y0 >= self.y1:
            raise BadInput(f"A box goes from its upper left to its lower right corner; got {self}.")

    def __str__(self) -> str:
        return f"{self.x0}, {self.y0}, {self.x1}, {self.y1}"

    @classmethod
    def of(cls, given: Any) -> "Box":
        """A box, or four numbers as one; raises BadInput for anything else."""
        if isinstance(given, cls):
            return given
        try:
            numbers = [float(one) for one in given]
        except (TypeError, ValueError):
            numbers = []
        if len(numbers) != 4:
            raise BadInput(f"Expected a box as four numbers of pixels (x0, y0, x1, y1); got {given!r}.")
        return cls(*numbers)  # type: ignore[arg-type]  # rounded above

    @classmethod
    def of_percent(cls, corners: tuple[float, float, float, float], width_px: int, height_px: int) -> "Box":
        """The box whose left, upper, right and lower edge lie so many percent into an image."""
        sides = (width_px, height_px, width_px, height_px)
        return cls(*(round(side * one / 100) for side, one in zip(sides, corners, strict=True)))

    def percent_of(self, width_px: int, height_px: int) -> tuple[float, ...]:
        """Its edges in percent of an image's width and height, to a tenth."""
        sides = (width_px, height_px, width_px, height_px)
        edges = (self.x0, self.y0, self.x1, self.y1)
        return tuple(round(100 * edge / side, 1) for edge, side in zip(edges, sides, strict=True))

    def check_in(self, width_px: int, height_px: int) -> None:
        """Raise BadInput unless it lies in an image of that size, is large enough to hold an object, and leaves some of
        the image outside, from which GrabCut learns what the background is.
        """
        if min(self.x0, self.y0) < 0 or self.x1 > width_px or self.y1 > height_px:
            raise BadInput(f"The box {self} does not lie in the image, which is {width_px} × {height_px} px.")
        across, down = self.x1 - self.x0, self.y1 - self.y0
        if min(across, down) < SMALLEST_SIDE_PX or across * down < SMALLEST_SHARE * width_px * height_px:
            raise BadInput(
                f"The box is {across} × {down} px; expected at least {SMALLEST_SIDE_PX} px a side and "
                f"{SMALLEST_SHARE:.0%} of the image."
            )
        if across * down > 0.98 * width_px * height_px:
            raise BadInput("The box covers the whole image; leave some of the background outside it.")


def read_table(text: str, name: str = "The table of boxes") -> dict[str, Box]:
    """The boxes by file of a CSV table with the columns file, x0, y0, x1, y1; raises BadInput that names its lines."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")), skipinitialspace=True)
    try:
        missing = [one for one in COLUMNS if one not in (reader.fieldnames or ())]
        if missing:
            raise BadInput(f"{name} needs the columns {', '.join(COLUMNS)}; it has no {', '.join(missing)}.")
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise BadInput(f"{name} is no CSV table: {error}.") from error
    boxes: dict[str, Box] = {}
    faults = []
    for line, row in rows:
        file = (row["file"] or "").strip()
        try:
            box = Box.of([(row[one] or "").strip() or None for one in COLUMNS[1:]])
        except BadInput as error:
            faults.append(f"line {line}: {error}")
            continue
        if not file or file in boxes:
            faults.append(f"line {line}: {f'{file} has a box already' if file else 'no file is named'}.")
        boxes[file] = box
    if faults:
        more = f" {len(faults) - MOST_FAULTS} more lines cannot be read." if len(faults) > MOST_FAULTS else ""
        raise BadInput(f"{name}, {' '.join(faults[:MOST_FAULTS])}{more}")
    if not boxes:
        raise BadInput(f"{name} has no line below its columns.")
    return boxes
