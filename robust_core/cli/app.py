"""`robust-lab app`: the dashboard, from a checkout or from an installed wheel."""

import runpy
import sys
from collections.abc import Sequence

from robust_core import settings


def run(options: Sequence[str]) -> int:
    """Serve the dashboard in this process until it is stopped; `options` are Streamlit's own, such as --server.port
    8080.

    Streamlit takes the configuration that lies beside the script, in `.streamlit/config.toml`, wherever it is started.
    """
    sys.argv = ["streamlit", "run", str(settings.ROOT / "app.py"), *options]
    runpy.run_module("streamlit", run_name="__main__")  # as `python -m streamlit`; it ends the process itself
    return 0
