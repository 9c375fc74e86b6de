"""How published models were trained, as far as a publication says so: the rows of cache/published/training, none of
them guessed from a name.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from robust_core.settings import SHIPPED_CACHE

FOLDER = SHIPPED_CACHE / "published" / "training"
MORE_DATA = "Trained on more data"
OTHER_ROBUST = "Other robustness training"
SELF_SUPERVISED = "Self-supervised"
GROUPS = (MORE_DATA, OTHER_ROBUST, SELF_SUPERVISED)  # beside the families of the model table


@dataclass(frozen=True)
class Training:
    """The `training` of a published model: a family of the model table or one of GROUPS; `stated` is the publication's
    own word for it, `source` the file that says so.
    """

    model: str
    training: str
    stated: str
    source: str


@cache
def published_training() -> Mapping[str, Training]:
    """Every published model whose training is stated, by the name that the published rows have for it."""
    found: dict[str, Training] = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(newline="") as file:
            found |= {row["model"]: Training(**row) for row in csv.DictReader(file)}
    return found
