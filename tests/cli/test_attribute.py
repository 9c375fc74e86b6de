import pytest

from robust_core.attributions.__main__ import main
from robust_core.attributions.methods import METHODS


def test_every_method_of_a_mini_model_has_a_row(capsys):
    assert main(["mini_resnext", "--n", "1"]) == 0
    out = capsys.readouterr().out
    assert "Mini ResNeXt on cpu, medians over 1 pictures" in out
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line and line.split()[0] in METHODS}
    assert list(rows) == list(METHODS)
    assert all(float(row[1]) >= 0 for row in rows.values())
    assert {key for key, row in rows.items() if row[3] != "-"} == {key for key, row in METHODS.items() if row.complete}


def test_evidence_comes_when_asked_for(capsys):
    assert main(["mini_resnext", "--n", "2", "--methods", "saliency", "grad_cam", "--trust"]) == 0
    assert "2 of 2" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [(["mini_resnex"], "mini_resnext"), (["mini_resnext", "--methods", "salience"], "saliency")])
def test_unknown_names_end_in_a_sentence(capsys, arguments, words):
    assert main(arguments) == 1
    assert words in capsys.readouterr().err
