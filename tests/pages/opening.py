"""Pages opened without a browser (AppTest), and how their tests wait for them, read them and press their buttons."""

import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from robust_core.ui.image_strip import CURRENT
from robust_core.ui.server.thumbnails import UPLOAD
from robust_core.ui.story import cards, hero

ROOT = Path(__file__).resolve().parents[2]
SHELL = ROOT / "robust_core" / "ui" / "shell.py"
PAGES = {path.stem: path for path in sorted((ROOT / "pages").rglob("*.py"))}
SHORT = {  # what makes the run of a page short
    "break_a_defence": {"imagenet_defence_n": "1", "defence_steps": "2"},
    "compare_attacks": {"attacks_linf": "FGSM"},
    "pgd_steps": {"n": "2", "steps": "3"},
    "mixing_desk": {"imagenet_mix_n": "1", "mix_steps_imagenet": "5", "mix_corruption": "None"},
    "smallest_change": {"change_steps": "10"},
    "benchmarks": {"view": "Run"},
    "shape_or_texture": {"tab": "One", "stimulus": "Any image"},
}
WAIT_SECONDS = 60


def open_page(path: Path = PAGES["what_if"], **parameters: str | list[str]) -> AppTest:
    """The page as a new session sees it that follows a link with these `parameters`."""
    app = AppTest.from_file(str(SHELL), default_timeout=WAIT_SECONDS)
    for name, value in parameters.items():
        app.query_params[name] = value
    with patch.object(hero, "show"), patch.object(cards, "show"):  # every AppTest begins on the home page
        app.run()
    return app.switch_page(str(path)).run()


def models_page() -> AppTest:
    """The Models page in the world that the tiny models of `ready` and `downloadable` belong to."""
    return open_page(PAGES["models"], world="ImageNet")


def run_until(app: AppTest, holds: Callable[[AppTest], object]) -> AppTest:
    """Rerun, as the page's own timer would, until `holds(app)`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds(app):
        assert time.monotonic() < deadline, app
        app.run()
    return app


def look_at(app: AppTest, name: str) -> AppTest:
    """Pick the upload called so from the strip, as its own click does."""
    digest = next(digest for digest, called in app.session_state["uploads"].digests().items() if called == name)
    app.session_state[CURRENT] = UPLOAD + digest
    return app.run()


def all_words(app: AppTest) -> str:
    """Every sentence of the page, one element a line; no labels of controls and no tables."""
    return "\n".join(
        str(element.value)
        for kind in (app.markdown, app.caption, app.info, app.error, app.warning, app.success)
        for element in kind
    )


def state_of(app: AppTest) -> str:
    """What the Models page says about its first model."""
    return app.dataframe[0].value["State"].iloc[0]


def button(app: AppTest, label: str) -> Button:
    """The first button whose label begins so."""
    return next(button for button in app.button if button.label.startswith(label))
