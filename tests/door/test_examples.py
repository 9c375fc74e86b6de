"""Every example runs as it is printed: those in the docstrings of the door, and those in the package's README."""

import doctest
import inspect
import re
from pathlib import Path

import pytest
from PIL import Image

import robust_core as rc
from robust_core.data.foolbox import Foolbox

README = Path(rc.__file__).parent / "README.md"
FUNCTIONS = [name for name in rc.__all__ if inspect.isfunction(getattr(rc, name))]
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, but for `photos`, with four labelled images by WordNet id."""
    from robust_core.labels import CLASSES

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
    for path, label in list(Foolbox().by_id().values())[:4]:
        folder = tmp_path / "photos" / CLASSES[label].wnid
        folder.mkdir(parents=True, exist_ok=True)
        Image.open(path).save(folder / path.name)
    return tmp_path


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_runs(name, here):
    examples = doctest.DocTestFinder(recurse=False).find(getattr(rc, name), name)
    assert sum(len(one.examples) for one in examples) >= 2
    runner = doctest.DocTestRunner()
    for one in examples:
        runner.run(one)
    assert runner.summarize(verbose=False).failed == 0


def test_the_readme_has_its_examples():
    assert len(BLOCKS) == 16


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0].removeprefix("# ") for block in BLOCKS])
def test_an_example_of_the_readme_runs(block, here, capsys):
    exec(compile(block, str(README), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out
