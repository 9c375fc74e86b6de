import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from robust_core.errors import BadInput, UnknownName, WeightsUnavailable
from robust_core.events import last
from robust_core.models import imports, weights
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.catalogue import get_spec
from robust_core.models.imports import FAMILY, forget, import_file, imported
from robust_core.models.records import read_record
from robust_core.models.registry import REGISTRY
from tests.models.weight_files import TWO_LAYERS, saved, sha256, some_state

pytestmark = pytest.mark.usefixtures("weights_folder")


@pytest.fixture(autouse=True)
def small_architecture(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "two_layers", TWO_LAYERS)


@pytest.fixture
def file(tmp_path):
    saved(tmp_path, some_state())
    return tmp_path / "saved.pth"


def behind(prefix: str) -> dict[str, torch.Tensor]:
    return {prefix + key: tensor for key, tensor in some_state().items()}


def test_an_import_is_a_row_like_any_other(file, weights_folder):
    row = import_file(file, "two_layers", "mine", " My own ")
    assert imported() == (row,)
    assert (row.key, row.title, row.family, row.published) == ("mine", "My own", FAMILY, None)
    assert row.weights.sha256 == sha256(file.read_bytes())
    assert row.weights.bytes == file.stat().st_size
    assert not weights.downloadable(row)
    path = weights.find(row)
    assert path == weights_folder / "mine.pth"
    assert path.read_bytes() == file.read_bytes()
    assert last(weights.verify(row)).sha256 == row.weights.sha256
    assert all(torch.equal(weights.read_state(row, path)[key], tensor) for key, tensor in some_state().items())


@pytest.mark.parametrize(
    ("checkpoint", "repair"),
    [
        (some_state(), "plain"),
        ({"epoch": 1, "state_dict": behind("module.")}, "data_parallel"),
        ({"model": behind("module.model.") | behind("module.attacker.model.")}, "madry_lab"),
    ],
    ids=["plain", "data_parallel", "madry_lab"],
)
def test_the_container_is_found_out(tmp_path, checkpoint, repair):
    saved(tmp_path, checkpoint, _use_new_zipfile_serialization=False)
    assert import_file(tmp_path / "saved.pth", "two_layers", "mine", "Mine").repair.__name__ == repair


def test_the_copy_is_named_after_what_it_holds(tmp_path, weights_folder):
    save_file(some_state(), tmp_path / "weights.bin")
    import_file(tmp_path / "weights.bin", "two_layers", "mine", "Mine")
    assert (weights_folder / "mine.safetensors").is_file()


def test_the_record_says_where_the_weights_came_from(file, weights_folder):
    import_file(file, "two_layers", "mine", "Mine")
    record = read_record(weights_folder / "imported" / "mine.json")
    assert record["imported_from"] == "saved.pth"
    assert (record["architecture"], record["repair"], record["file"]) == ("two_layers", "plain", "mine.pth")
    assert str(file.parent) not in str(record)


def test_forgetting_deletes_row_and_copy_and_keeps_the_original(file, weights_folder):
    import_file(file, "two_layers", "mine", "Mine")
    forget("mine")
    assert imported() == ()
    assert file.is_file()
    assert [path.name for path in weights_folder.rglob("*") if path.is_file()] == ["digests.json"]
    assert read_record(weights_folder / "digests.json") == {}
    import_file(file, "two_layers", "mine", "Mine again")


def test_removing_the_copy_takes_the_row_along(file):
    weights.remove(import_file(file, "two_layers", "mine", "Mine"))
    assert imported() == ()


@pytest.mark.parametrize("key", ["mine", REGISTRY[0].key])
def test_only_imports_can_be_forgotten(key):
    with pytest.raises(UnknownName):
        forget(key)


@pytest.mark.parametrize("key", ["", "Mine", "my own", "my-own", "../mine", "_mine", "m" * 65, "mine\n", "größe"])
def test_a_key_that_cannot_be(file, key):
    with pytest.raises(BadInput, match="A key is"):
        import_file(file, "two_layers", key, "Mine")


def test_a_key_that_is_taken(file):
    import_file(file, "two_layers", "mine", "Mine")
    for key in (REGISTRY[0].key, "mine"):
        with pytest.raises(BadInput, match=f"called {key} already"):
            import_file(file, "two_layers", key, "Mine")


@pytest.mark.parametrize("title", ["", "  ", "two\nlines", "x" * 81])
def test_a_title_that_cannot_be(file, title):
    with pytest.raises(BadInput, match="A title is"):
        import_file(file, "two_layers", "mine", title)


def test_an_unknown_architecture_names_the_nearest(file):
    with pytest.raises(UnknownName, match="resnet50"):
        import_file(file, "resnet5", "mine", "Mine")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="no file called none.pth"):
        import_file(tmp_path / "none.pth", "two_layers", "mine", "Mine")


def test_a_file_of_another_architecture_says_what_does_not_fit_and_what_would(tmp_path, weights_folder):
    saved(tmp_path, {"state_dict": {f"module.{key}": tensor for key, tensor in ARCHITECTURES["squeezenet1_1"].build().state_dict().items()}})
    with pytest.raises(WeightsUnavailable) as caught:
        import_file(tmp_path / "saved.pth", "squeezenet1_0", "mine", "Mine")
    assert str(caught.value) == (
        "saved.pth does not fit squeezenet1_0: missing keys: 12 (first features.5.squeeze.weight), unexpected keys: 12 "
        "(first features.6.squeeze.weight), other shapes: 10 (first features.0.weight: (64, 3, 3, 3) instead of (96, 3, 7, 7)); "
        "it would fit squeezenet1_1."
    )
    assert list(weights_folder.iterdir()) == []


def test_a_file_that_fits_nothing(tmp_path):
    saved(tmp_path, {"weight": torch.zeros(3)})
    with pytest.raises(WeightsUnavailable, match="it fits no architecture of the table"):
        import_file(tmp_path / "saved.pth", "two_layers", "mine", "Mine")


def test_a_file_without_a_state_dict(tmp_path):
    saved(tmp_path, {"epoch": 3})
    with pytest.raises(WeightsUnavailable, match="no state dict in a known container"):
        import_file(tmp_path / "saved.pth", "two_layers", "mine", "Mine")


def test_a_disk_that_fills_up_leaves_nothing(file, weights_folder, monkeypatch):
    def fill(source, target):
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", fill)
    with pytest.raises(WeightsUnavailable, match="No space left on device"):
        import_file(file, "two_layers", "mine", "Mine")
    assert list(weights_folder.iterdir()) == []


@pytest.mark.parametrize("content", ['{"cut', "{}", '{"title": "x", "architecture": "gone", "repair": "plain"}'])
def test_a_record_that_cannot_be_used_is_passed_over(file, weights_folder, content):
    row = import_file(file, "two_layers", "mine", "Mine")
    (weights_folder / "imported" / "broken.json").write_text(content)
    assert imported() == (row,)


REAL = {
    "squeezenet1_0_deepcompression-23354a22.pth": ("squeezenet1_0", "plain"),
    "mobilenet_v2_tfslim_qat-9ede40be.pth": ("mobilenet_v2", "plain"),
    "mobilenet_v2_tfslim_qat.safetensors": ("mobilenet_v2", "plain"),
    "containers/squeezenet1_0_dataparallel_legacy.pth.tar": ("squeezenet1_0", "data_parallel"),
    "containers/squeezenet1_0_madrylab_style.ckpt": ("squeezenet1_0", "madry_lab"),
}


@pytest.mark.skipif("ROBUST_LAB_TEST_DATA" not in os.environ, reason="needs ROBUST_LAB_TEST_DATA, the folder of real files")
@pytest.mark.parametrize(("name", "architecture", "repair"), [(name, *expected) for name, expected in REAL.items()], ids=REAL)
def test_real_files(name, architecture, repair):
    row = import_file(Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "weights" / name, architecture, "mine", name)
    assert row.repair.__name__ == repair
    assert get_spec("mine") == row
    state = weights.read_state(row, weights.find(row))
    row.architecture.build().load_state_dict(state, strict=True)


def test_the_module_is_light():
    """The table of models must not cost an import of torch; see also tests/test_layers.py."""
    assert not hasattr(imports, "torch")
