import hashlib
import io
import sys

import pytest

from robust_core.cli import data, main
from robust_core.data import datasets, fetchable
from robust_core.data.fetchable import DOWNLOADS, Archive, Download
from tests.cli.tables import read_rows
from tests.data.archive_files import image, tar
from tests.data.folders import TENCH
from tests.loopback import serving

BODY = tar({f"imagenet-a/{TENCH}/{number}.jpg": image(number) for number in range(4)})


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server on this machine has the only data set of the table."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    with serving(BODY) as server:
        md5 = hashlib.md5(BODY).hexdigest()
        archive = Archive("all", datasets.IMAGENET_A, f"{server.url}/a.tar", len(BODY), None, md5, None, False, ("",))
        monkeypatch.setattr(
            fetchable, "DOWNLOADS", (Download("tiny", "Tiny set", "none, it is a test", (archive,), ""),)
        )
        yield server


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main(["data", *map(str, arguments)])
    return code, *capsys.readouterr()


def answer(monkeypatch, line: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))


def test_list_shows_every_part_with_its_size_and_every_licence(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert all(row.licence in out and archive.part in out for row in DOWNLOADS for archive in row.archives)
    assert "about 21 GB" in out
    assert "688 MB" in out
    assert "size unknown" in out


def test_size_and_licence_come_before_the_question_and_no_is_the_default(capsys, server, tmp_path, monkeypatch):
    for line in ("\n", "n\n", "what?\n", ""):
        answer(monkeypatch, line)
        code, out, _ = run(capsys, "fetch", "tiny")
        assert code == 1
        assert (
            out.index("licence: none, it is a test")
            < out.index("all: 0 MB from http://127.0.0.1")
            < out.index("Download? [y/N]")
        )
        assert "compared with its published MD5" in out
        assert out.endswith("Nothing was downloaded.\n")
    assert server.asked == []
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("options", [["--yes"], []])
def test_fetch_says_where_the_images_are(capsys, server, tmp_path, monkeypatch, options):
    answer(monkeypatch, "y\n")
    code, out, _ = run(capsys, "fetch", "tiny", *options)
    assert code == 0
    assert out.endswith(
        f"imagenet-a-all.tar: compared with its published MD5; the images are in {tmp_path / 'data' / 'imagenet-a'}\n"
    )
    assert ("[y/N]" in out) == (not options)


def test_another_folder_and_the_archive_kept(capsys, server, tmp_path):
    code, out, _ = run(capsys, "fetch", "tiny", "--yes", "--keep", "--to", tmp_path / "else")
    assert code == 0
    assert out.endswith(f"The dashboard finds them with ROBUST_LAB_DATA={tmp_path / 'else'}.\n")
    assert {path.name for path in (tmp_path / "else").iterdir() if not path.name.startswith(".")} == {
        "imagenet-a",
        "imagenet-a-all.tar",
    }


def test_what_goes_wrong_is_one_sentence_and_exit_code_1(capsys, server, monkeypatch):
    assert run(capsys, "fetch", "nothing")[::2] == (
        1,
        "There is no data set to fetch called 'nothing'; the nearest are tiny.\n",
    )
    server.status = 404
    code, _, err = run(capsys, "fetch", "tiny", "--yes")
    assert code == 1
    assert "imagenet-a-all.tar did not come: 127.0.0.1 answered 404 Not Found." in err
    monkeypatch.delenv("ROBUST_LAB_DATA")
    assert "expected --to DIR or a folder in ROBUST_LAB_DATA" in run(capsys, "fetch", "tiny")[2]


def test_what_has_no_archive_is_explained(capsys, tmp_path):
    code, out, _ = run(capsys, "fetch", "val", "--to", tmp_path / "my data")
    assert code == 0
    assert "research and education" in out
    assert f"cd '{tmp_path}/my data' && python" in out


def test_a_repository_is_named_with_its_proof_before_the_question(capsys, tmp_path, monkeypatch):
    answer(monkeypatch, "\n")
    code, out, _ = run(capsys, "fetch", "cue-conflict", "--to", tmp_path / "data")
    assert code == 1
    assert (
        out.index("CC BY 4.0")
        < out.index("style-transfer-preprocessed-512 of https://github.com")
        < out.index("Download? [y/N]")
    )
    assert "compared with the hash of commit ccd0c01d42" in out
    assert not (tmp_path / "data").exists()


def test_stopping_by_hand_is_no_traceback(capsys, server, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "fetch", interrupt)
    code, _, err = run(capsys, "fetch", "tiny", "--yes")
    assert code == 130
    assert "kept for the next attempt" in err


def test_progress_is_no_part_of_what_is_printed(capsys, server):
    code, out, err = run(capsys, "fetch", "tiny", "--yes")
    assert code == 0
    assert "imagenet-a-all.tar: downloading" in err
    assert "downloading" not in out


def test_the_list_is_a_table_too(capsys, tmp_path):
    assert run(capsys, "list", "--out", tmp_path / "data.csv")[0] == 0
    rows = read_rows(tmp_path / "data.csv")
    assert [(row["data_set"], row["part"]) for row in rows] == [
        (row.key, archive.part) for row in DOWNLOADS for archive in row.archives
    ]
    assert {row["bytes"] for row in rows} == {str(archive.bytes or "") for row in DOWNLOADS for archive in row.archives}
