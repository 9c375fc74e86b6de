from robust_core import settings
from robust_core.cli import main
from robust_core.events import result_of
from robust_core.recordings import shipped, store
from robust_core.recordings.shipped import Shipped
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest
from tests.attacks.threats import threat
from tests.recordings.test_codec import known_model
from tests.studies.test_attack_curve import image_set


def test_a_recorded_run_is_made_anew(tiny_model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(settings, "SHIPPED_CACHE", tmp_path)
    monkeypatch.setitem(*known_model(tiny_model))
    request = AttackCurveRequest((tiny_model,), image_set([3]), (threat(steps=2),))
    rows = (Shipped("pgd_tiny", lambda: request, attack_curve.run),)
    monkeypatch.setattr("robust_core.cli.record.SHIPPED", rows)
    assert main(["record", "--recording", "pgd_tiny"]) == 0
    printed = capsys.readouterr().out
    assert store.path_of(request).name in printed
    assert store.find(request).result.frame.equals(result_of(attack_curve.run(request)).frame)


def test_an_unknown_run_is_a_sentence(capsys):
    assert main(["record", "--recording", "pgd_mars"]) == 1
    assert "pgd_mini" in capsys.readouterr().err


def test_help_names_every_recorded_run(capsys):
    assert main(["record", "--help"]) == 0
    printed = capsys.readouterr().out
    assert all(row.key in printed for row in shipped.SHIPPED)
