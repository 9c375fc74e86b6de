"""The commands: `python -m robust_core`, which an installed package also calls `robust-lab`.

commands.py     the table of all commands, options.py: the options that mean the same in all of them
running.py      how a command ends; progress.py: how long work looks; tables.py: what --out writes
models.py, data.py, attack.py (attack_comparison.py, attack_images.py), mix.py, shape_bias.py, glasses.py,
edit_objects.py, attribute.py (peak_memory.py), concepts.py, confidence.py, simplicity.py, downstream.py, lesson.py,
benchmark.py, benchmark_plan.py, record.py,
reopen.py, mini.py, app.py    what they do
"""

import argparse
import sys
from collections.abc import Sequence

from robust_core.allocator import keep_freed_memory
from robust_core.cli.commands import COMMANDS, GROUPS, Command
from robust_core.cli.running import check_options, on_device, run_command

PROGRAM = "python -m robust_core"
DESCRIPTION = "How robust are image classifiers? In a terminal what the dashboard does, and whole benchmarks."
EPILOG = "Once the package is installed, `robust-lab` is short for `python -m robust_core`."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (None: the process's own arguments) and return its exit code.

    0 it did what it says, 1 something went wrong and a sentence says what, 2 it was called wrongly, 130 Ctrl-C, 141
    nothing reads its output.
    """
    if arguments is None:
        keep_freed_memory()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["app"] and not {"-h", "--help"} & {*words}:  # what stands behind it is Streamlit's
        from robust_core.cli.app import run

        return run(words[1:])
    return run_command(lambda: _run(parser().parse_args(words)))


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; building it imports none of them."""
    top = argparse.ArgumentParser(prog=PROGRAM, description=DESCRIPTION, epilog=EPILOG)
    below = {"": top.add_subparsers(required=True, metavar="COMMAND")}
    for command in COMMANDS:
        group, _, name = command.words.rpartition(" ")
        if group not in below:
            title = GROUPS[group]
            below[group] = (
                below[""]
                .add_parser(group, help=title, description=_sentence(title))
                .add_subparsers(required=True, metavar="COMMAND")
            )
        one = below[group].add_parser(name, help=command.help, description=_sentence(command.help), epilog=command.more)
        for option in command.options:
            option.add_to(one)
        one.set_defaults(command=command)
    return top


def _run(options: argparse.Namespace) -> int:
    command: Command = options.command

    def work() -> int | None:
        check_options(options)
        with on_device(getattr(options, "device", None)):
            return command.load()(options)

    return run_command(work, stopped=command.stopped)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
