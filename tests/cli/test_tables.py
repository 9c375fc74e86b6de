import pytest

from robust_core.cli.tables import percents, write_table
from robust_core.intervals import wilson
from tests.cli.tables import read_rows


def test_a_table_has_the_columns_of_all_rows_and_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "table.csv"
    write_table(path, [{"model": "a", "n": 3}, {"model": "b, c", "top1_percent": None}])
    assert path.read_text(encoding="utf-8") == 'model,n,top1_percent\na,3,\n"b, c",,\n'
    write_table(path, [{"model": "ε"}])
    assert read_rows(path) == [{"model": "ε"}]
    assert [one.name for one in path.parent.iterdir()] == ["table.csv"]


def test_a_row_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, [{"model": "a"}])
    with pytest.raises(UnicodeEncodeError):
        write_table(path, [{"model": "\ud800"}])
    assert read_rows(path) == [{"model": "a"}]


def test_without_a_path_nothing_is_written():
    write_table(None, [{"model": "a"}])


def test_a_share_is_its_columns_in_percent_and_the_method():
    interval = wilson(3, 4)
    assert percents("top1", interval) == {
        "top1_percent": 75,
        "top1_low_percent": 100 * interval.low,
        "top1_high_percent": 100 * interval.high,
        "top1_interval": "Wilson",
    }
    assert set(percents("top1", None).values()) == {None}
