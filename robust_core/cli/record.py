"""The command that makes the recorded runs anew."""

from argparse import Namespace
from datetime import date

from robust_core.cli.progress import follow
from robust_core.names import find
from robust_core.recordings import store
from robust_core.recordings.shipped import SHIPPED


def run(options: Namespace) -> None:
    """Run the recorded requests that are asked for, and print the file of each, its size and how long it took."""
    rows = {row.key: row for row in SHIPPED}
    asked = [find("recorded run", key, {one: one for one in rows}) for key in options.recording or rows]
    for row in (rows[key] for key in asked):
        for request in row.requests():
            name = f"{row.key} {' and '.join(spec.key for spec in request.models)}"
            result = follow(name, row.run(request))
            path = store.write(request, result, date.today().isoformat())
            print(f"{name}: {path.name}, {path.stat().st_size / 1e6:.1f} MB", flush=True)
