"""A user's own class list, read from the kinds of file that people have: lines, or JSON as torchvision and Keras write
it.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robust_core.errors import BadInput
from robust_core.labels import CLASSES, IMAGENET, LabelSpace, own_label_space

MAX_BYTES = 5 * 2**20
MAX_CLASSES = 100_000
LONGEST_NAME = 80

_WNID = re.compile(r"(n\d{8})\b")
_NUMBERED = re.compile(r"(\d+)\s*[:,;\t ]\s*(\S.*)")
EXPECTED = 'one class per line in the order of the logits, or JSON: a list, {"0": name, …} or {name: 0, …}'


def read_label_space(path: Path | str) -> LabelSpace:
    """The label space in the file at `path`, called after the file; ImageNet itself where the classes are its 1,000 in
    order.

    A class is a name or a WordNet id, one per line (perhaps behind its index), or in JSON. Raises BadInput for anything
    else.
    """
    path = Path(path).expanduser()
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path.name} is larger than {MAX_BYTES // 2**20} MB, too large for a list of classes.")
        return label_space(path.read_bytes(), path.name)
    except OSError as error:
        raise BadInput(f"The class list {path.name} cannot be read: {error.strerror}.") from error


def label_space(data: bytes, name: str) -> LabelSpace:
    """As `read_label_space`, from the bytes of a file called `name`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not text in UTF-8; expected {EXPECTED}.") from error
    classes = _from_json(text, name) if text.lstrip()[:1] in ("[", "{") else _from_lines(text, name)
    if not 2 <= len(classes) <= MAX_CLASSES:
        listed = "1 class" if len(classes) == 1 else f"{len(classes):,} classes"
        raise BadInput(f"{name} lists {listed}; expected 2 to {MAX_CLASSES:,}.")
    for place, one in enumerate(classes):
        if not one or len(one) > LONGEST_NAME or not one.isprintable():
            raise BadInput(
                f"Class {place} in {name} is {one[:LONGEST_NAME]!r}; expected a name of 1 to {LONGEST_NAME} printable "
                "characters."
            )
    own = own_label_space(Path(name).stem[:LONGEST_NAME] or "Own classes", classes)
    return IMAGENET if own.imagenet == IMAGENET.imagenet or own.names == tuple(row.name for row in CLASSES) else own


def _from_lines(text: str, name: str) -> list[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    if "" in lines:
        raise BadInput(f"Line {lines.index('') + 1} of {name} is empty; expected {EXPECTED}.")
    numbered = [match for line in lines if (match := _NUMBERED.fullmatch(line))]
    if (
        lines
        and len(numbered) == len(lines)
        and [int(match[1]) - int(numbered[0][1]) for match in numbered] == list(range(len(lines)))
        and int(numbered[0][1]) < 2
    ):
        lines = [match[2] for match in numbered]
    return [_wnid_or_name(line) for line in lines]


def _from_json(text: str, name: str) -> list[str]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} begins like JSON and is none ({error}); expected {EXPECTED}.") from error
    classes = _in_order(content) if isinstance(content, Mapping) else content
    if classes is None or not all(isinstance(one, str) for one in map(_first_of_a_list, classes)):
        raise BadInput(f"{name} is JSON of another kind; expected {EXPECTED}.")
    return [_wnid_or_name(_first_of_a_list(one).strip()) for one in classes]


def _in_order(content: Mapping) -> list | None:
    """The classes of {"0": name, …} (Hugging Face's id2label, Keras's class index) or {name: 0, …} (class_to_idx); None
    for other objects.
    """
    if all(key.isdecimal() for key in content):
        by_index = {int(key): one for key, one in content.items()}
    elif all(type(index) is int for index in content.values()):
        by_index = {index: name for name, index in content.items()}
    else:
        return None
    whole = len(by_index) == len(content) and set(by_index) == set(range(len(by_index)))
    return [by_index[index] for index in range(len(by_index))] if whole else None


def _first_of_a_list(one: Any) -> Any:
    """Keras writes ["n01440764", "tench"]."""
    return one[0] if isinstance(one, list) and one else one


def _wnid_or_name(text: str) -> str:
    """The WordNet id where a line begins with one, as in "n01440764 tench, Tinca tinca"."""
    begins = _WNID.match(text)
    return begins[1] if begins else text
