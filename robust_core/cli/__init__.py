"""The command `robust-lab`."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (None: the process's own arguments) and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["app"]:
        from robust_core.cli.app import run

        return run(words[1:])
    print("usage: robust-lab app [--server.port PORT] …", file=sys.stderr)
    return 2
