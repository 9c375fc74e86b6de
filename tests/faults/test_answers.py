"""A fault in a job that a page shows: the page says what happened, and the predictions come when it is tried again."""

import math
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.runtime.caching.cache_resource_api import clear_session_cache

from robust_core.jobs import State, queue
from robust_core.models import pool
from robust_core.models.loading import load_network
from robust_core.studies import predictions
from robust_core.ui.server import warmup
from tests.faults.conftest import PATIENCE_SECONDS, Fuse
from tests.pages.opening import PAGES, SHORT, all_words, open_page, run_until

LIVE_PAGES = [page for page in PAGES.values() if page.parent.name in ("live", "attack")]
SESSION = "test session id"  # AppTest's


@dataclass(frozen=True)
class Fault:
    """`inject(monkeypatch, fuse)` does the harm; `sentence` is what both cards must say."""

    name: str
    inject: Callable[[pytest.MonkeyPatch, Fuse], None]
    sentence: str


def no_memory(_: pytest.MonkeyPatch, fuse: Fuse) -> None:
    fuse.reset(failures=math.inf)


def a_mistake(*_arguments):
    raise KeyError("/srv/lab/secret")


def bug(patched: pytest.MonkeyPatch, _: Fuse) -> None:
    patched.setattr(predictions, "to_pixels", a_mistake)


def altered_after_the_check(harm: Callable[[Path], None]) -> Callable:
    """`harm` to each weight file in the moment between its check and its reading."""

    def inject(patched: pytest.MonkeyPatch, _: Fuse) -> None:
        patched.setattr(
            pool, "load_network", lambda spec, path, device: (harm(path), load_network(spec, path, device))[1]
        )

    return inject


def overwrite_a_weight(path: Path) -> None:
    """Another number in the last tensor: a sound file, with other weights."""
    with path.open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"\x00\x00\x80\x3f")


FAULTS = (
    Fault("out of memory", no_memory, "The device ran out of memory with a single image"),
    Fault("a bug", bug, "This is a mistake of the program, not yours (KeyError)"),
    Fault(
        "weights cut short", altered_after_the_check(lambda path: os.truncate(path, 1000)), "cannot be read as weights"
    ),
    Fault("weights emptied", altered_after_the_check(lambda path: os.truncate(path, 0)), "is empty (0 bytes)"),
    Fault("weights overwritten", altered_after_the_check(overwrite_a_weight), "are not on this machine"),
    Fault("weights deleted", altered_after_the_check(Path.unlink), "cannot be read as weights (FileNotFoundError)"),
)


def click(app, *labels: str):
    """Press all buttons of these names at once."""
    for button in [button for button in app.button if button.label in labels]:
        button.click()
    return app.run()


def answered(app) -> bool:
    return "LIVE" in all_words(app)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_said_on_every_card_and_over_when_it_is_mended(
    fault, fused, fuse, tmp_path, monkeypatch, quiet_device
):
    files = {path: path.read_bytes() for path in (tmp_path / "weights").glob("*.safetensors")}
    with monkeypatch.context() as patched:
        fault.inject(patched, fuse)
        app = run_until(open_page(world="ImageNet"), lambda app: len(app.error) == len(fused))
        assert not app.exception
        assert all(fault.sentence in error.value for error in app.error)
        assert "/" not in "".join(error.value for error in app.error), "no path of the server reaches the browser"
    fuse.reset()
    for path, content in files.items():
        path.write_bytes(content)
    app = run_until(click(app, "Try again"), answered)
    assert not app.error
    assert not queue("device").active()


@pytest.mark.parametrize("page", LIVE_PAGES, ids=lambda page: page.stem)
def test_every_live_page_says_so_and_answers_when_it_is_mended(page, fused, monkeypatch):
    warmup.wait()
    with monkeypatch.context() as patched:
        patched.setattr(pool, "load_network", a_mistake)
        app = open_page(page, world="ImageNet", **SHORT.get(page.stem, {}))
        run_until(click(app, "Explain", "Run"), lambda app: app.error and not queue("device").active())
        app.run()  # what ended after its card was drawn says so too
        assert not app.exception
        assert all("mistake of the program, not yours (KeyError)" in error.value for error in app.error)
    run_until(click(app, "Try again"), lambda app: not app.error and not queue("device").active())
    assert not app.run().exception


def test_a_client_that_leaves_in_mid_run_leaves_nothing_behind_and_may_come_back(fused, monkeypatch):
    at_work, left, to_pixels = threading.Event(), threading.Event(), predictions.to_pixels

    def wait_for_the_client_to_leave(*arguments):
        at_work.set()
        assert left.wait(PATIENCE_SECONDS)
        return to_pixels(*arguments)

    monkeypatch.setattr(predictions, "to_pixels", wait_for_the_client_to_leave)
    app = open_page(world="ImageNet")
    assert at_work.wait(PATIENCE_SECONDS)
    running, waiting = app.session_state["job_slots"].values()
    clear_session_cache(SESSION)  # what Streamlit does when the connection is closed
    assert waiting.state is State.CANCELLED
    left.set()
    assert running.finished.wait(PATIENCE_SECONDS)
    assert running.state is State.CANCELLED
    shared = pool.shared_pool()
    shared.free_idle()
    assert shared.keys() == (), "a model is still in use"
    assert answered(run_until(open_page(world="ImageNet"), answered))
    assert [one.value for one in app.run().info] == ["Cancelled."] * len(fused)
    run_until(click(app, "Try again"), answered)
