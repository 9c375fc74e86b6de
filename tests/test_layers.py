"""The arrows of the house: who may import whom, read from the source with `ast`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "robust_core").rglob("*.py"))]

# From the bottom to the top. A unit may import only from lower levels and from itself.
LEVELS = (
    {"allocator", "errors", "events", "intervals", "old_commands"},
    {"checks", "resampling"},
    {"settings"},
    {"csv_cells", "names", "files", "downloads"},
    {"labels", "results", "image_files"},
    {"images"},
    {"models", "jobs"},
    {
        *("attacks", "corruptions", "cue_conflict", "attributions", "confidence"),
        *("craft", "simplicity", "edits", "downstream"),
    },
    {"mini"},
    {"certificates", "defences", "input_filters", "mixing"},
    {"data", "plots"},
    {"report"},
    {"studies"},
    {"benchmark", "recordings"},
    {"door", "lesson"},
    {"cli"},
    {"ui"},
    {"pages"},
    {"app", "__main__", "samples"},  # `samples` is an old command alone
)


def unit(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "robust_core" else parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written absolutely"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def level(name: str) -> int:
    return next(index for index, names in enumerate(LEVELS) if name in names)


def own_units(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("robust_core.")} - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path):
    if unit(path) == "__init__":
        lazily = {
            "importlib.import_module",
            "typing.TYPE_CHECKING",
            *(name for name in imports(path) if name.startswith("robust_core.")),
        }
        assert imports(path) == lazily, "robust_core itself imports nothing before it is asked for"
        return
    for target in own_units(path) - {unit(path)}:
        assert level(target) < level(unit(path)), f"{unit(path)} may not import {target}"


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if unit(path) not in ("ui", "pages", "app")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_streamlit_stays_in_the_screens(path):
    assert not {name for name in imports(path) if name.split(".")[0] == "streamlit"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_pages_are_thin(path):
    assert len(path.read_text().splitlines()) <= 120


def test_every_unit_has_a_level():
    assert {unit(path) for path in FILES} - {"__init__"} <= set().union(*LEVELS)


def test_what_a_page_needs_at_once_costs_no_import_of_torch():
    """The first paint of a cold server must not wait for PyTorch."""
    code = (
        "import sys, robust_core.jobs, robust_core.studies.predictions, robust_core.data, "
        "robust_core.models.catalogue, robust_core.models.weights, "
        "robust_core.ui.pickers, robust_core.ui.jobs, robust_core.plots.charts, robust_core.ui.screen_images, "
        "robust_core.ui.colours, "
        "robust_core.ui.what_if.set_sections, robust_core.ui.story.cards, robust_core.ui.story.orhan_claims\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
