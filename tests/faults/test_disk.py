"""Disks that fill up and folders that are read-only, deleted or no folders, while weights are fetched, imported,
removed and used.
"""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from robust_core import settings
from robust_core.errors import WeightsUnavailable
from robust_core.events import result_of
from robust_core.jobs import queue
from robust_core.models import digests, transfer, weights
from robust_core.models.imports import import_file, imported
from robust_core.models.spec import ModelSpec
from robust_core.ui.words import plain
from tests.faults.folders import files_in, refuse_writing
from tests.loopback import Loopback
from tests.pages.opening import all_words, button, models_page, run_until, state_of


@dataclass(frozen=True)
class Fault:
    """`inject(monkeypatch, server)` does the harm, `mend(server)` undoes what the monkeypatch does not; `sentence` is
    what the page must say.
    """

    name: str
    inject: Callable[[pytest.MonkeyPatch, Loopback], None]
    sentence: str
    mend: Callable[[Loopback], None] = lambda server: None


def part() -> Path:
    return settings.weights_dir() / "tiny-weights.pth.part"


def read_only(patched: pytest.MonkeyPatch, _: Loopback) -> None:
    settings.weights_dir().mkdir(parents=True)
    refuse_writing(patched, settings.cache_dir())


def deleted(_: pytest.MonkeyPatch, __: Loopback | None) -> None:
    shutil.rmtree(settings.weights_dir(), ignore_errors=True)


def is_a_file(patched: pytest.MonkeyPatch, server: Loopback | None) -> None:
    deleted(patched, server)
    settings.weights_dir().write_bytes(b"no folder")


def no_file_any_more(_: Loopback | None) -> None:
    settings.weights_dir().unlink(missing_ok=True)


def full(_: pytest.MonkeyPatch, __: Loopback) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    settings.weights_dir().mkdir(parents=True)
    part().symlink_to("/dev/full")


def full_at_the_end(patched: pytest.MonkeyPatch, _: Loopback) -> None:
    def replace(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patched.setattr(os, "replace", replace)


def deleted_meanwhile(patched: pytest.MonkeyPatch, _: Loopback) -> None:
    patched.setattr(transfer.os, "fsync", lambda _descriptor: shutil.rmtree(settings.cache_dir()))


def breaks_off(_: pytest.MonkeyPatch, server: Loopback) -> None:
    server.cut_after = 5000


def goes_on(server: Loopback) -> None:
    server.cut_after = None


WHILE_DOWNLOADING = (
    Fault(
        "network dead in mid-download", breaks_off, "the connection to 127.0.0.1 broke off; what came is kept", goes_on
    ),
    Fault("disk full", full, "did not come: the disk is full", lambda _: part().unlink()),
    Fault(
        "disk full at the very end",
        full_at_the_end,
        "The weights folder (cache/weights) cannot be written: No space left on device",
    ),
    Fault("folder read-only", read_only, "The weights folder (cache/weights) cannot be written: Read-only file system"),
    Fault(
        "folder is a file",
        is_a_file,
        "The weights folder (cache/weights) cannot be written: File exists",
        no_file_any_more,
    ),
    Fault(
        "folder deleted in mid-download",
        deleted_meanwhile,
        "The weights folder (cache/weights) cannot be written: No such file or directory",
    ),
)


@pytest.mark.parametrize("fault", WHILE_DOWNLOADING, ids=lambda fault: fault.name)
def test_a_download_that_fails_is_said_and_comes_when_it_is_mended(fault, downloadable, monkeypatch):
    spec, server = downloadable
    with monkeypatch.context() as patched:
        app = models_page()
        fault.inject(patched, server)
        button(app, "Download").click().run()
        run_until(app, lambda app: state_of(app).startswith("failed: "))
        assert not app.exception
        assert fault.sentence in all_words(app)
        assert str(settings.cache_dir()) not in all_words(app)
        assert weights.find(spec) is None
    fault.mend(server)
    button(app.run(), "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    assert files_in(settings.weights_dir()) == ["digests.json", spec.weights.name]
    assert not queue("download").active()


@pytest.fixture
def there(downloadable) -> ModelSpec:
    """A model whose weights were downloaded."""
    spec, _ = downloadable
    result_of(weights.download(spec))
    return spec


def test_a_read_only_folder_serves_and_keeps_its_weights_and_says_why(there, monkeypatch):
    path = settings.weights_dir() / there.weights.name
    os.utime(path, ns=(0, 0))  # so that it has to be read again, and what is found out cannot be written down
    app = models_page()
    with monkeypatch.context() as patched:
        refuse_writing(patched, settings.cache_dir())
        assert weights.find(there) == path
        button(app, "Remove").click().run()
        assert (
            f"The weights of {plain(there.title)} cannot be removed from the weights folder (cache/weights): "
            "Read-only file system." in app.error[0].value
        )
        assert not app.exception
        assert state_of(app) == "ready"
    button(app.run(), "Remove").click().run()
    assert state_of(app) == "not downloaded"
    assert files_in(settings.weights_dir()) == ["digests.json"]


def test_a_file_that_cannot_be_read_through_is_said(there, monkeypatch):
    def hashing(_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
        yield

    app = models_page()
    with monkeypatch.context() as patched:
        patched.setattr(digests, "hashing", hashing)
        button(app, "Verify").click().run()
        run_until(app, lambda app: app.error)
        assert app.error[0].value == f"The weight file of {plain(there.title)} cannot be read: Input/output error."
    button(app, "Verify").click().run()
    run_until(app, lambda app: app.success)


@pytest.mark.parametrize("harm", [deleted, is_a_file])
def test_a_cache_that_is_gone_makes_its_models_unavailable_and_brings_nothing_down(there, harm, monkeypatch):
    app = models_page()
    harm(monkeypatch, None)
    for _ in range(2):
        assert state_of(app.run()) == "not downloaded"
        assert not app.exception
    no_file_any_more(None)
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")


@pytest.mark.usefixtures("own_cache")
def test_a_disk_that_is_full_when_an_import_is_recorded_keeps_no_copy(weight_file, monkeypatch):
    write = Path.write_text

    def write_text(path: Path, text: str, **options) -> None:
        write(path, text[:10], **options)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", write_text)
        with pytest.raises(
            WeightsUnavailable,
            match=r"saved.pth could not be copied into the weights folder \(cache/weights\): No space left on device",
        ):
            import_file(weight_file, "two_layers", "mine", "Mine")
    assert files_in(settings.weights_dir()) == []
    assert imported() == ()
    assert import_file(weight_file, "two_layers", "mine", "Mine") == imported()[0]
