"""The package as a wheel lays it out, in a folder that cannot be written: what it ships is found, what it writes goes
to the user's cache.
"""

import os
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import free_port

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
INCLUDED = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder with the package as the wheel's table says, read-only."""
    folder = tmp_path_factory.mktemp("installed") / "site-packages"
    shutil.copytree(ROOT / "robust_core", folder / "robust_core", ignore=shutil.ignore_patterns("__pycache__"))
    for source, target in INCLUDED.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, folder / target)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in [folder, *(one for one in folder.rglob("*") if one.is_dir())]:
        path.chmod(0o755)


@pytest.fixture
def environment(site, tmp_path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROBUST_LAB_", "XDG_"))}
    return kept | {
        "PYTHONPATH": str(site),
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ROBUST_LAB_DEVICE": "cpu",
    }


def state(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


SIX_LINES = """
import torch, robust_core as rc
from torch.nn import AdaptiveAvgPool2d, Conv2d, Flatten, Linear, ReLU, Sequential
net = Sequential(Conv2d(3, 8, 7, 4), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(8, 1000))
model = rc.wrap(net, name="mine")
photos = rc.load_images("foolbox", 2)
result = rc.pgd(model, photos, eps="4/255", steps=2)
print(len(result.frame))
rc.run_benchmark("efficientnet_lite0", "imagenet", "foolbox", limit=2)
print(len(rc.published("wsl")), rc.load("mini_resnext").name, rc.__file__)
"""


def test_a_network_is_attacked_from_an_installed_package_and_nothing_is_written_into_it(site, environment, tmp_path):
    pytest.importorskip("platformdirs")
    before = state(site)
    ended = subprocess.run(
        [sys.executable, "-c", SIX_LINES], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    rows, line = ended.stdout.splitlines()
    count, key, file = line.split()
    assert (rows, key) == ("3", "mini_resnext")
    assert int(count) > 900
    assert Path(file).is_relative_to(site)
    assert state(site) == before
    assert list(tmp_path.glob(".cache/robust-lab/runs/benchmarks/imagenet/efficientnet_lite0/*/results.csv"))


def test_the_dashboard_is_served_from_an_installed_package(site, environment, tmp_path):
    pytest.importorskip("platformdirs")
    port = free_port()
    start = [
        sys.executable,
        "-c",
        "import sys; from robust_core.cli import main; sys.exit(main())",
        "app",
        "--server.port",
        str(port),
    ]
    server = subprocess.Popen(
        [*start, "--server.headless", "true"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert _response(server, f"http://localhost:{port}/_stcore/health") == "ok"
        assert "<title>" in _response(server, f"http://localhost:{port}/")
    finally:
        server.terminate()
        said, _ = server.communicate()
    assert f"http://localhost:{port}" in said  # as .streamlit/config.toml has it, wherever the server is started
    assert "External URL" not in said


def _response(server: subprocess.Popen, address: str) -> str:
    for _ in range(240):
        assert server.poll() is None, server.communicate()[0]
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return response.read().decode()
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"{address} did not answer")


def test_the_wheel_takes_everything_that_the_settings_look_for():
    assert set(INCLUDED.values()) == {
        "robust_core/_app/app.py",
        "robust_core/_app/pages",
        "robust_core/_app/.streamlit/config.toml",
        "robust_core/_shipped/published",
        "robust_core/_shipped/recordings",
        "robust_core/_shipped/mini",
    }
    assert all((ROOT / source).exists() for source in INCLUDED)
    assert (ROOT / "robust_core" / "py.typed").is_file()
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["robust_core"]  # with its other files
    assert all((ROOT / "robust_core" / "lesson" / name).is_file() for name in ("is_it_robust.toml", "handouts.css"))
    assert PROJECT["project"]["name"] == "robust-lab"
    assert PROJECT["project"]["scripts"] == {"robust-lab": "robust_core.cli:main"}
    assert PROJECT["tool"]["hatch"]["metadata"]["hooks"]["requirements_txt"]["files"] == ["requirements.txt"]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("ROBUST_LAB_SLOW"), reason="asks a package index for the build's own tools")
def test_the_wheel_builds(tmp_path):
    build = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "-q", "-w", str(tmp_path)]
    assert subprocess.run(build, capture_output=True).returncode == 0
    assert [path.name for path in tmp_path.glob("*.whl")] == ["robust_lab-0.2.0-py3-none-any.whl"]
