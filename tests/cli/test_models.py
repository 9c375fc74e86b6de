import pytest

from robust_core.cli import main
from robust_core.events import Progress
from robust_core.intervals import wilson
from robust_core.models import catalogue, weights
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.registry import REGISTRY
from robust_core.studies import folder_accuracy
from robust_core.studies.folder_accuracy import Accuracy
from tests.cli.tables import read_rows
from tests.loopback import serving
from tests.models.weight_files import TWO_LAYERS, row_of, saved, sha256, some_state

KEY = "two_layers"


@pytest.fixture
def row(weights_folder, tmp_path, monkeypatch):
    """The only row of the table; a server on this machine has its weights."""
    body = saved(tmp_path, some_state())
    with serving(body) as server:
        row = row_of(server.url, sha256(body), len(body))
        monkeypatch.setattr(catalogue, "TABLE", (row,))
        monkeypatch.setitem(ARCHITECTURES, KEY, TWO_LAYERS)
        yield row


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main(["models", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_list_shows_every_model_and_how_it_stands(capsys, row):
    assert run(capsys, "list")[1].split()[:2] == [KEY, "-"]
    run(capsys, "download", "--model", KEY)
    assert run(capsys, "list")[1].split()[:2] == [KEY, "ready"]


def test_download_verify_remove(capsys, row, weights_folder):
    code, out, _ = run(capsys, "download", "--model", KEY)
    assert code == 0
    assert "two_layers: ready, compared with the whole SHA-256" in out
    assert f"{row.weights.sha256}  {weights_folder / row.weights.name}" in out
    assert run(capsys, "verify")[0] == 0
    assert run(capsys, "remove", "--model", KEY)[0] == 0
    code, _, err = run(capsys, "remove", "--model", KEY)
    assert code == 1
    assert "no weights of Two Layers" in err


def test_verify_names_every_wrong_file(capsys, row, weights_folder):
    (weights_folder / row.weights.name).write_bytes(b"wrong")
    code, _, err = run(capsys, "verify")
    assert code == 1
    assert "not the published file" in err
    assert f"The weights folder is {weights_folder}." in err


def test_import_and_remove_a_file_of_ones_own(capsys, row, tmp_path):
    code, out, _ = run(
        capsys, "import", tmp_path / "saved.pth", "--architecture", KEY, "--key", "mine", "--title", "My own"
    )
    assert code == 0
    assert (
        "mine: My own, two_layers, 1,000 classes. Your own file, read as plain. Preprocessing: ImageNet's standard."
        in out
    )
    assert run(capsys, "remove", "--model", "mine")[0] == 0
    assert run(capsys, "verify", "--model", "mine")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [("download", "--model", "nothing"), ("import", "none.pth", "--architecture", KEY, "--key", "k", "--title", "t")],
)
def test_what_goes_wrong_is_one_sentence_and_exit_code_1(capsys, row, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("There is no ")
    assert "Traceback" not in err


def test_check_prints_accuracy_with_its_interval(capsys, row, tmp_path, monkeypatch):
    def checked(spec, folder):
        assert (spec.key, folder) == (KEY, tmp_path)
        yield Progress(0, 20, "images")
        return Accuracy(spec, 20, wilson(10, 20), wilson(18, 20), ("val: 20 images.",), wilson(12, 19))

    monkeypatch.setattr(folder_accuracy, "run", checked)
    code, out, err = run(
        capsys, "check", "--model", KEY, "--images", tmp_path, "--out", tmp_path / "numbers" / "check.csv"
    )
    assert code == 0
    assert out.splitlines() == [
        "val: 20 images.",
        f"{KEY}: top-1 50.0% [29.9%, 70.1%], n = 20; top-5 90.0% [69.9%, 97.2%], n = 20; "
        "ReaL accuracy 12 of 19 [41.0%, 80.9%]; intervals: 95%, Wilson",
    ]
    assert err.splitlines() == [f"{KEY}: 0 of 20 images (0%)"]
    (row,) = read_rows(tmp_path / "numbers" / "check.csv")
    assert (row["model"], row["n"], float(row["top1_percent"]), float(row["top5_percent"])) == (KEY, "20", 50, 90)
    assert [round(float(row[f"top1_{end}_percent"]), 1) for end in ("low", "high")] == [29.9, 70.1]
    assert (row["n_real"], round(float(row["real_percent"]), 1)) == ("19", 63.2)


def test_stopping_by_hand_is_no_traceback(capsys, row, monkeypatch):
    def interrupt(spec):
        raise KeyboardInterrupt

    monkeypatch.setattr(weights, "download", interrupt)
    code, _, err = run(capsys, "download", "--model", KEY)
    assert code == 130
    assert "Stopped." in err


def test_the_real_table_is_listed(capsys, weights_folder):
    out = run(capsys, "list", "--out", weights_folder / "models.csv")[1]
    assert all(row.key in out for row in REGISTRY)
    rows = read_rows(weights_folder / "models.csv")
    assert len(rows) == len(out.splitlines())
    assert {row["model"] for row in rows if row["ready"] == "True"} == {
        line.split()[0] for line in out.splitlines() if line.split()[1] == "ready"
    }
