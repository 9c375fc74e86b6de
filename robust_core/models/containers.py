"""From whatever is wrapped around a network's weights to its plain state dict: one search instead of a list of
containers.

A checkpoint is a tree of mappings with tensors at its leaves. The tensors in one mapping are a `Group`. The search asks
of every group whether an architecture's keys are all in it behind one prefix, or behind several, each with the right
shape; what containers and prefixes are called does not matter. Whatever else is in the group must be another copy of
the network or of a kind that `LEFT_OUT` names, or the group is refused: half of a larger network would predict, and
wrongly.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from torch import Tensor

from robust_core.errors import WeightsUnavailable
from robust_core.models.repairs import dotted_dense_layers, efficientnet_lite
from robust_core.models.tensors import COUNTER, Stored, fault_of_form, join_pairs

Weights = Literal["plain", "ema"]
Shapes = Mapping[str, tuple[int, ...]]
Tensors = Mapping[str, Stored]

LONGEST_KEY = 300
DEEPEST = 200
MOST_PREFIXES = 4

# Wrappers that may be in the middle of keys, as DataParallel around AlexNet's `features` is in the files of
# pytorch/examples.
WRAPPERS = frozenset({"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module"})

# Of several copies the first is taken, by the names on the way to it; then those of other names; LAST where there is no
# other.
PREFERRED = (
    "state_dict",
    "model_state_dict",
    "model",
    "net",
    "network",
    "params",
    "module",
    "online",
    "encoder_q",
    "backbone",
    "encoder",
    "student",
)
LAST = ("attacker", "encoder_k", "momentum", "target", "teacher", "best", "optimizer")

# Names of weights that are averages over training: exponential moving ones, stochastic weight averaging.
AVERAGE = re.compile(r"(^|_)(ema|swa|averaged?|shadow|moving|polyak)(_|\d|$)|EMA|SWA")
NORMALISER = "a normaliser"
TOLD = {"ema": "averaged (EMA)", "plain": "plain"}


@dataclass(frozen=True)
class LeftOut:
    """Tensors beside a network that do not change its logits: `key` matches theirs, and they hold `most_numbers` at
    most.
    """

    key: str
    told: str
    most_numbers: int | None = None


LEFT_OUT = (
    LeftOut(r"(^|[._])(n_averaged|num_updates|global_step|step|epoch|queue_ptr|initted)$", "counters", most_numbers=1),
    LeftOut(r"(?<!running_)(mean|std)$", NORMALISER, most_numbers=3),
    LeftOut(r"(^|\.)(aux\d*|aux_?logits|aux_\w+|auxiliary\w*|AuxLogits)\.", "auxiliary heads"),
    LeftOut(r"(^|\.)(criterion|\w*loss\w*)\.", "a loss"),
    LeftOut(r"(^|\.)(\w*metrics?|\w*accuracy|\w*_acc|acc)\.", "metrics"),
    LeftOut(r"(^|\.)queue$", "the queue of contrastive training"),
)


@dataclass(frozen=True)
class Group:
    """The tensors that lie together in one mapping, and the names on the way to it."""

    path: tuple[str, ...]
    tensors: Tensors


@dataclass(frozen=True)
class Reading:
    """A state dict that was found in a group: under each of the architecture's keys the tensor behind one of
    `prefixes`.

    `left_out` is what else is in the group, other copies of the network apart; `renamed` says in words how the keys had
    to be changed.
    """

    path: tuple[str, ...]
    prefixes: tuple[str, ...]
    state: Tensors
    left_out: Tensors
    renamed: str
    is_average: bool

    @property
    def names(self) -> list[str]:
        """The names on the way to the state, containers and prefixes alike."""
        return [name for part in (*self.path, *self.prefixes) for name in part.split(".") if name]

    @property
    def is_whole(self) -> bool:
        """Whether all that is left out is known not to matter."""
        return all(left_out_as(key, stored) for key, stored in self.left_out.items())

    @property
    def place(self) -> str:
        """The way to the state: `from state_dict_ema, behind module.`, or `as plain` when nothing is wrapped around
        it.
        """
        path = self.path if len(self.path) < 5 else (*self.path[:2], "…", *self.path[-2:])
        behind = " and ".join(shown(prefix) for prefix in self.prefixes if prefix)
        parts = (f"from {'/'.join(map(shown, path))}" if path else "", behind and f"behind {behind}", self.renamed)
        return ", ".join(part for part in parts if part) or "as plain"


def groups_of(checkpoint: Any) -> list[Group]:
    """All groups of tensors in `checkpoint`, the outer before the inner; containers may hold each other in a circle."""
    groups: list[Group] = []
    seen: set[int] = set()
    nodes: list[tuple[tuple[str, ...], Any]] = [((), checkpoint)]
    for path, node in nodes:  # grows as it is walked
        if id(node) in seen or not isinstance(node, (Mapping, list, tuple)):
            continue
        seen.add(id(node))
        items = (
            list(node.items())
            if isinstance(node, Mapping)
            else [(f"item {place}", value) for place, value in enumerate(node, 1)]
        )
        # Of the class, and before anything else: what a pickle has hung onto a tensor stays behind.
        named = items if isinstance(node, Mapping) else []
        tensors = {
            key: Tensor.detach(value) for key, value in named if isinstance(key, str) and isinstance(value, Tensor)
        }
        groups += [Group(path, join_pairs(tensors))] if tensors else []
        if len(path) < DEEPEST:
            nodes += [
                ((*path, str(key)), value)
                for key, value in items
                if isinstance(key, (str, int)) and not isinstance(value, Tensor)
            ]
    return groups


def readings_of(groups: Sequence[Group], expected: Shapes) -> list[Reading]:
    """Every way in which one of `groups` holds tensors of all the expected shapes, the preferred first; see
    `Reading.is_whole`.
    """
    found = [reading for group in groups for reading in _readings(group, expected)]
    # its teacher is its average, any other teacher is another network
    if any("student" in reading.names for reading in found):
        found = [replace(reading, is_average=reading.is_average or "teacher" in reading.names) for reading in found]
    return sorted(found, key=_rank)


def choose(readings: Sequence[Reading], weights: Weights | None, file: str) -> tuple[Reading, str]:
    """The reading to take, and in words which it is and what is left; by default averaged weights before plain ones, as
    trainers evaluate.

    Raises WeightsUnavailable when `weights` names a kind that is not there.
    """
    kinds = {kind: [reading for reading in readings if reading.is_average == (kind == "ema")] for kind in TOLD}
    wanted = weights or ("ema" if kinds["ema"] else "plain")
    other = "plain" if wanted == "ema" else "ema"
    if not kinds[wanted]:
        place = kinds[other][0].place
        raise WeightsUnavailable(
            f"{file} holds no {TOLD[wanted]} weights that fit, only {TOLD[other]} ones (read {place}); choose {other}."
        )
    taken, *copies = kinds[wanted]
    told = [taken.place, "averaged (EMA) weights"] if taken.is_average else [taken.place]
    if kinds[other]:
        told.append(f"{TOLD[other]} weights are there too, {kinds[other][0].place}: --weights {other} takes them")
    if copies:
        told.append(f"another copy is there too, {copies[0].place}")
    return taken, "; ".join([*told, *_told_left_out(taken)])


def normaliser_of(reading: Reading) -> dict[str, list[float]]:
    """`mean` and `std` of the one normaliser that was left out of the network, in units of 0 to 1; empty without one,
    or with several.
    """
    found = {kind: _normalisers(reading.left_out, kind) for kind in ("mean", "std")}
    if any(len(those) != 1 for those in found.values()):
        return {}
    scale = 255 if max(found["std"][0]) > 1 else 1  # of a network whose pixels go from 0 to 255
    return {kind: [value / scale for value in values] for kind, (values,) in found.items()}


def _normalisers(left_out: Tensors, kind: str) -> list[list[float]]:
    own = [
        (key, stored)
        for key, stored in left_out.items()
        if key.endswith(kind) and left_out_as(key, stored) == NORMALISER and isinstance(stored, Tensor)
    ]
    numbers = {
        tuple(stored.double().flatten().tolist())
        for _, stored in own
        if stored.is_floating_point() and not fault_of_form(stored)
    }
    return [list(values) for values in numbers if len(values) in (1, 3)]


def left_out_as(key: str, stored: Stored) -> str | None:
    """Why the tensor does not belong to the network, in words; None when that is not known."""
    numbers = stored.shape.numel()
    if len(key) > LONGEST_KEY:  # no tensor's name, and long to match
        return None
    if numbers <= 1 and isinstance(stored, Tensor) and not stored.is_floating_point():
        return "counters"
    rows = (row for row in LEFT_OUT if re.search(row.key, key) and numbers <= (row.most_numbers or numbers))
    return next((row.told for row in rows), None)


def shown(name: str) -> str:
    """A name from a file as it can be shown: on one line, and not long."""
    return name if name.isprintable() and len(name) <= 80 else ascii(name[:80])


def _told_left_out(reading: Reading) -> Iterator[str]:
    keys = defaultdict(list)
    for key, stored in reading.left_out.items():
        kind = left_out_as(key, stored)
        keys[kind].append(shown(key) + (_numbers(stored) if kind == NORMALISER else ""))
    for kind, those in keys.items():
        yield f"left out: {kind} ({', '.join(those[:2])}{f' and {len(those) - 2:,} more' if len(those) > 2 else ''})"


def _numbers(stored: Stored) -> str:
    """The numbers of a normaliser, which say how the network wants its images."""
    if not isinstance(stored, Tensor) or not stored.is_floating_point() or fault_of_form(stored) or not stored.numel():
        return ""
    return f" = {' '.join(f'{value:.4g}' for value in stored.flatten().tolist())}"


def _rank(reading: Reading) -> tuple[bool, int, int, int]:
    """The smaller comes first."""
    unwanted = sum(name in LAST or name.startswith("best") for name in reading.names)
    preferred = min((PREFERRED.index(name) for name in reading.names if name in PREFERRED), default=len(PREFERRED))
    return not reading.is_whole, unwanted, preferred, len(reading.names)


def _readings(group: Group, expected: Shapes) -> list[Reading]:
    """By the group's own keys, or else by the first change of keys that helps."""
    # files from before PyTorch 0.4.1 have no counters
    required = [key for key in expected if not key.endswith(COUNTER)]
    for renamed, told in _RENAMINGS if len(group.tensors) >= len(required) else ():
        tensors = renamed(group.tensors)
        places = _places(tensors, expected)
        counts = Counter(prefix for key in required for prefix in places[key])
        whole = [prefix for prefix, count in counts.items() if count == len(required)]
        found = [{key: prefix for key in expected if prefix in places[key]} for prefix in whole]
        if not whole and all(places[key] for key in required):
            found = [_pieced_together(places, expected, counts.most_common(1)[0][0])]
        copies = {prefix + key for prefix in whole for key in expected}
        if any(found):
            return [_reading(group.path, tensors, places_taken, copies, told) for places_taken in found if places_taken]
    return []


def _places(tensors: Tensors, expected: Shapes) -> dict[str, list[str]]:
    """For every expected key the prefixes behind which a tensor of the right shape lies."""
    places = defaultdict(list)
    for key, stored in tensors.items():
        for end in ends_of(key):
            if expected.get(end) == tuple(stored.shape):
                places[end].append(key.removesuffix(end))
    return places


def ends_of(key: str) -> list[str]:
    """The key itself, and what is left of it after each dot."""
    return [key, *(key[dot.end() :] for dot in re.finditer(r"\.", key))] if len(key) <= LONGEST_KEY else []


def _pieced_together(places: Mapping[str, list[str]], expected: Shapes, prefix: str) -> dict[str, str]:
    """The prefix of every expected key: `prefix`, else the only other one; nothing when there are several others, or
    too many in all.
    """
    taken = {key: prefix if prefix in places[key] else places[key][0] for key in expected if places[key]}
    doubtful = any(place != prefix and len(places[key]) > 1 for key, place in taken.items())
    return {} if doubtful or len(set(taken.values())) > MOST_PREFIXES else taken


def _reading(
    path: tuple[str, ...], tensors: Tensors, places: Mapping[str, str], copies: set[str], renamed: str
) -> Reading:
    prefixes = tuple(dict.fromkeys(places.values()))
    used = {place + key for key, place in places.items()} | copies
    left = {key: stored for key, stored in tensors.items() if key not in used}
    counted = any(
        key.endswith("n_averaged") and prefixes[0].startswith(key.removesuffix("n_averaged")) for key in tensors
    )
    reading = Reading(
        path, prefixes, {key: tensors[place + key] for key, place in places.items()}, left, renamed, counted
    )
    return replace(reading, is_average=counted or any(AVERAGE.search(name) for name in reading.names))


def _without_wrappers(tensors: Tensors) -> Tensors:
    renamed = {
        ".".join(part for part in key.split(".") if part not in WRAPPERS): stored for key, stored in tensors.items()
    }
    return renamed if len(renamed) == len(tensors) else {}


def _of_old_densenet(tensors: Tensors) -> Tensors:
    return dotted_dense_layers(_without_wrappers(tensors))


def _of_efficientnet_pytorch(tensors: Tensors) -> Tensors:
    """Only behind a prefix that all keys have, since blocks are counted by their names."""
    stem = next((key for key in tensors if key.endswith("_conv_stem.weight")), "")
    prefix = stem.removesuffix("_conv_stem.weight")
    try:
        return efficientnet_lite({key.removeprefix(prefix): stored for key, stored in tensors.items()}) if stem else {}
    except (KeyError, ValueError, TypeError):
        return {}


def _with_bare_heads(tensors: Tensors) -> Tensors:
    """A linear layer that is the only one with weights in an nn.Sequential, as behind a dropout, under the name of that
    Sequential.
    """
    plain = _without_wrappers(tensors)
    layers = [match for key in plain if (match := _NUMBERED.fullmatch(key))]
    places = defaultdict(set)
    for match in layers:
        places[match["head"]].add(match[2])
    linear = {match["head"] for match in layers if len(places[match["head"]]) == 1 and len(plain[match[0]].shape) == 2}
    return {_bare(key, linear): stored for key, stored in plain.items()}


def _bare(key: str, heads: set[str]) -> str:
    match = _NUMBERED.fullmatch(key)
    return f"{match['head']}.{match[3]}" if match and match["head"] in heads else key


_NUMBERED = re.compile(r"(?P<head>.+)\.(\d+)\.(weight|bias)")

_RENAMINGS: tuple[tuple[Callable[[Tensors], Tensors], str], ...] = (
    (dict, ""),
    (_without_wrappers, "without wrappers' names in its keys"),
    (_of_old_densenet, "under today's names of DenseNet's layers"),
    (_of_efficientnet_pytorch, "under timm's names instead of efficientnet_pytorch's"),
    (_with_bare_heads, "with its head's linear layer out of an nn.Sequential"),
)
