"""Plotly's own script as far as our charts need it: its cartesian bundle, a third of the whole, which a browser has to
run before it draws the first one. From the npm package plotly.js-cartesian-dist-min, of the version below.
"""

import gzip
from pathlib import Path

VERSION = "4.1.1"
SHA256 = "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"  # of its plotly-cartesian.min.js
# Chromium compiles the script as a whole while it comes, and not piece by piece while nothing else can run.
HINT = b"//# allFunctionsCalledOnLoad\n"

_FILE = Path(__file__).with_name("plotly-cartesian.min.js.gz")  # HINT and the file; its licence, MIT, lies beside it


def compressed() -> bytes:
    """The script, by gzip."""
    return _FILE.read_bytes()


def script() -> bytes:
    """The script as it is."""
    return gzip.decompress(compressed())
