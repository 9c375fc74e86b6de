"""What Fel et al. 2023 claim of concepts, and whether a model's numbers agree: taking the most important ones away
first loses the class soonest.
"""

from typing import Literal

from robust_core.studies.concept_outcomes import GAIN, ModelConcepts

Says = Literal["agrees", "contradicts", "undecided"]
PAPER = "Fel et al. 2023"
SENTENCES: dict[Says, str] = {
    "agrees": "taken away by importance, concepts lose the class sooner than in random order, as {paper} found",
    "contradicts": "taken away by importance, concepts lose the class later than in random order, unlike {paper}",
    "undecided": "taken away by importance, concepts lose the class no sooner than in random order, as far as these "
    "images tell; {paper} found that they do",
}


def says(one: ModelConcepts) -> Says:
    """Whether the interval of the gain over random order lies above 0, below it, or on both sides."""
    gain = one.get(GAIN)
    if gain is not None and gain.low > 0:
        return "agrees"
    return "contradicts" if gain is not None and gain.high < 0 else "undecided"


def verdict(one: ModelConcepts) -> str:
    """The same in a sentence, with the number."""
    said, gain = SENTENCES[says(one)].format(paper=PAPER), one.get(GAIN)
    if gain is None:
        return f"{said[0].upper()}{said[1:]}."
    number = f"{gain.value:.1f} points [{gain.low:.1f}, {gain.high:.1f}]".replace("-", "−")
    return f"{said[0].upper()}{said[1:]}: {number}, n = {one.n}."
