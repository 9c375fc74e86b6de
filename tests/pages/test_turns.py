"""While a script has the turn that all scripts share, it reads no disk and neither decodes nor encodes, but for what
stands here.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.pages.opening import ROOT

ONCE = "a few kB, once in a process"
NAMES = "the names in one folder"
EXCEPTIONS = {
    "robust_core/ui/shell.py: show_page": "the icon of the tab, 4 kB",
    "robust_core/models/device.py: memory": "the kernel's own count, which is no file on a disk",
    "robust_core/models/weights.py: _names_in": NAMES,
    "robust_core/results.py: _published_files": NAMES,
    "robust_core/benchmark/training.py: published_training": NAMES,
    "robust_core/files.py: _record_in": "the record of checked weights, 1 kB",
    "robust_core/results.py: _opened": "29 kB, once in a process",
    "robust_core/ui/components/live_chart.py: _component": ONCE,
    "robust_core/ui/components/weight_upload.py: _component": ONCE,
    "robust_core/ui/components/image_strip.py: _component": ONCE,
    "robust_core/ui/components/job_watcher.py: _component": ONCE,
    "robust_core/ui/components/frame_player.py: _component": ONCE,
    "robust_core/ui/components/stage.py: _component": ONCE,
    "robust_core/ui/components/stage.py: <genexpr>": ONCE,
    "robust_core/ui/components/hero.py: _component": ONCE,
    "robust_core/ui/components/hero.py: <genexpr>": ONCE,
}


def test_what_a_page_does_while_others_wait(own_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    stimuli(tmp_path / "data" / "stimuli")
    command = [sys.executable, "-m", "tests.pages.within_turns", "ImageNet", "Mini"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    found = dict(line.rsplit(": ", 1) for line in ran.stdout.splitlines())
    assert "robust_core/ui/shell.py: show_page" in found, "it looks"
    assert not {where: what for where, what in found.items() if where not in EXCEPTIONS}


def stimuli(folder: Path) -> None:
    """A folder of cue conflicts, with a table that names one of them."""
    folder.mkdir(parents=True)
    for name in ("cat1-bear2.png", "one.png"):
        Image.new("RGB", (16, 16)).save(folder / name)
    (folder / "labels.csv").write_text("file,shape,texture\none.png,cat,dog\n")
