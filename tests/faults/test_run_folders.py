"""A cache folder that is deleted, read-only or no folder any more while a benchmark runs, from the page and from the
command line.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

import pytest

from robust_core import settings
from robust_core.benchmark.stored_runs import Run, own_store
from robust_core.cli import main
from robust_core.jobs import queue
from robust_core.ui.benchmarks import start
from robust_core.ui.server import warmup
from tests.faults.folders import files_in, refuse_writing
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

SOUND_WRITES = 2
UNITS = 10
SENTENCE = (
    "The predictions of mini_p with mini_resnext cannot be written ({reason}); what was finished is safe, and the "
    "next attempt goes on from there."
)


@dataclass(frozen=True)
class Fault:
    """`inject(monkeypatch)` does the harm while a unit is computed, `mend()` undoes what the monkeypatch does not;
    `reason` is said.
    """

    name: str
    inject: Callable[[pytest.MonkeyPatch], None]
    reason: str
    mend: Callable[[], None] = lambda: None


def read_only(patched: pytest.MonkeyPatch) -> None:
    refuse_writing(patched, settings.cache_dir())


def read_only_by_mode(_: pytest.MonkeyPatch) -> None:
    for folder, _folders, _files in os.walk(settings.cache_dir()):
        os.chmod(folder, 0o555)


def writable_again() -> None:
    for folder, _folders, _files in os.walk(settings.cache_dir()):
        os.chmod(folder, 0o755)


def is_a_file(_: pytest.MonkeyPatch) -> None:
    shutil.rmtree(own_store())
    own_store().write_bytes(b"no folder")


BY_MODE = Fault("read-only by its mode", read_only_by_mode, "Permission denied", writable_again)
FAULTS = (
    Fault("read-only", read_only, "Read-only file system"),
    pytest.param(BY_MODE, marks=pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")),
    Fault("a file", is_a_file, "Not a directory", lambda: own_store().unlink()),
)


def in_mid_run(patched: pytest.MonkeyPatch, harm: Callable[[pytest.MonkeyPatch], None]) -> None:
    """`harm` is done after two units were written."""
    write_unit, written = Run.write_unit, []

    def write(run: Run, name: str, answers) -> None:
        if len(written) == SOUND_WRITES:
            harm(patched)
        written.append(name)
        write_unit(run, name, answers)

    patched.setattr(Run, "write_unit", write)


def run_in_a_terminal() -> int:
    return main(["benchmark", "run", "--model", "mini_resnext", "--experiment", "mini_p", "--n", "1"])


@pytest.mark.parametrize("fault", FAULTS, ids=attrgetter("name"))
def test_a_terminal_says_so_and_the_same_command_goes_on(fault, own_cache, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        in_mid_run(patched, fault.inject)
        assert run_in_a_terminal() == 1
    assert capsys.readouterr().err.splitlines()[-1] == SENTENCE.format(reason=fault.reason)
    fault.mend()
    assert run_in_a_terminal() == 0
    assert f"{UNITS} of {UNITS} units are here" in capsys.readouterr().out
    assert_whole()


def test_a_terminal_computes_anew_what_was_deleted_meanwhile(own_cache, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        in_mid_run(patched, lambda _: shutil.rmtree(settings.cache_dir()))
        assert run_in_a_terminal() == 0
    assert f"{UNITS} of {UNITS} units are here, {UNITS + SOUND_WRITES} computed now" in capsys.readouterr().out
    assert_whole()


@pytest.fixture
def page(own_cache, monkeypatch, request):
    """The Benchmarks page with a short run chosen, whose seed no other test has."""
    monkeypatch.setattr(start, "SIZES", (1, 2))
    warmup.wait()
    seed = abs(hash(request.node.nodeid)) % 99_999
    return open_page(
        PAGES["benchmarks"], world="Mini", view="Run", run_experiment="Mini-P", run_n="1", run_seed=str(seed)
    )


@pytest.mark.parametrize("fault", FAULTS, ids=attrgetter("name"))
def test_a_page_says_so_and_its_next_attempt_goes_on(fault, page, monkeypatch, quiet_device):
    with monkeypatch.context() as patched:
        in_mid_run(patched, fault.inject)
        button(page, "Run").click()
        run_until(page.run(), lambda app: app.error)
        assert page.error[0].value.replace("\\", "") == SENTENCE.format(reason=fault.reason)
        assert not open_page(world="Mini").exception
    fault.mend()
    button(page.run(), "Try again").click()
    run_until(page.run(), lambda app: "LIVE" in all_words(app))
    assert_whole()
    assert not queue("device").active()


def test_a_page_computes_anew_what_was_deleted_meanwhile(page, monkeypatch):
    with monkeypatch.context() as patched:
        in_mid_run(patched, lambda _: shutil.rmtree(settings.cache_dir()))
        button(page, "Run").click()
        run_until(page.run(), lambda app: "LIVE" in all_words(app))
    assert not page.exception
    assert_whole()


def assert_whole() -> None:
    """All units and the numbers are there, and nothing else."""
    names = files_in(own_store())
    assert len([name for name in names if name.endswith(".npz")]) == UNITS
    assert [name for name in names if not name.endswith(".npz")] == ["results.csv", "run.json"]
