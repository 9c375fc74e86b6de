import pytest

from robust_core.data.image_set import ImageSet
from robust_core.models.catalogue import get_spec
from robust_core.studies.attack_curve import Trajectory
from robust_core.ui.pgd_steps.attack_controls import Protocol
from robust_core.ui.pgd_steps.attack_jobs import AttackRun
from robust_core.ui.pgd_steps.below_curves import result_of_run
from tests.attacks.steps import trajectory
from tests.attacks.threats import threat

SPECS = (get_spec("mini_resnext"), get_spec("mini_resnext_wsl"))
IMAGES = ImageSet(("a", "b"), {}.__getitem__, "Test", "made in a test", names=("A", "B"))


def followed(model_key, attacked, labels, predicted, **options):
    return Trajectory(
        get_spec(model_key), "cpu", tuple(trajectory(labels, predicted, threat_model=attacked, **options)), 1.0
    )


def table_by_image(run, done):
    return result_of_run(run, done).by_image()


def table_of(rule: str, **changes):
    attacked = threat(steps=2, **changes)
    done = {
        "mini_resnext": (followed("mini_resnext", attacked, [3, 4], [[3, 4], [9, 4], [3, 4]], known=[True, False]),),
        "mini_resnext_wsl": (followed("mini_resnext_wsl", attacked, [3, 4], [[0, 4], [0, 4], [0, 5]]),),
    }
    return table_by_image(AttackRun(SPECS, IMAGES, Protocol((attacked,), rule)), done)


def test_one_row_for_each_model_step_and_image():
    table = table_of("last_iterate")
    assert len(table) == 2 * 3 * 2
    assert not table.duplicated(["model", "step", "image"]).any()
    assert table.isna().sum().sum() == 0
    row = table.query("model == 'mini_resnext' and step == 1 and image == 'a'").iloc[0]
    assert (row.label, row.true_label, row.true_label_known) == (9, 3, True)


@pytest.mark.parametrize(("rule", "expected"), [("last_iterate", [1, 0.5, 1]), ("any_step_so_far", [1, 0.5, 0.5])])
def test_the_scoring_rule_decides_what_counts(rule, expected):
    table = table_of(rule).query("model == 'mini_resnext'")
    assert table.groupby("step").counts_as_correct.mean().tolist() == expected


def test_the_attack_stands_in_every_row():
    table = table_of("last_iterate", eps=0.06, seed=9)
    assert set(table.eps) == {0.06}
    assert set(table.seed) == {9}
    assert set(table.norm) == {"linf"}
    assert set(table.scoring) == {"last_iterate"}


def test_every_eps_has_its_rows_and_a_target_its_column():
    threats = tuple(threat(steps=1, eps=eps / 255, aim="chosen") for eps in (1, 4))
    of_one = {
        spec.key: tuple(followed(spec.key, attacked, [3, 4], [[3, 4], [7, 4]], targets=[7, 7]) for attacked in threats)
        for spec in SPECS
    }
    table = table_by_image(AttackRun(SPECS, IMAGES, Protocol(threats, "last_iterate", by_eps=True, target=7)), of_one)
    assert table.groupby("eps").size().to_dict() == {1 / 255: 8, 4 / 255: 8}
    assert set(table.target) == {7}
