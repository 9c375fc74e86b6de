import subprocess
import sys

import pytest

import robust_core.models
from robust_core.errors import UnknownName
from robust_core.models import catalogue, get_spec, list_models
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.catalogue import TABLE
from robust_core.models.imports import import_file
from robust_core.models.registry import REGISTRY
from tests.models.weight_files import TWO_LAYERS, row_of, saved, some_state

pytestmark = pytest.mark.usefixtures("weights_folder")


def test_imports_come_after_the_table(tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "two_layers", TWO_LAYERS)
    saved(tmp_path, some_state())
    table = list_models()
    assert table[: len(TABLE)] == TABLE
    second = import_file(tmp_path / "saved.pth", "two_layers", "a_second", "Second")
    first = import_file(tmp_path / "saved.pth", "two_layers", "a_first", "First")
    assert list_models() == (*table, first, second)
    assert get_spec("a_second") == second


def test_a_row_of_the_table_counts_more_than_an_earlier_import(tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "two_layers", TWO_LAYERS)
    saved(tmp_path, some_state())
    import_file(tmp_path / "saved.pth", "two_layers", "later", "Mine")
    later = row_of("https://example.invalid/later.pth", key="later")
    monkeypatch.setattr(catalogue, "TABLE", (later,))
    assert list_models() == (later,)


def test_keys_and_file_names_are_unique():
    rows = list_models()
    assert len({row.key for row in rows}) == len(rows)
    assert len({row.weights.name for row in rows}) == len(rows)


def test_every_row_is_found_by_its_key():
    assert all(get_spec(row.key) == row for row in REGISTRY)


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(UnknownName, match="no model called 'resnet5O'; the nearest are resnet50"):
        get_spec("resnet5O")


def test_the_door_opens_what_it_names_and_does_not_import_torch():
    assert all(callable(getattr(robust_core.models, name)) for name in robust_core.models.__all__)
    code = "import sys, robust_core.models; sys.exit('torch' in sys.modules or 'streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_load_hands_over_to_loading(monkeypatch):
    import robust_core.models.loading

    monkeypatch.setattr(robust_core.models.loading, "load", lambda key, device: (key, device))
    assert robust_core.models.load("resnet50", "cpu") == ("resnet50", "cpu")
