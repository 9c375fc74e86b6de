"""What `import robust_core` shows is what there is, costs no torch, and is hidden by no module."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import robust_core as rc
from robust_core import _WHERE

FUNCTIONS = [name for name in rc.__all__ if inspect.isfunction(getattr(rc, name))]


def test_dir_and_all_are_exactly_what_there_is():
    assert dir(rc) == sorted([*rc.__all__, "__version__"])
    assert rc.__all__ == sorted(rc.__all__) == sorted(_WHERE)
    assert set(FUNCTIONS) == set(rc.__all__) - {
        "Condition",
        "ImageSet",
        "Model",
        "ObjectEdit",
        "Preprocess",
        "RobustError",
        "stream",
        "threats",
    }


def test_importing_costs_no_torch():
    code = (
        "import sys, robust_core as rc; dir(rc); sys.exit(bool({'torch', 'numpy', 'pandas', 'streamlit'} & "
        "set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_no_name_is_that_of_a_module_and_all_work_when_every_module_is_imported():
    modules = [
        row.name for row in pkgutil.walk_packages(rc.__path__, "robust_core.") if not row.name.endswith("__main__")
    ]
    assert not {f"robust_core.{name}" for name in rc.__all__} & set(modules)
    code = (
        f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\nimport robust_core as rc\n"
        f"assert all(callable(getattr(rc, name)) for name in {FUNCTIONS!r})\nassert len(rc.published('wsl')) > 100\n"
        "photos = rc.load_images('foolbox', 1)\nassert len(rc.corrupt(photos, 'fog', 1)) == 1\n"
        "assert len(rc.pgd('efficientnet_lite0', photos, 0, steps=1, progress=False).frame) == 2\n"
        "assert rc.shape_bias.__module__ == 'robust_core.door.cues'"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'pdg'"):
        rc.pdg  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'load'"):
        rc.stream.load  # noqa: B018


@pytest.mark.parametrize(
    "name", ["attribute", "compare_attacks", "corruption_grid", "pgd", "run_benchmark", "shape_bias"]
)
def test_every_study_takes_the_same_three_options_and_streams(name):
    parameters = inspect.signature(getattr(rc, name)).parameters
    assert {key: parameters[key].default for key in ("batch_size", "seed", "progress")} == {
        "batch_size": "auto",
        "seed": 0,
        "progress": True,
    }
    assert all(parameters[key].kind is inspect.Parameter.KEYWORD_ONLY for key in ("batch_size", "seed", "progress"))
    assert callable(getattr(rc.stream, name))
    assert getattr(rc, name).__name__ in importlib.import_module("robust_core.door.stream").__all__
