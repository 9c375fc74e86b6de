"""Plotly's own script as far as our charts need it: its cartesian bundle, a third of the whole, which a browser has to
run before it draws the first one.
"""

import gzip
from pathlib import Path

VERSION = "4.1.1"
SOURCE = f"npm package plotly.js-cartesian-dist-min {VERSION}, plotly-cartesian.min.js"
SHA256 = "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"  # of the file there
# Chromium compiles the script as a whole while it comes, and not piece by piece while nothing else can run.
HINT = b"//# allFunctionsCalledOnLoad\n"
TRACE_TYPES = frozenset({"scatter", "bar", "heatmap"})  # of those that it draws, the ones that we use

_FILE = Path(__file__).with_name("plotly-cartesian.min.js.gz")  # HINT and the file; its licence, MIT, lies beside it


def compressed() -> bytes:
    """The script, by gzip."""
    return _FILE.read_bytes()


def script() -> bytes:
    """The script as it is."""
    return gzip.decompress(compressed())
