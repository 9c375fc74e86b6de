"""`robust-lab app`: the dashboard, from a checkout or from an installed wheel."""

import sys
from collections.abc import Sequence

from robust_core import settings


def run(options: Sequence[str]) -> int:
    """Serve the dashboard in this process until it is stopped; `options` are Streamlit's own, such as --server.port 8080.

    Streamlit takes the configuration that lies beside the script, in `.streamlit/config.toml`, wherever it is started.
    """
    from streamlit.web import cli as streamlit

    sys.argv = ["streamlit", "run", str(settings.ROOT / "app.py"), *options]
    return streamlit.main(standalone_mode=False) or 0
