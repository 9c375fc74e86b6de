"""What a page waits for: PyTorch alone where it shows what is recorded, and nothing of torchvision, which takes as long
again, nor of Captum and SciPy, which what is computed needs.
"""

import subprocess
import sys
import tomllib

import pytest

from tests.pages.opening import ROOT

WITHOUT_THE_REST = """
import sys
import tomllib
from importlib.abc import MetaPathFinder
import torch

class Nothing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        assert name.partition(".")[0] not in ("torchvision", "timm", "captum", "scipy"), f"somebody imports {name}"

sys.meta_path.insert(0, Nothing())
from robust_core.ui.server import warmup
warmup.ready, warmup.start = lambda: True, lambda: None
from tests.pages.opening import PAGES, all_words, open_page

for page, expected in (line.split("=", 1) for line in sys.argv[2:]):
    app = open_page(PAGES[page], world=sys.argv[1])
    assert not app.exception, app.exception
    assert expected in all_words(app), (page, all_words(app))
"""


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
def test_what_is_recorded_comes_without_what_computes(world, own_cache):
    expected = {page: "CACHED" for page in ("pgd_steps", "attributions", "features", "what_if")} | {"benchmarks": "n ="}
    command = [sys.executable, "-c", WITHOUT_THE_REST, world, *map("=".join, expected.items())]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_the_libraries_load_before_the_import_and_leave_nothing_else():
    script = """
import sys
import tomllib
from robust_core.ui.server import warmup
warmup.load_libraries().join()
assert "torch" not in sys.modules and "streamlit" not in sys.modules
maps = open("/proc/self/maps").read()
assert "libtorch_python" in maps
import torch
assert torch.ones(2).sum() == 2
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_the_rest_waits_until_somebody_asks_for_a_model():
    script = """
import sys, time
from robust_core.ui.server import warmup
warmup.GRACE_SECONDS = 120
warmup.start()
while not warmup.ready():
    time.sleep(0.01)
assert "torchvision" not in sys.modules
warmup.all_ready()
warmup.wait()
assert "torchvision" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=100)


def test_streamlit_parses_no_script_into_a_tree_while_pytorch_is_imported():
    """Python 3.11 counts the depth of all trees that are parsed at once together: a first visitor saw a blank page."""
    shipped = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert shipped["runner"]["magicEnabled"] is False
