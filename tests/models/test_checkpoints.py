import os
import pickle
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from robust_core.errors import WeightsUnavailable
from robust_core.models.checkpoints import extract_state, is_safetensors, read_checkpoint
from robust_core.models.repairs import data_parallel, madry_lab, plain
from tests.anything import bounded, made_or_refused
from tests.audit import outside
from tests.models.weight_files import saved, some_state


def same(left, right) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in right)


class CreatesAFile:
    """Unpickling this creates the file at `path`."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_both_formats_of_torch(tmp_path, zipped):
    path = tmp_path / "weights.anything"
    torch.save(some_state(), path, _use_new_zipfile_serialization=zipped)
    assert same(read_checkpoint(path), some_state())


def test_the_zip_format_is_mapped_and_not_copied(tmp_path):
    """What is written into the file afterwards shows in a tensor that nobody has read yet."""
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.full((4096,), 3.0)}, path)
    weight = read_checkpoint(path)["weight"]
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(content.replace(np.float32(3).tobytes(), np.float32(5).tobytes()))
    assert torch.equal(weight, torch.full((4096,), 5.0))


def test_safetensors_by_content_and_in_the_type_that_the_file_holds(tmp_path):
    path = tmp_path / "weights.pth"
    half = {key: tensor.half() for key, tensor in some_state().items()}
    save_file(half, path)
    assert is_safetensors(path)
    assert same(read_checkpoint(path), half)


def test_a_torch_file_under_the_name_of_safetensors_is_refused(tmp_path):
    """torch.load itself goes by this ending, so the sentence is the best that can be had."""
    path = tmp_path / "weights.safetensors"
    torch.save(some_state(), path)
    assert not is_safetensors(path)
    with pytest.raises(WeightsUnavailable, match="weights.safetensors cannot be read"):
        read_checkpoint(path)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_code_in_a_file_is_refused_and_not_run(tmp_path, zipped):
    trap, path = tmp_path / "trap", tmp_path / "hostile.pth"
    torch.save({"weight": torch.zeros(1), "extra": CreatesAFile(trap)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsUnavailable, match="hostile.pth was refused: .* code from a weight file is never run"):
        read_checkpoint(path)
    assert not trap.exists()
    torch.load(path, weights_only=False)["extra"].close()
    assert trap.exists(), "the trap itself is broken"


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")
def test_a_bare_pickle_is_refused_and_not_run(tmp_path):
    trap, path = tmp_path / "trap", tmp_path / "hostile.pth"
    path.write_bytes(pickle.dumps(CreatesAFile(trap)))
    with pytest.raises(WeightsUnavailable):
        read_checkpoint(path)
    assert not trap.exists()


def test_a_whole_module_is_refused(tmp_path):
    path = tmp_path / "module.pth"
    torch.save(torch.nn.Linear(2, 2), path)
    with pytest.raises(WeightsUnavailable, match="save its state_dict alone"):
        read_checkpoint(path)


def damaged_files() -> dict[str, bytes]:
    noise = np.random.default_rng(0).bytes(5000)
    return {
        "empty": b"",
        "noise": noise,
        "text": b"<html>log in first</html>",
        "zip magic alone": b"PK\x03\x04" + noise,
        "safetensors header alone": (100).to_bytes(8, "little") + b"{" + noise,
        "pickle cut short": pickle.dumps({"a": 1})[:-3],
    }


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")
@pytest.mark.parametrize("content", damaged_files().values(), ids=damaged_files().keys())
def test_damaged_files_are_told_in_a_sentence(tmp_path, content):
    path = tmp_path / "damaged.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsUnavailable, match="^damaged.pth "):
        read_checkpoint(path)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_files_cut_anywhere_are_refused(tmp_path, zipped):
    content = saved(tmp_path, some_state(), _use_new_zipfile_serialization=zipped)
    path = tmp_path / "cut.pth"
    for size in range(0, len(content) - 1, 97):
        path.write_bytes(content[:size])
        with pytest.raises(WeightsUnavailable):
            read_checkpoint(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(WeightsUnavailable):
        read_checkpoint(tmp_path / "none.pth")


def test_containers_are_opened_by_their_repair_alone():
    wrapped = {"epoch": 3, "state_dict": {f"module.{key}": tensor for key, tensor in some_state().items()}}
    assert same(extract_state(wrapped, data_parallel), some_state())
    assert extract_state(wrapped, plain) is None
    assert extract_state(wrapped, madry_lab) is None


NO_STATES = (
    {},
    [],
    3,
    None,
    {"weight": 3},
    {3: torch.zeros(1)},
    {"state_dict": 3},
    {"state_dict": {"weight": torch.zeros(1)}},
)


@pytest.mark.parametrize("checkpoint", NO_STATES, ids=str)
@pytest.mark.parametrize("repair", [plain, data_parallel, madry_lab])
def test_what_is_no_state_dict_is_none(checkpoint, repair):
    assert extract_state(checkpoint, repair) is None


class Calls:
    """Unpickling this calls `function` with `arguments`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


PAYLOADS = {
    "a shell": Calls(os.system, "true"),
    "a program": Calls(subprocess.check_output, ["true"]),
    "code as text": Calls(exec, "raise SystemExit"),
    "a file": Calls(os.open, "/dev/null", os.O_WRONLY),
    "an attribute": Calls(getattr, Path, "cwd"),
    "torch's own loader": Calls(torch.load, "/dev/null"),
}
PLACES = {
    "beside the weights": lambda payload: some_state() | {"extra": payload},
    "inside a container": lambda payload: {"state_dict": some_state(), "args": [(payload,)]},
    "as a key": lambda payload: {(1, payload): torch.zeros(1)},
    "alone": lambda payload: payload,
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_code_in_a_file_does_anything(tmp_path, payload, place, zipped):
    path = tmp_path / "hostile.pth"
    torch.save(PLACES[place](PAYLOADS[payload]), path, _use_new_zipfile_serialization=zipped)
    with outside() as done, pytest.raises(WeightsUnavailable, match="^hostile.pth "):
        read_checkpoint(path)
    assert done == []


@pytest.mark.parametrize("payload", ["a shell", "a program", "a file"])
def test_the_record_would_show_it(payload):
    with outside() as done:
        pickle.loads(pickle.dumps(PAYLOADS[payload]))
    assert done


def whole_files() -> list[bytes]:
    with TemporaryDirectory() as place:
        path = Path(place, "weights")
        save_file(some_state(), path)
        torch_files = [
            saved(Path(place), some_state(), _use_new_zipfile_serialization=zipped) for zipped in (True, False)
        ]
        return [path.read_bytes(), *torch_files]


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")
@bounded
@given(
    data=st.sampled_from(whole_files()),
    edits=st.lists(st.tuples(st.integers(-600, 900), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_mutated_file_is_refused_or_read_and_runs_nothing(data, edits):
    mutated = bytearray(data)
    for position, value in edits:
        mutated[position % len(mutated)] = value
    with TemporaryDirectory() as place:
        path = Path(place, "mutated.pth")
        path.write_bytes(mutated)
        with outside() as done:
            made_or_refused(read_checkpoint, path)
        assert done == []
