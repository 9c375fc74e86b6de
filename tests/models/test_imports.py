import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from robust_core.errors import BadInput, UnknownName, WeightsUnavailable
from robust_core.events import result_of
from robust_core.models import checkpoints, imports, weights
from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.catalogue import get_spec
from robust_core.models.import_records import FAMILY
from robust_core.models.imports import forget, import_file, imported
from robust_core.models.records import read_record, write_record
from robust_core.models.registry import REGISTRY
from robust_core.models.repairs import plain
from tests.models.weight_files import (
    CLASSIFIER,
    TWO_LAYERS,
    behind,
    classifier_state,
    how_read,
    same,
    saved,
    sha256,
    some_state,
    two_layers,
)

pytestmark = pytest.mark.usefixtures("weights_folder")


@pytest.fixture(autouse=True)
def small_architecture(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "two_layers", TWO_LAYERS)
    monkeypatch.setitem(ARCHITECTURES, "classifier", CLASSIFIER)


@pytest.fixture
def file(tmp_path):
    saved(tmp_path, some_state())
    return tmp_path / "saved.pth"


def test_an_import_is_a_row_like_any_other(file, weights_folder):
    row = import_file(file, "two_layers", "mine", " My own ")
    assert imported() == (row,)
    assert (row.key, row.title, row.family, row.published) == ("mine", "My own", FAMILY, None)
    assert not weights.downloadable(row)
    path = weights.find(row)
    assert path == weights_folder / "mine.safetensors"
    assert row.weights.sha256 == sha256(path.read_bytes())
    assert row.weights.bytes == path.stat().st_size
    assert path.stat().st_mode & 0o044 == file.stat().st_mode & 0o044, "as readable as any file"
    assert result_of(weights.verify(row)).sha256 == row.weights.sha256
    assert all(torch.equal(weights.read_state(row, path)[key], tensor) for key, tensor in some_state().items())


@pytest.mark.parametrize(
    ("checkpoint", "read"),
    [
        (some_state(), "as plain"),
        ({"epoch": 1, "state_dict": behind("module.", some_state())}, "from state_dict, behind module."),
        (
            {"model": behind("module.model.", some_state()) | behind("module.attacker.model.", some_state())},
            "from model, behind module.model.; another copy is there too, from model, behind module.attacker.model.",
        ),
    ],
    ids=["plain", "data_parallel", "madry_lab"],
)
def test_the_container_is_found_out_and_what_is_stored_is_plain(tmp_path, weights_folder, checkpoint, read):
    saved(tmp_path, checkpoint, _use_new_zipfile_serialization=False)
    row = import_file(tmp_path / "saved.pth", "two_layers", "mine", "Mine")
    assert (how_read("mine"), row.repair) == (read, plain)
    assert same(load_file(weights_folder / "mine.safetensors"), some_state())
    assert row.note == f"Your own file, read {read}. Preprocessing: ImageNet's standard."


def test_the_record_says_where_the_weights_came_from(file, weights_folder):
    import_file(file, "two_layers", "mine", "Mine")
    record = read_record(weights_folder / "imported" / "mine.json")
    assert record["imported_from"] == "saved.pth"
    assert (record["architecture"]["name"], record["repair"], record["file"]) == (
        "two_layers",
        "plain",
        "mine.safetensors",
    )
    assert (record["original_sha256"], record["original_bytes"]) == (sha256(file.read_bytes()), file.stat().st_size)
    assert record["sha256"] == sha256((weights_folder / "mine.safetensors").read_bytes())
    assert record["read"] == "as plain"
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


def test_a_folder(tmp_path):
    with pytest.raises(BadInput, match="is a folder; import the weight file inside it"):
        import_file(tmp_path, "two_layers", "mine", "Mine")


def test_a_file_of_another_architecture_says_what_does_not_fit_and_what_would(tmp_path, weights_folder):
    saved(
        tmp_path,
        {
            "state_dict": {
                f"module.{key}": tensor for key, tensor in ARCHITECTURES["squeezenet1_1"].build().state_dict().items()
            }
        },
    )
    with pytest.raises(WeightsUnavailable) as caught:
        import_file(tmp_path / "saved.pth", "squeezenet1_0", "mine", "Mine")
    assert str(caught.value) == (
        "saved.pth does not fit squeezenet1_0: missing keys: 12 (first features.5.squeeze.weight), unexpected keys: 12 "
        "(first features.6.squeeze.weight), other shapes: 10 (first features.0.weight: (64, 3, 3, 3) instead of (96, "
        "3, 7, 7)); "
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
    def fill(path, state):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "write_safetensors", fill)
    with pytest.raises(WeightsUnavailable, match="No space left on device"):
        import_file(file, "two_layers", "mine", "Mine")
    assert list(weights_folder.iterdir()) == []


@pytest.mark.parametrize("content", ['{"cut', "{}", '{"title": "x", "architecture": "gone", "repair": "plain"}'])
def test_a_record_that_cannot_be_used_is_passed_over(file, weights_folder, content):
    row = import_file(file, "two_layers", "mine", "Mine")
    (weights_folder / "imported" / "broken.json").write_text(content)
    assert imported() == (row,)


OLD_RECORDS = {
    "plain": some_state(),
    "data_parallel": {"epoch": 1, "state_dict": behind("module.", some_state())},
    "madry_lab": {"model": behind("module.model.", some_state()) | behind("module.attacker.model.", some_state())},
}


@pytest.mark.parametrize(("repair", "checkpoint"), OLD_RECORDS.items(), ids=OLD_RECORDS)
def test_copies_and_records_of_before_are_read_as_they_are(tmp_path, weights_folder, repair, checkpoint):
    content = saved(tmp_path, checkpoint)
    (weights_folder / "old.pth").write_bytes(content)
    record = {
        "file": "old.pth",
        "sha256": sha256(content),
        "bytes": len(content),
        "architecture": "two_layers",
        "repair": repair,
    }
    write_record(
        weights_folder / "imported" / "old.json",
        record | {"title": "Old", "imported_from": "x.pth", "date": "2026-01-02"},
    )
    (row,) = imported()
    assert (row.repair.__name__, how_read("old")) == (repair, "as it is")
    assert same(weights.read_state(row, weights.find(row)), some_state())
    assert row.note == "Your own file. Preprocessing: assumed to be ImageNet's standard."


BROKEN = {
    "NaN": (
        classifier_state() | {"fc.bias": torch.full((7,), torch.nan)},
        "saved.pth was refused: fc.bias holds NaN (not a number)",
    ),
    "int8": (
        {key: tensor.to(torch.int8) for key, tensor in classifier_state().items()},
        "saved.pth was refused: conv1.weight is int8, not float",
    ),
    "overflow": (
        {key: tensor * 1e38 if tensor.is_floating_point() else tensor for key, tensor in classifier_state().items()},
        "Mine was not imported: its predictions for a gray image are not finite",
    ),
}


@pytest.mark.parametrize(("state", "words"), BROKEN.values(), ids=BROKEN)
def test_weights_that_cannot_predict_are_refused_and_leave_nothing(tmp_path, weights_folder, state, words):
    saved(tmp_path, state)
    with pytest.raises(WeightsUnavailable) as caught:
        import_file(tmp_path / "saved.pth", "classifier", "mine", "Mine")
    assert str(caught.value).startswith(words)
    assert list(weights_folder.iterdir()) == []


def test_a_network_that_cannot_predict_at_the_size_of_its_images_is_refused(file, weights_folder, monkeypatch):
    class Wrong(nn.Sequential):
        def forward(self, pixels):
            raise AssertionError(f"Input height ({pixels.shape[2]}) does not match model (336).")

    architecture = replace(TWO_LAYERS, build=lambda: Wrong(*two_layers()))
    monkeypatch.setitem(ARCHITECTURES, "two_layers", architecture)
    with pytest.raises(
        WeightsUnavailable,
        match=r"two_layers with these weights cannot predict at 224 px \(Input height \(224\) does not match",
    ):
        import_file(file, "two_layers", "mine", "Mine")
    assert list(weights_folder.iterdir()) == []


REAL = {
    "squeezenet1_0_deepcompression-23354a22.pth": ("squeezenet1_0", "as plain"),
    "mobilenet_v2_tfslim_qat-9ede40be.pth": ("mobilenet_v2", "as plain"),
    "mobilenet_v2_tfslim_qat.safetensors": ("mobilenet_v2", "as plain"),
    "containers/squeezenet1_0_dataparallel_legacy.pth.tar": ("squeezenet1_0", "from state_dict, behind module."),
    "containers/squeezenet1_0_madrylab_style.ckpt": ("squeezenet1_0", "from model, behind module.model."),
}


@pytest.mark.skipif(
    "ROBUST_LAB_TEST_DATA" not in os.environ, reason="needs ROBUST_LAB_TEST_DATA, the folder of real files"
)
@pytest.mark.parametrize(
    ("name", "architecture", "read"), [(name, *expected) for name, expected in REAL.items()], ids=REAL
)
def test_real_files(name, architecture, read):
    row = import_file(Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "weights" / name, architecture, "mine", name)
    assert how_read("mine").startswith(read)
    assert get_spec("mine") == row
    state = weights.read_state(row, weights.find(row))
    row.architecture.build().load_state_dict(state, strict=True)


def test_the_module_is_light():
    """The table of models must not cost an import of torch; see also tests/test_layers.py."""
    assert not hasattr(imports, "torch")


def test_a_head_behind_a_dropout_is_the_linear_layer_in_it(tmp_path, weights_folder):
    state = classifier_state()
    headed = {key.replace("fc.", "fc.1."): tensor for key, tensor in state.items()}
    saved(tmp_path, behind("module.", headed))
    row = import_file(tmp_path / "saved.pth", "classifier", "mine", "Mine")
    assert same(load_file(weights_folder / "mine.safetensors"), state)
    assert "with its head's linear layer out of an nn.Sequential" in row.note


def test_a_head_of_two_layers_is_not_taken_for_one(tmp_path):
    state = classifier_state()
    headed = {key.replace("fc.", "fc.3."): tensor for key, tensor in state.items()} | {
        "fc.0.weight": torch.eye(4),
        "fc.0.bias": torch.zeros(4),
    }
    saved(tmp_path, headed)
    with pytest.raises(WeightsUnavailable, match="does not fit classifier"):
        import_file(tmp_path / "saved.pth", "classifier", "mine", "Mine")


@pytest.mark.parametrize(
    ("mean", "std", "expected"),
    [
        ([0.0] * 3, [1.0] * 3, ((0.0,) * 3, (1.0,) * 3)),
        ([0.5], [0.25], ((0.5,) * 3, (0.25,) * 3)),
        ([127.5] * 3, [51.0] * 3, ((0.5,) * 3, (0.2,) * 3)),  # of pixels from 0 to 255
    ],
)
def test_a_normaliser_in_the_file_says_how_images_are_prepared(tmp_path, mean, std, expected):
    state = {"0.mean": torch.tensor(mean).view(1, -1, 1, 1), "0.std": torch.tensor(std).view(1, -1, 1, 1)} | behind(
        "1.", classifier_state()
    )
    saved(tmp_path, state)
    row = import_file(tmp_path / "saved.pth", "classifier", "mine", "Mine")
    assert (row.preprocess.mean, row.preprocess.std) == expected
    assert "but for mean, std" in row.note
    asked = import_file(tmp_path / "saved.pth", "classifier", "asked", "Asked", changes={"mean": [0.1], "std": [0.9]})
    assert (asked.preprocess.mean, asked.preprocess.std) == ((0.1,) * 3, (0.9,) * 3)
