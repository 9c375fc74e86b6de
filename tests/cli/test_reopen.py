"""`reopen`: a report that was made here agrees, and one that was changed names what was changed."""

import json
from pathlib import Path

import pytest

import robust_core as rc
from robust_core import report
from robust_core.cli import main
from robust_core.report import block
from tests.cli.tables import read_rows

pytestmark = pytest.mark.usefixtures("empty_cache")


@pytest.fixture(scope="module")
def written() -> str:
    curve = rc.pgd("mini_resnext", rc.draw_images("mini", 4), "8/255", steps=2, scoring="last_iterate", progress=False)
    return report.write(curve)


@pytest.fixture
def reopen(written, tmp_path, capsys):
    """`reopen(change)` runs the command on the report with `change` made to what it says to machines: the exit code,
    and what is printed.
    """

    def run(change=lambda content: None, *options: str):
        before, _, rest = written.partition(block.OPENING)
        text, _, after = rest.partition(block.CLOSING)
        content = json.loads(text)
        change(content)
        path = tmp_path / "report.html"
        path.write_text(before + block.OPENING + json.dumps(content) + block.CLOSING + after, encoding="utf-8")
        code = main(["reopen", str(path), *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def disagreeing(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.endswith("NO")]


def result_of(content):
    return content["results"][0]


def row_of(content, step):
    entry = result_of(content)
    return next(row for row in entry["rows"] if row[entry["columns"].index("step")] == step)


def put(name, value, step=1):
    def change(content):
        row_of(content, step)[result_of(content)["columns"].index(name)] = value

    return change


def elsewhere(content):
    result_of(content)["machine"] = "another machine"


def test_a_report_agrees_with_a_run_of_the_same(reopen, tmp_path):
    table = tmp_path / "numbers.csv"
    code, printed, _ = reopen(lambda content: None, "--out", str(table))
    assert code == 0
    assert "have to be equal" in printed
    assert "agree." in printed
    assert not disagreeing(printed)
    rows = read_rows(table)
    assert {row["agrees"] for row in rows} == {"True"}
    assert len([row for row in rows if "accuracy_percent" in row["what"]]) == 3


@pytest.mark.parametrize("name", ["accuracy_percent", "high_percent", "mean_loss_nats"])
def test_a_number_that_was_changed_is_named_and_no_other(name, reopen):
    code, printed, _ = reopen(put(name, 43.21))
    assert code == 1
    (line,) = disagreeing(printed)
    assert line.startswith(f"mini_resnext, L∞ 8/255, step 1: {name} ")
    assert "43.21" in line
    assert "1 of " in printed


def test_a_changed_count_and_a_changed_protocol_are_named(reopen):
    assert [line.split(": ")[1].split()[0] for line in disagreeing(reopen(put("n", 5))[1])] == ["n"]
    assert len(disagreeing(reopen(put("protocol", "FGSM"))[1])) == 1


def test_a_changed_hash_of_the_weights_is_named(reopen):
    code, printed, _ = reopen(lambda content: result_of(content)["weights"].update(mini_resnext="0" * 64))
    assert code == 1
    assert [line.split("  ")[0] for line in disagreeing(printed)] == ["mini_resnext: SHA-256 of the weights"]


def test_a_hash_that_was_taken_away_is_missed(reopen):
    assert len(disagreeing(reopen(lambda content: result_of(content)["weights"].clear())[1])) == 1


def test_a_changed_hash_of_the_images_is_named(reopen):
    code, printed, _ = reopen(lambda content: result_of(content).update(images_sha256="0" * 64))
    assert code == 1
    assert [line.split("  ")[0] for line in disagreeing(printed)] == ["SHA-256 of the images"]


def test_another_rule_gives_other_numbers_and_is_heeded(reopen):
    options = {"mapping": [["rule", {"scoring_rule": "any_step_so_far"}]]}
    code, printed, _ = reopen(lambda content: result_of(content).update(options=options))
    assert code == 1
    assert any("scoring" in line for line in disagreeing(printed))


def test_rows_that_were_taken_away_are_missed(reopen):
    code, printed, _ = reopen(lambda content: result_of(content)["rows"].pop())
    assert code == 1
    assert disagreeing(printed)[0].startswith("rows ")


def test_another_machine_is_named_and_a_share_may_be_within_its_interval(reopen):
    def change(content):
        elsewhere(content)
        put("mean_loss_nats", row_of(content, 2)[result_of(content)["columns"].index("mean_loss_nats")] * 1.005, 2)(
            content
        )
        put("accuracy_percent", 25.0)(content)  # one image of four

    code, printed, _ = reopen(change)
    assert code == 0
    assert "machine was another machine" in printed
    assert "within 1% or 0.001" in printed


def test_on_another_machine_too_a_number_may_be_too_far(reopen):
    def change(content):
        elsewhere(content)
        put("mean_loss_nats", 99.0, 0)(content)
        put("accuracy_percent", 30.0, 2)(content)

    def narrow(content):
        change(content)
        put("low_percent", 29.0, 2)(content)

    assert [line.split(" step ")[1].split("  ")[0] for line in disagreeing(reopen(narrow)[1])] == [
        "0: mean_loss_nats",
        "2: accuracy_percent",
    ]


def test_versions_that_differ_are_shown(reopen):
    code, printed, _ = reopen(lambda content: result_of(content)["versions"].update(torch="1.0"))
    assert code == 0
    assert "torch was 1.0, is " in printed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content.update(version=9), "newer Robustness Lab"),
        (lambda content: content.update(format="x"), "no report"),
        (lambda content: result_of(content).update(request=None), "cannot be run again"),
        (lambda content: result_of(content).update(request={"class": "Popen", "fields": {}}), "damaged"),
        (lambda content: result_of(content).update(options={"mapping": [["spec", 1]]}), "damaged"),
        (lambda content: result_of(content).update(options={"mapping": [["rule", 1]]}), "damaged"),
        (lambda content: result_of(content).pop("rows"), "damaged"),
    ],
)
def test_what_cannot_be_reopened_is_a_sentence(change, said, reopen):
    code, printed, errors = reopen(change)
    assert code == 1
    assert said in errors
    assert "Traceback" not in errors


def test_a_file_that_is_no_report_is_a_sentence(tmp_path: Path, capsys):
    path = tmp_path / "page.html"
    path.write_text("<html></html>")
    assert main(["reopen", str(path)]) == 1
    assert capsys.readouterr().err == "page.html is no report of Robustness Lab.\n"
    assert main(["reopen", str(tmp_path / "nowhere.html")]) == 1


def test_what_a_report_says_cannot_steer_the_terminal(reopen):
    _, printed, _ = reopen(lambda content: result_of(content)["weights"].update({"\x1b[2J": "\x1b]0;x\x07"}))
    assert "\x1b" not in printed
    assert "\x07" not in printed


def test_the_device_may_be_chosen(reopen):
    assert reopen(lambda content: None, "--device", "cpu")[0] == 0
