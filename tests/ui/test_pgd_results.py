import pytest

from robust_core.curves import PictureSet, Trajectory
from robust_core.models.catalogue import get_spec
from robust_core.ui.pgd_controls import Protocol
from robust_core.ui.pgd_results import as_table
from robust_core.ui.pgd_runs import Run
from tests.attacks.steps import trajectory
from tests.attacks.threats import threat

SPECS = (get_spec("mini_resnext"), get_spec("mini_resnext_wsl"))
PICTURES = PictureSet(("a", "b"), ("A", "B"), "made in a test", False, {}.__getitem__)


def table_of(reading: str, **changes):
    done = {
        "mini_resnext": Trajectory("mini_resnext", "cpu", tuple(trajectory([3, 4], [[3, 4], [9, 4], [3, 4]], known=[True, False])), 1.0),
        "mini_resnext_wsl": Trajectory("mini_resnext_wsl", "cpu", tuple(trajectory([3, 4], [[0, 4], [0, 4], [0, 5]])), 1.0),
    }
    return as_table(Run(SPECS, PICTURES, Protocol(threat(steps=2, **changes), reading)), done)


def test_one_row_for_each_model_step_and_picture():
    table = table_of("last_iterate")
    assert len(table) == 2 * 3 * 2
    assert not table.duplicated(["model", "step", "picture"]).any()
    assert table.isna().sum().sum() == 0
    row = table.query("model == 'mini_resnext' and step == 1 and picture == 'a'").iloc[0]
    assert (row.label, row.true_label, row.true_label_known) == (9, 3, True)


@pytest.mark.parametrize(("reading", "expected"), [("last_iterate", [1, 0.5, 1]), ("worst_so_far", [1, 0.5, 0.5])])
def test_the_reading_decides_what_counts(reading, expected):
    table = table_of(reading).query("model == 'mini_resnext'")
    assert table.groupby("step").counts_as_correct.mean().tolist() == expected


def test_the_attack_stands_in_every_row():
    table = table_of("last_iterate", eps=0.06, seed=9)
    assert set(table.eps) == {0.06}
    assert set(table.seed) == {9}
    assert set(table.norm) == {"linf"}
    assert set(table.reading) == {"last_iterate"}
