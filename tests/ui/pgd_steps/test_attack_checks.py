import pytest

from robust_core.data.image_set import ImageSet
from robust_core.intervals import wilson
from robust_core.models.catalogue import get_spec
from robust_core.studies.attack_checks import AttackChecks, AttackChecksRequest, CheckedAttack, CheckOutcome
from robust_core.studies.attack_curve import Trajectory
from robust_core.studies.study_result import Provenance
from robust_core.ui.pgd_steps.attack_checks import forecast_seconds, table_of
from tests.attacks.steps import trajectory
from tests.attacks.threats import threat

KEYS = ("mini_resnext", "mini_resnext_wsl")
IMAGES = ImageSet(("a", "b", "c", "d"), {}.__getitem__, "Test", "made in a test")


def followed(key, predicted, seconds):
    return Trajectory(get_spec(key), "cpu", tuple(trajectory([1] * 4, [[1] * 4, predicted])), seconds)


def of_one(key, **broken):
    from robust_core.attacks.checks import CHECKS

    attacked = followed(key, [1] * 4, 1.0)
    outcomes = tuple(CheckOutcome(check, attacked.threat, broken.get(check.key, ())) for check in CHECKS)
    return CheckedAttack(attacked, outcomes, wilson(4, 4), wilson(3, 4))


def test_a_row_for_each_check_and_a_column_for_each_model():
    checked = (
        of_one(KEYS[0], fgsm=(True, False, False, False), unbounded=(True,) * 4),
        of_one(KEYS[1], fgsm=(False,) * 4, unbounded=(True, False, True, True)),
    )
    table = table_of(AttackChecks(Provenance({}, None, {}), checked)).set_index("Check")
    assert list(table.columns) == ["Mini ResNeXt", "Mini ResNeXt WSL", "A ⚠ means", "Source"]
    assert table.loc["FGSM", "Mini ResNeXt"] == "⚠ 1 of 4 [4.6%, 69.9%]"
    assert table.loc["FGSM", "Mini ResNeXt WSL"] == "0 of 4 [0.0%, 49.0%]"
    assert table.loc["PGD without a limit"].tolist()[:2] == [
        "4 of 4 [51.0%, 100.0%]",
        "⚠ 3 of 4 [30.1%, 95.4%]",
    ]
    assert table.loc["Uniform noise (20 draws)", "Mini ResNeXt"] == "nothing left"


@pytest.mark.parametrize(("left", "others", "expected"), [(4, 0, 12.0), (2, 0, 6.0), (2, 1, 7.0), (0, 1, 0.0)])
def test_a_forecast_grows_with_what_is_left_and_with_the_sources(left, others, expected):
    """One step of 1 s: the loss and the ball once more, ten steps' worth of passes, and each of two sources again."""
    done = {KEYS[0]: followed(KEYS[0], [1] * left + [0] * (4 - left), 1.0)}
    specs = tuple(map(get_spec, KEYS))
    request = AttackChecksRequest(specs[:1], IMAGES, (threat(steps=1),), sources=specs[1 : 1 + others])
    assert forecast_seconds(request, done) == pytest.approx(expected)
