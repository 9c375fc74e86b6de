"""Every command of `python -m robust_core benchmark`: what it prints, what it leaves, and what it says when it
cannot.
"""

import re
import subprocess
import sys

import pytest

from robust_core import results
from robust_core.benchmark import sources
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.stored_runs import finished
from robust_core.cli import benchmark, main
from robust_core.settings import ROOT
from tests.cli.tables import read_rows

FEW = ("--model", "mini_resnext", "--experiment", "mini_shape_bias", "--n", "4")


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Runs one command with a cache of its own; returns its exit code, what it printed and what it complained about."""
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments):
        code = main(["benchmark", *map(str, arguments)])
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def own(tmp_path):
    """Where own runs go without --store."""
    return tmp_path / "cache" / "runs" / "benchmarks"


@pytest.fixture
def done(command, own):
    """The one finished run of the own store."""
    assert command("run", *FEW, "--workers", 0)[0] == 0
    (run,) = finished(own)
    return run


def test_list_shows_every_experiment_with_its_protocol_and_its_quirks(command):
    code, out, _ = command("list")
    assert code == 0
    for row in EXPERIMENTS.values():
        assert re.search(
            rf"^{row.key} +{re.escape(row.title)} \({row.label_space.key}\).*{re.escape(row.protocol)}",
            out,
            re.MULTILINE,
        )
        assert all(f"--without {quirk.key}: {quirk.sentence}" in out for quirk in row.quirks)
    assert "75 conditions" in out


def test_run_says_how_far_it_is_where_it_lies_and_its_headlines(command, own):
    code, out, err = command("run", *FEW, "--workers", 0)
    (run,) = finished(own)
    assert code == 0
    assert all(line.startswith("mini_resnext mini_shape_bias: ") for line in err.splitlines())
    assert f"mini_resnext mini_shape_bias: 1 of 1 units are here, 1 computed now; {run.folder}" in out
    for row in run.results():
        low, high = row.bounds
        said = f"{row.value:.2f} [{low:.2f}, {high:.2f}]%, n = {row.n} (95%, Wilson)"
        assert f"  {row.benchmark} {row.condition} {row.metric}: {said}\n" in out
    assert "1 of 1 units are here, 0 computed now" in command("run", *FEW, "--workers", 0)[1]


def test_run_takes_several_of_each_and_goes_where_it_is_told(command, own, tmp_path):
    arguments = (
        "--model",
        "mini_resnext",
        "mini_resnext_wsl",
        "--experiment",
        "mini_hard",
        "mini_shape_bias",
        "--n",
        2,
        "--workers",
        1,
    )
    assert command("run", *arguments, "--store", tmp_path / "there")[0] == 0
    found = {(run.identity["experiment"], run.identity["model"]) for run in finished(tmp_path / "there")}
    assert found == {
        (experiment, model)
        for experiment in ("mini_hard", "mini_shape_bias")
        for model in ("mini_resnext", "mini_resnext_wsl")
    }
    assert not own.exists()


def test_of_all_experiments_only_those_of_the_models_world_are_run(command):
    code, out, _ = command("status", "--model", "mini_resnext", "--experiment", "all", "--n", 2)
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()] == [
        f"mini_resnext {row.key}" for row in EXPERIMENTS.values() if row.label_space.key == "mini"
    ]


def test_a_rank_says_which_it_is_and_that_others_have_the_rest(command, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, out, _ = command("run", *FEW, "--workers", 0)
    assert code == 0
    assert "mini_resnext mini_shape_bias (2 of 2): 0 of 1 units are here, 0 computed now" in out
    assert "The rest is other processes' work" in out


def test_status_counts_units_before_and_after(command):
    assert command("status", *FEW)[1] == "mini_resnext mini_shape_bias: 0 of 1 units\n"
    command("run", *FEW, "--workers", 0)
    assert command("status", *FEW)[1] == "mini_resnext mini_shape_bias: 1 of 1 units, finished\n"


def test_show_prints_every_number_with_its_interval_and_n(command, done):
    code, out, _ = command(
        "show", "--model", "mini_resnext", "--experiment", "mini_shape_bias", "--store", done.folder.parents[2]
    )
    assert code == 0
    assert out.startswith(f"mini_resnext mini_shape_bias: {done.folder}\n")
    assert len(out.splitlines()) == 1 + len(done.results())
    for row in done.results():
        interval = f"[{100 * row.interval.low:.2f}, {100 * row.interval.high:.2f}]"
        assert re.search(
            rf"^  {row.condition} +{row.metric} +{row.value:.3f} {re.escape(interval)}%, n = {row.n} \(95%, Wilson\)$",
            out,
            re.MULTILINE,
        )


def test_damaged_numbers_are_said(command, done):
    (done.folder / "results.csv").write_text("garbage")
    code, _, err = command("show", "--store", done.folder.parents[2])
    assert code == 1
    assert "The numbers of mini_shape_bias with mini_resnext are damaged; `benchmark run` writes them anew." in err


def test_without_a_store_the_users_own_runs_are_shown_too(command, done):
    assert str(done.folder) in command("show", "--experiment", "mini_shape_bias")[1]


def test_export_writes_a_table_and_packed_runs(command, done, tmp_path):
    code, out, _ = command("export", "--out", tmp_path / "numbers.csv", "--to", tmp_path / "packed")
    assert code == 0
    assert f"{len(done.results())} numbers of 1 runs in {tmp_path / 'numbers.csv'}" in out
    assert results.read(tmp_path / "numbers.csv", "cached") == tuple(row.with_bounds for row in done.results())
    (packed,) = finished(tmp_path / "packed")
    assert str(packed.folder) in out
    assert packed.results() == done.results()


def test_merge_counts_what_it_took_over_and_the_next_run_finishes_it(command, done, tmp_path):
    code, out, _ = command("merge", done.folder.parents[2], "--store", tmp_path / "other")
    assert code == 0
    assert f"1 units from {done.folder.parents[2]}" in out
    assert "Start the runs once more" in out
    assert (
        "1 of 1 units are here, 0 computed now"
        in command("run", *FEW, "--workers", 0, "--store", tmp_path / "other")[1]
    )


def test_sources_writes_the_page_of_sources(command, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "PAGE", tmp_path / "SOURCES.md")
    assert command("sources") == (0, f"Wrote {tmp_path / 'SOURCES.md'}.\n", "")
    assert (tmp_path / "SOURCES.md").read_text(encoding="utf-8") == sources.page()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("run", "--model", "mini_resnet", "--experiment", "mini"),
            "no model called 'mini_resnet'; the nearest are mini_resnext",
        ),
        (("run", "--model", "mini_resnext", "--experiment", "mini_d"), "no experiment called 'mini_d'"),
        (
            ("run", "--model", "mini_resnext", "--experiment", "imagenet"),
            "ImageNet is for models with the classes of ImageNet",
        ),
        (
            ("run", *FEW, "--without", "every_other_picture"),
            "no quirk of Mini cue conflict called 'every_other_picture'",
        ),
        (
            ("run", "--model", "mini_resnext", "--experiment", "mini", "--n", "0"),
            "--n must be a whole number from 1 on; got 0.",
        ),
        (("run", "--model", "mini_resnext", "--experiment", "mini", "--n", "9999"), "There are 2,048 images"),
        (("run", "--model", "resnet50", "--experiment", "imagenet"), "name it with --data, or in ROBUST_LAB_DATA"),
        (
            ("status", "--model", "resnet50", "--experiment", "imagenet", "--data", "nowhere"),
            "There is no folder called nowhere; expected one with ImageNet validation set in it.",
        ),
        (("show", "--store", "nowhere"), "There is no finished run of these"),
        (("export", "--out", "numbers.csv"), "There is no finished run of these"),
        (("export",), "expected --out FILE, --to DIR, or both"),
        (("merge", "nowhere"), "There are no runs in nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(command, own, arguments, sentence):
    code, out, err = command(*arguments)
    assert (code, out.count("computed now")) == (1, 0)
    (complaint,) = (line for line in err.splitlines() if not line.endswith("looking for images"))
    assert sentence in complaint
    assert not own.exists()


def test_stopping_by_hand_is_no_traceback(command, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(benchmark, "follow", interrupt)
    code, _, err = command("run", *FEW, "--workers", 0)
    assert code == 130
    assert "the same command goes on from there" in err


@pytest.mark.parametrize("words", [("list",), ("show",), ("sources",)])
def test_what_computes_nothing_imports_no_torch(words, tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom robust_core.benchmark import sources\nfrom robust_core.cli import "
        "main\n"
        f"sources.PAGE = Path({str(tmp_path / 'SOURCES.md')!r})\nassert main(['benchmark', *{words!r}]) == "
        "0\nsys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


@pytest.mark.parametrize("words", [("run", *FEW, "--workers", 0), ("show", "--experiment", "mini_shape_bias")])
def test_out_holds_the_numbers_that_are_printed(command, done, tmp_path, words):
    assert command(*words, "--store", done.folder.parents[2], "--out", tmp_path / "numbers.csv")[0] == 0
    assert results.read(tmp_path / "numbers.csv", "cached") == tuple(row.with_bounds for row in done.results())


def test_status_is_a_table_too(command, tmp_path):
    command("status", *FEW, "--out", tmp_path / "status.csv")
    expected = {
        "model": "mini_resnext",
        "experiment": "mini_shape_bias",
        "units_done": "0",
        "units": "1",
        "finished": "False",
    }
    assert read_rows(tmp_path / "status.csv") == [expected]


def test_several_processes_write_no_table_over_each_other(command, monkeypatch, tmp_path):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, err = command("run", *FEW, "--workers", 0, "--out", tmp_path / "numbers.csv")
    assert code == 1
    assert "`benchmark show --out FILE` writes the numbers" in err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--address", "auto"), "--address and --gpu-share are for --executor ray"),
        (("--gpu-share", "0.5"), "--address and --gpu-share are for --executor ray"),
        (("--executor", "ray", "--gpu-share", "3"), "--gpu-share must be between 0 and 1; got 3."),
    ],
)
def test_options_of_ray_are_checked_before_anything_is_computed(command, own, options, sentence):
    code, out, err = command("run", *FEW, *options)
    assert (code, out) == (1, "")
    assert sentence in err
    assert not own.exists()


def test_ray_and_torchrun_do_not_go_together(command, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, err = command("run", *FEW, "--executor", "ray")
    assert (code, err) == (1, "Ray shares the work by itself; give the command once, without torchrun.\n")


def test_a_plan_says_hours_for_each_experiment_and_that_no_gpu_was_measured(command, tmp_path):
    chosen = ("--model", "mini_resnext", "mini_resnext_at8", "--experiment", "mini_c", "mini_pgd", "--gpus", 1, 3)
    code, out, _ = command("plan", *chosen, "--out", tmp_path / "plan.csv")
    lines = out.splitlines()
    assert code == 0
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["mini_c", "2", "150"],
        ["mini_pgd", "2", "8"],
        ["all", "2", "158"],
    ]
    assert "h on 1" in lines[0]
    assert "h on 3" in lines[0]
    assert "That is a CPU: no GPU was measured." in out
    rows = read_rows(tmp_path / "plan.csv")
    assert [(row["model"], row["experiment"]) for row in rows] == [
        (model, experiment) for experiment in ("mini_c", "mini_pgd") for model in ("mini_resnext", "mini_resnext_at8")
    ]
    assert all(float(row["hours_on_3"]) == pytest.approx(float(row["hours_on_1"]) / 3) for row in rows[:2])  # 75 units
    assert all(float(row["hours_on_3"]) == pytest.approx(float(row["hours_on_1"]) / 2) for row in rows[2:])  # 4 units


def test_a_plan_uses_what_it_measured(command, tmp_path):
    chosen = ("--model", "mini_resnext", "--experiment", "mini_certified")
    code, measured, err = command("plan", *chosen, "--measure", tmp_path / "costs.csv")
    assert code == 0
    assert "measuring: " in err
    assert command("plan", *chosen, "--costs", tmp_path / "costs.csv")[1] == measured
    code, _, err = command("plan", "--model", "vgg16", "--costs", tmp_path / "costs.csv")
    assert (code, err) == (1, "None of these models was measured; `benchmark plan --measure FILE` measures them.\n")
    assert command("plan", "--costs", tmp_path / "a.csv", "--measure", tmp_path / "b.csv")[0] == 1


@pytest.mark.parametrize("workers", [-1, 100_000])
def test_a_number_of_workers_out_of_range_is_a_sentence(command, workers):
    code, _, err = command("run", *FEW, "--workers", workers)
    assert (code, err) == (
        1,
        f"--workers must be a whole number from 0 to {benchmark._most_workers()}; got {workers}.\n",
    )
