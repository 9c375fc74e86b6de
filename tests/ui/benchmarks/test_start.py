import shlex

import pytest

from robust_core.benchmark.run_configs import RunConfig
from robust_core.cli import main
from robust_core.ui.benchmarks.start import MOST_PASSES, command, cost_in_passes


@pytest.mark.parametrize(
    ("config", "passes"),
    [
        (RunConfig("mini", "mini_resnext", limit=98), 98 * 64**2 / 224**2),
        (RunConfig("mini", "mini_resnext"), 2_048 * 64**2 / 224**2),
        (RunConfig("mini_c", "mini_resnext", limit=98), 75 * 98 * 64**2 / 224**2),
        (RunConfig("imagenet", "resnet50"), 50_000),
        (RunConfig("white_box_steps", "resnet50", limit=10), 10 * (2 * 50 + 1)),
        (RunConfig("imagenet_p", "resnet50", limit=10), 10 * 10 * 31),
    ],
)
def test_what_a_run_costs(config, passes):
    assert cost_in_passes(config) == pytest.approx(passes)


def test_the_benchmarks_in_full_are_too_long_for_a_page():
    assert (
        cost_in_passes(RunConfig("imagenet_c", "resnet50"))
        > cost_in_passes(RunConfig("imagenet", "resnet50"))
        > MOST_PASSES
    )


def test_the_command_does_what_the_page_does(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    python, dash_m, module, *arguments = shlex.split(
        command(RunConfig("mini_shape_bias", "mini_resnext", limit=4, seed=7))
    )
    assert (python, dash_m, module) == ("python", "-m", "robust_core")
    assert main([*arguments, "--workers", "0"]) == 0
    assert "4 images" in (next(tmp_path.rglob("results.csv"))).read_text("utf-8")
    assert "1 of 1 units are here, 1 computed now" in capsys.readouterr().out


def test_the_command_asks_for_the_jpeg_where_the_page_does():
    assert command(RunConfig("mini_c", "mini_resnext", as_stored=True)).endswith("--experiment mini_c --as-stored")
    assert "--as-stored" not in command(RunConfig("mini_c", "mini_resnext"))
