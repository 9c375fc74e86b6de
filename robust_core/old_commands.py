"""The commands of the first edition: `python -m robust_core.attacks` and its kin print what they are called now, and
exit with 2.

Where only argparse could tell which words are keys of models, they print the new command's --help.
"""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

KEYS = "--model"  # what stands before the keys of models now


@dataclass(frozen=True)
class OldCommand:
    """How `python -m robust_core.<package>` became `python -m robust_core <now>`.

    `keys_after` are the words behind which the keys of models stood bare, "" where they came first. `renamed` are
    options and values by their old names, and the numbers behind an option in `in_255ths` were 255ths and are pixel
    units now.
    """

    now: str
    keys_after: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    in_255ths: tuple[str, ...] = ()


OLD_COMMANDS = {
    "models": OldCommand("models", keys_after=("download", "verify", "remove", "check")),
    "samples": OldCommand("data"),
    "attacks": OldCommand(
        "attack",
        keys_after=("",),
        renamed={"--reading": "--scoring", "worst_so_far": "any_step_so_far"},
        in_255ths=("--eps",),
    ),
    "cue_conflict": OldCommand("shape-bias", keys_after=("",), renamed={"--stimuli": "--images"}),
    "attributions": OldCommand(
        "attribute", keys_after=("",), renamed={"--methods": "--method", "--trust": "--metrics"}
    ),
    "benchmark": OldCommand(
        "benchmark", renamed={"--limit": "--n", "--images": "--image-set", "--csv": "--out", "--packed": "--to"}
    ),
    "mini": OldCommand("mini", renamed={"--out": "--to", "--count": "--n", "fingerprint": "golden"}),
}


def print_new_name(package: str, arguments: Sequence[str]) -> int:
    """Print on stderr what `python -m robust_core.<package> <arguments>` is called now; returns the exit code, 2."""
    # torchrun takes --n for its own without the --
    start = "torchrun … -m -- robust_core" if "LOCAL_RANK" in os.environ else "robust-lab"
    print(f"This command has a new name: {start} {shlex.join(new_words(package, arguments))}", file=sys.stderr)
    return 2


def new_words(package: str, arguments: Sequence[str]) -> list[str]:
    """The words of the new command that does what `python -m robust_core.<package> <arguments>` did."""
    old, words, option = OLD_COMMANDS[package], [], ""
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name.startswith("--"):
            option = name
            words.append(
                old.renamed.get(name, name)
                + equals
                + (_pixel_units(value) if value and name in old.in_255ths else old.renamed.get(value, value))
            )
        else:
            words.append(_pixel_units(argument) if option in old.in_255ths else old.renamed.get(argument, argument))
    return [*old.now.split(), *_with_keys_named(words, old.keys_after)]


def _with_keys_named(words: list[str], keys_after: tuple[str, ...]) -> list[str]:
    """`words` with --model before the keys that stood bare at their beginning, or behind a subcommand."""
    place = 0 if "" in keys_after else 1 if words[:1] and words[0] in keys_after else None
    if place is None or len(words) <= place:
        return words
    # the keys stand behind an option, where only argparse could tell which words they are
    if words[place].startswith("-"):
        return [*words[:place], "--help"]
    return [*words[:place], KEYS, *words[place:]]


def _pixel_units(number: str) -> str:
    return number if "/" in number else f"{number}/255"
