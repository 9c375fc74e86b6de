import shutil
import subprocess

import pytest

from robust_core.errors import BadInput, DataUnavailable
from robust_core.events import result_of
from robust_core.samples.cloning import clone, proof
from robust_core.samples.downloads import DOWNLOADS, Repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder, *arguments):
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    return subprocess.run(
        ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A repository with two folders, whose published commit is not its newest."""
    folder = tmp_path / "published"
    for name in ("stimuli/wanted/dog/dog1-cat2.png", "other/large.bin"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"first")
    git(folder, "init", "--quiet")
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    commit = git(folder, "rev-parse", "HEAD")
    (folder / "stimuli/wanted/dog/dog1-cat2.png").write_bytes(b"second")
    git(folder, "commit", "--quiet", "-am", "second")
    return Repository(folder.as_uri(), commit, "stimuli/wanted", "cue-conflict")


def test_the_one_folder_comes_as_it_was_at_the_commit(repository, tmp_path):
    fetched = result_of(clone(repository, tmp_path / "data"))
    assert fetched.folder == tmp_path / "data" / "cue-conflict"
    assert fetched.proof == proof(repository) == f"the hash of commit {repository.commit[:10]}"
    assert [path.relative_to(fetched.folder).as_posix() for path in fetched.folder.rglob("*.*")] == [
        "dog/dog1-cat2.png"
    ]
    assert (fetched.folder / "dog" / "dog1-cat2.png").read_bytes() == b"first"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["cue-conflict"], "nothing else is left"


def test_what_is_there_is_never_replaced(repository, tmp_path):
    (tmp_path / "cue-conflict").mkdir()
    with pytest.raises(BadInput, match="is there already"):
        result_of(clone(repository, tmp_path))


@pytest.mark.parametrize("change", [{"commit": "0" * 40}, {"url": "file:///nowhere/at/all"}])
def test_what_cannot_be_had_leaves_nothing(repository, tmp_path, change):
    wrong = Repository(**{**vars(repository), **change})
    with pytest.raises(DataUnavailable, match="did not come"):
        result_of(clone(wrong, tmp_path / "data"))
    assert list((tmp_path / "data").iterdir()) == []


def test_stopping_halfway_leaves_nothing(repository, tmp_path):
    events = clone(repository, tmp_path / "data")
    next(events)
    events.close()
    assert list((tmp_path / "data").iterdir()) == []


def test_without_git_it_says_so(repository, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DataUnavailable, match="Git is not installed"):
        result_of(clone(repository, tmp_path))


@pytest.mark.parametrize("row", [row for row in DOWNLOADS if row.repository], ids=lambda row: row.key)
def test_every_repository_is_pinned_to_one_commit(row):
    assert row.repository.url.startswith("https://")
    assert len(row.repository.commit) == 40
    assert not row.archives
    assert not row.by_hand
