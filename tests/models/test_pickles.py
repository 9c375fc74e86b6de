"""Pickles are looked through and never trusted: what stands in for objects beside the weights does nothing, and bombs
are refused unread.
"""

import argparse
import codecs
import datetime
import os
import pickle
import subprocess
import threading
import types
import zipfile
from collections import OrderedDict, defaultdict, deque
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.errors import WeightsUnavailable
from robust_core.models import pickles
from robust_core.models.checkpoints import read_checkpoint
from robust_core.models.pickles import Beside, TooLarge, look_through
from tests.audit import outside
from tests.models.weight_files import behind, classifier_state, same, saved

STATE = classifier_state()


codecs.lookup("latin1")  # its first import would be recorded as code that ran


def assert_nothing_is_let_in_any_more() -> None:
    """PyTorch's list is the process's own; other modules may have put names of theirs there."""
    ours = {id(stand_in) for stand_in in pickles._STAND_INS.values()}
    assert not [
        entry for entry in torch.serialization.get_safe_globals() if isinstance(entry, tuple) and id(entry[0]) in ours
    ]


class Config:
    """An object that no reader knows."""


class Calls:
    """Unpickling this calls `function` with `arguments`, and then sets `state`."""

    def __init__(self, function, *arguments, state=None):
        self.call = (function, arguments, state) if state else (function, arguments)

    def __reduce__(self):
        return self.call


BESIDE = {
    "Namespace": argparse.Namespace(lr=0.1, inner=argparse.Namespace(a=1)),
    "SimpleNamespace": types.SimpleNamespace(a=1),
    "NumPy scalar": np.float64(70.1),
    "NumPy integer": np.int64(3),
    "NumPy array": np.arange(5.0),
    "NumPy array of objects": np.array([1, "a", None], dtype=object),
    "NumPy type": np.float32,
    "path": Path("/data"),
    "date": datetime.datetime(2026, 1, 2),
    "defaultdict": defaultdict(list, a=[1]),
    "deque": deque([1, 2], maxlen=3),
    "type": int,
    "range": range(3),
    "generator": np.random.get_state()[1],
    "version": torch.__version__,
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("thing", BESIDE.values(), ids=BESIDE)
def test_what_scripts_keep_beside_the_weights_is_let_in_as_something_that_does_nothing(tmp_path, thing, zipped):
    saved(
        tmp_path,
        {"state_dict": STATE, "args": thing, "log": [(thing,)], "epoch": 3},
        _use_new_zipfile_serialization=zipped,
    )
    with outside() as done:
        read = read_checkpoint(tmp_path / "saved.pth")
    assert done == []
    assert same(read["state_dict"], STATE)
    assert read["epoch"] == 3
    assert isinstance(read["args"], (Beside, OrderedDict, list, type)), "not the thing itself"
    assert not getattr(read["args"], "__dict__", {}) or isinstance(read["args"], type)
    assert_nothing_is_let_in_any_more()


def hostile(trap: Path) -> dict[str, object]:
    """What would run if a name that is let in were the real thing, or if a name beside it were."""
    return {
        "a call in a Namespace": argparse.Namespace(a=Calls(os.system, f"touch {trap}")),
        "a call in an array of objects": np.array([Calls(os.system, f"touch {trap}")], dtype=object),
        "the state of a Namespace": Calls(
            argparse.Namespace, state={"__class__": Config, "x": Calls(exec, f"open({str(trap)!r}, 'w')")}
        ),
        "a program": [Calls(subprocess.check_output, ["touch", str(trap)])],
        "an attribute of what is let in": Calls(getattr, Path, "cwd"),
        "a default": defaultdict(subprocess.getoutput, a=1),
    }


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", hostile(Path()))
def test_nothing_runs_beside_or_inside_what_is_let_in(tmp_path, name, zipped):
    trap = tmp_path / "trap"
    saved(tmp_path, {"state_dict": STATE, "args": hostile(trap)[name]}, _use_new_zipfile_serialization=zipped)
    with outside() as done, pytest.raises(WeightsUnavailable, match="code from a weight file is never run"):
        read_checkpoint(tmp_path / "saved.pth")
    assert done == []
    assert not trap.exists()


def test_what_is_called_or_set_of_a_stand_in_is_dropped(tmp_path):
    """By their real names: an object array's scalar would be unpickled by NumPy, a Namespace would take any
    attribute.
    """
    scalar = Calls(np._core.multiarray.scalar, np.dtype(object), pickle.dumps(Calls(os.system, "true")))
    space = Calls(argparse.Namespace, state=({"a": 1}, {"__class__": dict, "__setstate__": int}))
    saved(tmp_path, {"state_dict": STATE, "args": [scalar, space]})
    with outside() as done:
        read = read_checkpoint(tmp_path / "saved.pth")["args"]
    assert done == []
    assert [type(thing).__mro__[1] for thing in read] == [Beside, Beside]
    assert [vars(thing) for thing in read] == [{}, {}]


def test_many_threads_read_at_once_and_leave_the_list_empty(tmp_path):
    saved(tmp_path, {"state_dict": STATE, "args": argparse.Namespace(a=1), "best": np.float64(1)})
    wrong = []

    def read() -> None:
        for _ in range(20):
            if not same(read_checkpoint(tmp_path / "saved.pth")["state_dict"], STATE):
                wrong.append("other tensors")

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert_nothing_is_let_in_any_more()


SAVE_ANEW = 'checkpoint = torch.load("saved.pth", weights_only=False); torch.save('
FOREIGN = {
    "an object": (
        {"state_dict": STATE, "config": Config()},
        f"a {__name__}.Config object beside its weights",
        'checkpoint["state_dict"]',
    ),
    "under another name": (
        {"model": STATE, "config": Config()},
        f"a {__name__}.Config object beside its weights",
        'checkpoint["model"]',
    ),
    "among the weights": (STATE | {"config": Config()}, f"a {__name__}.Config object beside its weights", "checkpoint"),
    "a network": (
        nn.Linear(2, 2),
        "a whole network (torch.nn.modules.linear.Linear) and not its weights alone",
        "checkpoint.state_dict()",
    ),
    "a wrapped network": (
        nn.DataParallel(nn.Linear(2, 2)),
        "a whole network (torch.nn.parallel.data_parallel.DataParallel)",
        "checkpoint.state_dict()",
    ),
    "a network in a dict": (
        {"epoch": 3, "model": nn.Linear(2, 2)},
        "a whole network",
        'checkpoint["model"].state_dict()',
    ),
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize(("checkpoint", "what", "weights"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_not_let_in_is_named_with_the_python_that_saves_the_weights_anew(
    tmp_path, checkpoint, what, weights, zipped
):
    saved(tmp_path, checkpoint, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsUnavailable) as caught:
        read_checkpoint(tmp_path / "saved.pth")
    assert str(caught.value).startswith(f"saved.pth was refused: it holds {what}")
    assert str(caught.value).endswith(f'save its state_dict alone: {SAVE_ANEW}{weights}, "weights.pth").')


def test_another_pickle_protocol_is_named(tmp_path):
    saved(tmp_path, STATE, pickle_protocol=4)
    with pytest.raises(
        WeightsUnavailable, match="saved with pickle protocol 4; save it again with torch.save and no pickle_protocol."
    ):
        read_checkpoint(tmp_path / "saved.pth")


@pytest.mark.parametrize(
    "checkpoint",
    [{"state_dict": {key: tensor.numpy() for key, tensor in STATE.items()}}, {"big": np.zeros(20_000_000, np.uint8)}],
)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_weights_as_numpy_arrays_say_so(tmp_path, weights_folder, monkeypatch, checkpoint, zipped):
    from robust_core.models.architectures import ARCHITECTURES
    from robust_core.models.imports import import_file
    from tests.models.weight_files import CLASSIFIER

    monkeypatch.setitem(ARCHITECTURES, "classifier", CLASSIFIER)
    monkeypatch.setattr(pickles, "MOST_BYTES", 16 << 20)
    saved(tmp_path, checkpoint, _use_new_zipfile_serialization=zipped)
    with pytest.raises(
        WeightsUnavailable, match="saved.pth holds NumPy arrays instead of tensors; convert each with torch.from_numpy"
    ):
        import_file(tmp_path / "saved.pth", "classifier", "mine", "Mine")


def test_names_and_texts_are_told_without_looking_anything_up():
    contents = look_through(pickle.dumps([{"state_dict": 1}, Config(), np.float32, int, 10**400], 2))
    assert contents.names[:2] == (f"{__name__}.Config", "numpy.float32")
    assert "builtins.int" in contents.names, "and not long, which Python 2 calls it"
    assert "state_dict" in contents.texts
    assert (contents.protocol, contents.starts_with_name, contents.is_network) == (2, False, False)


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x02", pickle.dumps({"a": 1}, 2)[:-1], b"\x80\x02X\xff\xff\xff\x7fabc."]
)
def test_a_pickle_that_is_cut_short_is_a_value_error(content):
    with pytest.raises(ValueError):
        look_through(content)


def test_more_pickles_than_there_are_is_a_value_error():
    two = pickle.dumps(1, 2) * 2
    assert look_through(two, 2).names == ()
    with pytest.raises(ValueError):
        look_through(two, 3)


def test_a_pickle_of_too_many_steps_is_too_large(monkeypatch):
    monkeypatch.setattr(pickles, "MOST_STEPS", 100)
    assert look_through(b"\x80\x02]" + b"Na" * 48 + b".")
    with pytest.raises(TooLarge, match="more than 100 steps"):
        look_through(b"\x80\x02]" + b"Na" * 49 + b".")


def test_a_pickle_that_copies_a_text_again_and_again_is_too_large():
    text = b"X" + (10_000_000).to_bytes(4, "little") + b"a" * 10_000_000 + b"q\x00"
    copies = b"c_codecs\nencode\nh\x00X\x05\x00\x00\x00utf-8\x86R" * 30
    with pytest.raises(TooLarge, match="copies a text of 10,000,000 bytes"):
        look_through(b"\x80\x02" + text + copies + b".")
    assert look_through(b"\x80\x02" + text + b".")


def test_prefixed_weights_in_an_ordinary_checkpoint_need_no_stand_ins(tmp_path):
    saved(
        tmp_path,
        {
            "state_dict": OrderedDict(behind("module.", STATE)),
            "optimizer": torch.optim.SGD([torch.zeros(1)], 0.1).state_dict(),
        },
    )
    with zipfile.ZipFile(tmp_path / "saved.pth") as archive:
        assert look_through(archive.read("saved/data.pkl")).admitted == []
