"""The options of the commands as data; the vocabulary are those that mean the same in every command that has them."""

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """One option, or a positional argument where `flag` has no dashes; `arguments` are argparse's, `help` is what it
    means everywhere.
    """

    flag: str
    help: str
    arguments: Mapping[str, Any]
    note: str = ""

    def but(self, note: str = "", **arguments: Any) -> "Option":
        """The same option as one command has it: with a default, say, or required, and a `note` in brackets behind its
        meaning.
        """
        return replace(self, note=note, arguments={**self.arguments, **arguments})

    def add_to(self, parser: ArgumentParser) -> None:
        """Let `parser` take it."""
        default = self.arguments.get("default")
        shown = default not in (None, [], "") and default is not False
        aside = "; ".join(filter(None, (self.note, "default: %(default)s" if shown else "")))
        parser.add_argument(self.flag, help=f"{self.help} ({aside})" if aside else self.help, **self.arguments)


def option(flag: str, help: str, **arguments: Any) -> Option:
    """An option with argparse's arguments; one that takes several words may be given several times."""
    several = {"action": "extend"} if arguments.get("nargs") in ("+", "*") and flag.startswith("--") else {}
    return Option(flag, help, several | arguments)


def switch(flag: str, help: str) -> Option:
    """An option without a value."""
    return option(flag, help, action="store_true")


MODEL = option("--model", "keys of models; `models list` shows all", nargs="+", metavar="KEY", required=True)
IMAGES = option("--images", "the folder of the images", type=Path, metavar="FOLDER")
N = option("--n", "how many images", type=int, metavar="N")
SEED = option("--seed", "seed of every random choice", type=int, metavar="SEED", default=0)
EPS = option(
    "--eps",
    "largest change of a pixel value, such as 4/255 or 0.016, where black is 0 and white 1",
    nargs="+",
    metavar="EPS",
)
CORRUPTION = option("--corruption", "the corruption under which images are seen", nargs="+", metavar="NAME")
SEVERITY = option("--severity", "how strong it is, from 1 to 5", nargs="+", type=int, metavar="N")
DEVICE = option("--device", "the device: cuda, mps or cpu", metavar="DEVICE")
OUT = option("--out", "write the numbers that are printed as a CSV table too", type=Path, metavar="FILE")
TO = option("--to", "the folder to write to", type=Path, metavar="DIR")

VOCABULARY = (MODEL, IMAGES, N, SEED, EPS, CORRUPTION, SEVERITY, DEVICE, OUT, TO)
