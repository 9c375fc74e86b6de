"""Benchmarks from a shell: write the page of sources."""

import argparse
import sys
from collections.abc import Sequence

from robust_core.benchmark import sources


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (None: the process's own arguments) and return its exit code, 0."""
    options = _parser().parse_args(arguments)
    options.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m robust_core.benchmark", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("sources", help="write SOURCES.md beside the published tables")
    command.set_defaults(run=_write_sources)
    return parser


def _write_sources() -> None:
    sources.PAGE.write_text(sources.page(), encoding="utf-8")
    print(f"Wrote {sources.PAGE}.")


if __name__ == "__main__":
    sys.exit(main())
