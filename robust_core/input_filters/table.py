"""Filters that a network can be made to look through, as a table.

Facts, so that a page can list them without importing torch; what one does to pixels is a row of `filters`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from robust_core.checks import finite
from robust_core.cue_conflict.distortions import GEIRHOS_2018, LUMA, MEAN_GREY
from robust_core.errors import BadInput, UnknownName

MOST_STRENGTHS = 50
WOLFF_2026 = "Wolff et al. 2026, arXiv 2602.13859"


@dataclass(frozen=True)
class InputFilter:
    """One filter, with strengths from `lowest` to `highest`.

    parameter       what a strength is called, with its unit; lengths count pixels of the grid that the network is given
    form            a strength in words, as `str.format` takes it
    off             the strength at which the image stays as it is; None where there is no such strength
    strengths       those that are measured unless others are asked for, from the weakest on
    weakest_first   whether a larger strength changes the image more
    sentence        what it does to an image
    source          who proposed it
    """

    key: str
    title: str
    parameter: str
    form: str
    lowest: float
    highest: float
    off: float | None
    strengths: tuple[float, ...]
    weakest_first: bool
    sentence: str
    source: str

    def at(self, strength: float | None) -> str:
        """A strength in words: "σ 2 px", "factor 4"; "no filter" for None."""
        return "no filter" if strength is None else self.form.format(strength)

    @property
    def counts_pixels(self) -> bool:
        """Whether a strength is a length."""
        return self.form.endswith("px")

    def checked(self, strengths: Iterable[float]) -> tuple[float, ...]:
        """`strengths` from the weakest to the strongest, each once, without `off`, which is the network itself.

        Raises BadInput where none is left, there are too many, or one lies outside the bounds.
        """
        name = f"The {self.parameter} of {self.title.lower()}"
        found = {finite(name, one, self.lowest, self.highest) for one in strengths} - {self.off}
        if not 0 < len(found) <= MOST_STRENGTHS:
            raise BadInput(
                f"Expected from 1 to {MOST_STRENGTHS} strengths of {self.title.lower()} besides the network without a "
                f"filter; got {len(found)}."
            )
        return tuple(sorted(found, reverse=not self.weakest_first))


_ROWS: tuple[InputFilter, ...] = (
    InputFilter(
        key="blur",
        title="Blur",
        parameter="σ, px",
        form="σ {:g} px",
        lowest=0.0,
        highest=20.0,
        off=0.0,
        strengths=(0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0),
        weakest_first=True,
        sentence="A Gaussian blur with standard deviation σ: what is finer than a few σ is gone.",
        source=f"{GEIRHOS_2018}; before trained networks {WOLFF_2026}",
    ),
    InputFilter(
        key="high_pass",
        title="High-pass",
        parameter="σ, px",
        form="σ {:g} px",
        lowest=0.25,
        highest=20.0,
        off=None,
        strengths=(8.0, 4.0, 3.0, 2.0, 1.5, 1.0, 0.5),
        weakest_first=False,
        sentence=f"The image minus its own blur, plus a mean grey of {MEAN_GREY:g}: what is coarser than a few σ is "
        "gone. The smaller σ, the less is left.",
        source=GEIRHOS_2018,
    ),
    InputFilter(
        key="grey",
        title="Grey",
        parameter="fraction of colour removed",
        form="{:.0%} of colour removed",
        lowest=0.0,
        highest=1.0,
        off=0.0,
        strengths=(0.25, 0.5, 0.75, 1.0),
        weakest_first=True,
        sentence=f"Each pixel moves towards a grey of its own brightness (weights {', '.join(map(str, LUMA))}, "
        "ITU-R BT.601).",
        source=GEIRHOS_2018,
    ),
    InputFilter(
        key="low_resolution",
        title="Low resolution",
        parameter="factor",
        form="factor {:g}",
        lowest=1.0,
        highest=16.0,
        off=1.0,
        strengths=(1.5, 2.0, 3.0, 4.0, 6.0, 8.0),
        weakest_first=True,
        sentence="The image is shrunk by the factor and enlarged again, both bilinear, with antialiasing.",
        source=f"after the resizing inside generative classifiers, {WOLFF_2026}",
    ),
)

INPUT_FILTERS: dict[str, InputFilter] = {row.key: row for row in _ROWS}


def get_filter(key: str) -> InputFilter:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in INPUT_FILTERS:
        raise UnknownName("filter", key, INPUT_FILTERS)
    return INPUT_FILTERS[key]
