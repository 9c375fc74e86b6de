"""Tensors that are stored in other ways than plainly: made plain exactly, or refused by name."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils import parametrizations, prune, weight_norm

from robust_core.errors import WeightsUnavailable
from robust_core.models.checkpoints import read_checkpoint, write_safetensors
from robust_core.models.containers import groups_of
from robust_core.models.tensors import Parts, join_pairs, notes, plain_state
from tests.models.weight_files import classifier, classifier_state, same, saved

EXPECTED = classifier_state()


def plain(state: dict, expected=EXPECTED) -> dict[str, torch.Tensor]:
    return plain_state(state, expected, "file.pth")


def stored(tmp_path, state: dict) -> dict:
    """The state as it comes back from a file."""
    saved(tmp_path, state)
    return groups_of(read_checkpoint(tmp_path / "saved.pth"))[0].tensors


def each(change, state=EXPECTED) -> dict:
    return {key: change(tensor) if tensor.is_floating_point() else tensor for key, tensor in state.items()}


def quantised(tensor: torch.Tensor) -> torch.Tensor:
    return torch.quantize_per_tensor(tensor, 0.25, 3, torch.qint8)


def by_channel(tensor: torch.Tensor) -> torch.Tensor:
    return torch.quantize_per_channel(
        tensor, torch.linspace(0.1, 1, len(tensor)), torch.zeros(len(tensor)), 0, torch.quint8
    )


def blocks(tensor: torch.Tensor) -> torch.Tensor:
    """In two dimensions, as layouts of rows and blocks want it; `plain` is asked before its shape is."""
    return tensor.reshape(len(tensor), -1)


def spread(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.flatten()[:1].clone().expand(tensor.shape)


# How a tensor may be stored, and what it means, by torch's own definition.
EXACT = {
    "float32": (lambda tensor: tensor, lambda tensor: tensor, []),
    "float16": (torch.Tensor.half, torch.Tensor.half, []),
    "bfloat16": (torch.Tensor.bfloat16, torch.Tensor.bfloat16, []),
    "float64": (torch.Tensor.double, torch.Tensor.double, ["8 tensors of float64 (computed in float32)"]),
    "float8": (
        lambda tensor: tensor.to(torch.float8_e4m3fn),
        lambda tensor: tensor.to(torch.float8_e4m3fn).float(),
        [],
    ),
    "one value": (spread, spread, []),
    "turned": (
        lambda tensor: tensor.flip(0).flip(0).movedim(0, -1).contiguous().movedim(-1, 0),
        lambda tensor: tensor,
        [],
    ),
    "a part": (lambda tensor: torch.stack([tensor, tensor])[1], lambda tensor: tensor, []),
    "negated in thought": (lambda tensor: torch.complex(tensor, -tensor).conj().imag, lambda tensor: tensor, []),
    "a parameter": (nn.Parameter, lambda tensor: tensor, []),
}


@pytest.mark.parametrize(("store", "meaning", "told"), EXACT.values(), ids=EXACT)
def test_what_is_stored_otherwise_is_made_plain_exactly(tmp_path, store, meaning, told):
    state = stored(tmp_path, each(store))
    made = plain(state)
    assert same(made, each(meaning))
    assert notes(state.values()) == told
    assert all(tensor.is_contiguous() and type(tensor) is torch.Tensor for tensor in made.values())
    write_safetensors(tmp_path / "made.safetensors", made)
    assert same(load_file(tmp_path / "made.safetensors"), made)


def test_what_safetensors_itself_writes_is_the_same_but_for_the_header(tmp_path):
    types = (
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
    )
    state = {str(kind): torch.arange(6).reshape(2, 3).to(kind) for kind in types} | {
        "number": torch.tensor(7),
        "nothing": torch.zeros(0, 3),
    }
    write_safetensors(tmp_path / "made", state)
    loaded = load_file(tmp_path / "made")
    assert same(loaded, state)
    assert [tensor.dtype for tensor in loaded.values()] == [state[key].dtype for key in loaded]


def test_a_full_disk_is_told():
    with pytest.raises(OSError, match="No space left"):
        write_safetensors(Path("/dev/full"), {"a": torch.zeros(100_000)})


def reparametrised(change) -> tuple[dict, dict]:
    """The state of a network that `change` has stored in parts, and the weights with which it computes."""
    torch.manual_seed(0)
    network = classifier().eval()
    change(network)
    network(torch.rand(1, 3, 8, 8))
    computed = {"conv1.weight": network.conv1.weight, "fc.weight": network.fc.weight}
    return dict(network.state_dict()), {key: tensor.detach().clone() for key, tensor in computed.items()}


def pruned(network):
    prune.l1_unstructured(network.conv1, "weight", 0.5)
    prune.random_structured(network.fc, "weight", 0.5, dim=0)


def normed(make):
    def change(network):
        make(network.conv1)
        make(network.fc, dim=None)

    return change


PARTS = {
    "pruned": (pruned, "2 tensors pruned (mask multiplied in)"),
    "weight norm": (normed(weight_norm), "2 tensors weight-normalised (put together)"),
    "parametrised weight norm": (normed(parametrizations.weight_norm), "2 tensors weight-normalised (put together)"),
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(("change", "told"), PARTS.values(), ids=PARTS)
def test_parts_are_put_together_as_torch_does(tmp_path, change, told):
    state, computed = reparametrised(change)
    assert not state.keys() >= EXPECTED.keys()
    made = stored(tmp_path, state)
    assert notes(made.values()) == [told]
    made = plain(made)
    assert made.keys() == EXPECTED.keys()
    assert all(torch.equal(made[key], tensor) for key, tensor in computed.items())


def test_parts_have_the_shape_of_the_whole_and_compute_nothing():
    huge = torch.zeros(1).expand(10**13)
    joined = join_pairs({"fc.weight_orig": huge, "fc.weight_mask": huge, "fc.bias": torch.zeros(7)})
    assert joined.keys() == {"fc.weight", "fc.bias"}
    assert isinstance(joined["fc.weight"], Parts)
    assert joined["fc.weight"].shape == (10**13,)


@pytest.mark.parametrize(
    "names", [("a_orig", "a"), ("a_orig", "b_mask"), ("a_g",), ("a_orig", "a_u", "a_v"), ("a", "a_orig", "a_mask")]
)
def test_what_is_no_pair_stays_as_it_is(names):
    state = {name: torch.zeros(2) for name in names}
    assert join_pairs(state) == state


def test_a_buffer_in_two_parts_is_put_together_too():
    key = next(key for key in EXPECTED if key.endswith("running_mean"))
    halves = {f"{key}_orig": EXPECTED[key] + 3, f"{key}_mask": torch.ones_like(EXPECTED[key])}
    made = plain(join_pairs({name: tensor for name, tensor in EXPECTED.items() if name != key} | halves))
    assert torch.equal(made[key], EXPECTED[key] + 3)
    counter = next(key for key in EXPECTED if key.endswith("num_batches_tracked"))
    halves = {f"{counter}_orig": torch.tensor(7), f"{counter}_mask": torch.tensor(1)}
    made = plain(join_pairs({name: tensor for name, tensor in EXPECTED.items() if name != counter} | halves))
    assert made.get(counter, torch.tensor(7)) == 7


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {"fc.weight_orig": torch.zeros(7, 4), "fc.weight_mask": torch.zeros(7, 1)},
            "fc.weight its mask has another shape",
        ),
        (
            {"fc.weight_v": torch.zeros(7, 4), "fc.weight_g": torch.zeros(7, 4)},
            "fc.weight its length and direction do not belong together",
        ),
        (
            {"fc.weight_v": torch.zeros(7, 4), "fc.weight_g": torch.zeros(3, 1)},
            "fc.weight its length and direction do not belong together",
        ),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(parts, words):
    state = {key: tensor for key, tensor in EXPECTED.items() if key != "fc.weight"} | parts
    with pytest.raises(WeightsUnavailable, match=f"file.pth was refused: {words}."):
        plain(join_pairs(state))


REFUSED = {
    "NaN": (
        lambda tensor: torch.full_like(tensor, torch.nan),
        "holds NaN (not a number): its training diverged, or the file is damaged; take",
    ),
    "one NaN": (lambda tensor: tensor.masked_fill(tensor == tensor.max(), torch.nan), "holds NaN (not a number)"),
    "infinity": (lambda tensor: torch.full_like(tensor, torch.inf), "holds infinity"),
    "minus infinity": (lambda tensor: torch.full_like(tensor, -torch.inf), "holds infinity"),
    "NaN in half precision": (lambda tensor: torch.full_like(tensor, torch.nan).half(), "holds NaN"),
    "beyond float32": (lambda tensor: torch.full_like(tensor, 1e300, dtype=torch.float64), "holds infinity"),
    "int8": (
        lambda tensor: tensor.to(torch.int8),
        "is int8, not float: which floats are meant cannot be known; save the weights as floats",
    ),
    "int64": (lambda tensor: tensor.long(), "is int64, not float"),
    "bool": (lambda tensor: tensor.bool(), "is bool, not float"),
    "complex": (lambda tensor: tensor.to(torch.complex64), "is complex64, not float"),
    "sparse": (torch.Tensor.to_sparse, "is sparse (sparse_coo), not dense: save it as tensor.to_dense()."),
    "sparse of blocks": (lambda tensor: blocks(tensor).to_sparse_bsr(1), "is sparse (sparse_bsr), not dense"),
    "sparse by rows": (lambda tensor: blocks(tensor).to_sparse_csr(), "is sparse (sparse_csr), not dense"),
    "sparse int8": (lambda tensor: tensor.ceil().to(torch.int8).to_sparse(), "is sparse (sparse_coo), not dense"),
    "quantised": (
        quantised,
        "is quantised (qint8), not float: import the float network that it was made from.",
    ),
    "quantised by channel": (by_channel, "is quantised (quint8), not float"),
    "meta": (lambda tensor: tensor.to("meta"), "has a shape but no values (it was saved on the meta device)"),
}


@pytest.mark.filterwarnings("ignore:torch.quantize_per", "ignore:Sparse", "ignore:Validating sparse")
@pytest.mark.parametrize("key", ["conv1.weight", "bn1.running_mean", "fc.bias"])
@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_number_or_no_float_is_refused_with_its_name(tmp_path, key, change, words):
    with pytest.raises(WeightsUnavailable) as caught:
        plain(stored(tmp_path, EXPECTED | {key: change(EXPECTED[key])}))
    assert str(caught.value).startswith(f"file.pth was refused: {key} {words}")


@pytest.mark.filterwarnings("ignore:torch.quantize_per", "ignore:Validating sparse")
@pytest.mark.parametrize("change", [torch.Tensor.to_sparse, quantised, lambda tensor: tensor.to("meta")])
@pytest.mark.parametrize("names", [("fc.weight_orig", "fc.weight_mask"), ("fc.weight_v", "fc.weight_g")])
def test_neither_part_of_a_tensor_may_be_of_another_form(names, change):
    weight = EXPECTED["fc.weight"]
    parts = {names[0]: weight, names[1]: torch.ones(len(weight), 1) if names[1].endswith("_g") else weight}
    for name in names:
        state = {key: tensor for key, tensor in EXPECTED.items() if key != "fc.weight"} | parts
        with pytest.raises(WeightsUnavailable, match=r"fc.weight (is sparse|is quantised|has a shape but no values)"):
            plain(join_pairs(state | {name: change(parts[name])}))


def test_a_counter_is_no_complex_number_nor_sparse():
    for counter in (
        torch.tensor(5, dtype=torch.complex64),
        torch.tensor(5).to_sparse(),
        torch.tensor(5, device="meta"),
    ):
        with pytest.raises(WeightsUnavailable, match=r"bn1.num_batches_tracked (is complex64|is sparse|has a shape)"):
            plain(EXPECTED | {"bn1.num_batches_tracked": counter})


def test_a_variance_is_not_negative():
    with pytest.raises(WeightsUnavailable, match="bn1.running_var holds negative values, which no variance has"):
        plain(EXPECTED | {"bn1.running_var": torch.tensor([1.0, 1.0, -1e-3, 1.0])})
    assert plain(EXPECTED | {"bn1.running_mean": torch.full((4,), -1.0)})


COUNTERS = {
    "int32": (torch.tensor(5, dtype=torch.int32), torch.tensor(5)),
    "half precision, exact": (torch.tensor(5.0).half(), torch.tensor(5)),
    "half precision, overflown": (torch.tensor(torch.inf).half(), None),
    "a fraction": (torch.tensor(0.5), None),
}


@pytest.mark.parametrize(("counter", "kept"), COUNTERS.values(), ids=COUNTERS)
def test_batch_counters_are_kept_where_they_are_whole(counter, kept):
    made = plain(EXPECTED | {"bn1.num_batches_tracked": counter}).get("bn1.num_batches_tracked")
    assert made is None if kept is None else torch.equal(made, kept)


def test_a_table_of_places_must_be_whole_numbers():
    expected = {"relative_position_index": torch.zeros(4, dtype=torch.int64)}
    assert torch.equal(
        plain({"relative_position_index": torch.arange(4.0)}, expected)["relative_position_index"], torch.arange(4)
    )
    with pytest.raises(WeightsUnavailable, match="relative_position_index is float32, not int64"):
        plain({"relative_position_index": torch.full((4,), 0.5)}, expected)
