"""The attackers that a defence is shown to, as a table: one that knows nothing of it, and those that do.

Facts, so that a page can list them without importing torch; `trial` runs them.
"""

from dataclasses import dataclass

from robust_core.attacks.threat import LossName
from robust_core.errors import UnknownName

EOT_DRAWS = 5
SQUARE_QUERIES = 100
LONG_REACH = 10.0  # what is rounded moves by long steps alone


@dataclass(frozen=True)
class Attacker:
    """One attacker.

    sentence  how it goes about it
    source    where it is from
    loss      what its PGD follows; None for a search without gradients
    adaptive  whether it knows of the defence
    known     whether it puts a gradient where the defence has none (BPDA)
    averaged  whether it follows the mean over EOT_DRAWS draws of a randomised defence
    transfer  whether it attacks the model without the defence, and hopes
    reach     how far all its steps go together, in radii of the ball
    """

    key: str
    title: str
    sentence: str
    source: str
    loss: LossName | None
    adaptive: bool = True
    known: bool = False
    averaged: bool = False
    transfer: bool = False
    reach: float = 2.5  # as Madry et al. 2018


_ROWS: tuple[Attacker, ...] = (
    Attacker(
        "naive",
        "PGD, cross-entropy",
        "Follows the cross-entropy through the defence as it is, zeros included.",
        "Madry et al. 2018",
        "cross-entropy",
        adaptive=False,
    ),
    Attacker(
        "margin",
        "PGD, margin loss",
        "Follows the difference of two logits, which does not vanish where the model is sure.",
        "Carlini & Wagner 2017, f6",
        "margin",
    ),
    Attacker(
        "bpda",
        "BPDA, margin loss",
        "Computes the defence forward, and puts a gradient in its place backward.",
        "Athalye et al. 2018, section 4.1",
        "margin",
        known=True,
        reach=LONG_REACH,
    ),
    Attacker(
        "eot",
        "EOT, margin loss",
        f"Follows the mean of {EOT_DRAWS} draws at every step.",
        "Athalye et al. 2018, section 4.2",
        "margin",
        known=True,
        averaged=True,
    ),
    Attacker(
        "transfer",
        "Transfer",
        "Attacks the model without the defence, with the margin loss.",
        "Carlini et al. 2019, section 4.5",
        "margin",
        transfer=True,
    ),
    Attacker(
        "square",
        "Square",
        f"Tries random squares, {SQUARE_QUERIES} queries for each image, and needs no gradient.",
        "Andriushchenko et al. 2020",
        None,
    ),
)

ATTACKERS: dict[str, Attacker] = {row.key: row for row in _ROWS}
NAIVE = ATTACKERS["naive"]


def get_attacker(key: str) -> Attacker:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in ATTACKERS:
        raise UnknownName("attacker", key, ATTACKERS)
    return ATTACKERS[key]
