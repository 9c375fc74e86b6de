"""What the two READMEs name is there: files, commands, environment variables, pages."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from robust_core.cli import parser

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "robust_core" / "README.md")
# Packages whose files are rows of a table named elsewhere, or that only say where to begin.
WITHOUT_ORDER = ("robust_core", "corruptions", "models", "components", "ui")
TEXTS = {path: path.read_text() for path in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page):
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXTS[page]) if "://" not in link]
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_is_there():
    calls = re.findall(
        r"^(?:python|torchrun .*) -m (?:-- )?robust_core (.*?)(?: *#.*)?$", TEXTS[PAGES[0]], re.MULTILINE
    )
    assert len(calls) > 14
    for call in calls:
        options = parser().parse_args(shlex.split(call))
        assert call.startswith(options.command.words)


def test_the_map_names_files_that_exist():
    named = re.findall(
        r"`((?:ui|models|corruptions|attacks|attributions|benchmark|data|studies|cli|image_files)/[\w/]+\.py)`",
        TEXTS[PAGES[1]],
    )
    assert len(named) > 10
    assert [name for name in named if not (ROOT / "robust_core" / name).is_file()] == []


@pytest.mark.parametrize("package", sorted((ROOT / "robust_core").rglob("__init__.py")), ids=lambda p: p.parent.name)
def test_the_reading_order_of_a_package_names_its_files(package):
    """What an `__init__.py` names lies beside it, and all that lies beside it is named."""
    words = ast.get_docstring(ast.parse(package.read_text())) or ""
    named = set(re.findall(r"[\w/]+\.py", words))
    elsewhere = {
        name
        for name in named
        if not any((where / name).exists() for where in (package.parent, ROOT / "robust_core", ROOT))
    }
    assert elsewhere == set()
    there = {path.name for path in package.parent.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert package.parent.name in WITHOUT_ORDER or there - {Path(name).name for name in named} == set()


def test_contributing_names_paths_that_exist():
    table = (ROOT / ".github" / "CONTRIBUTING.md").read_text().partition("## Where things are")[2]
    paths = [path for path in re.findall(r"`([\w./]+)`", table) if "/" in path]
    assert len(paths) >= 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_setting_of_the_environment_is_explained():
    code = "\n".join(path.read_text() for path in (ROOT / "robust_core").rglob("*.py"))
    settings = set(re.findall(r"ROBUST_LAB_[A-Z_]+", code))
    assert settings
    assert {name for name in settings if name not in TEXTS[PAGES[0]]} == set()


def test_every_page_is_in_the_table():
    table = TEXTS[PAGES[0]]
    titles = re.findall(r'Entry\("\w+", "\w+", "([^"]+)"', (ROOT / "robust_core" / "ui" / "menu.py").read_text())
    assert titles
    assert [title for title in titles if f"| **{title}** |" not in table] == []
