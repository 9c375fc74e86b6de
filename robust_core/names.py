"""Names as people write them: "GradCAM", "Grad-CAM" and "grad_cam" are one."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from robust_core.errors import BadInput, UnknownName

Key = TypeVar("Key", bound=str)


def find(kind: str, name: str, titles: Mapping[Key, str]) -> Key:
    """The key among `titles` (title by key) that `name` means: a key or a title, whatever its case, spaces and
    punctuation.

    Raises UnknownName where there is none, and BadInput, naming all, where a title is that of several.
    """
    exact = next((key for key in titles if key == name), None)
    if exact is not None:
        return exact
    for spelled in ({plain(key): [key] for key in titles}, _by_title(titles)):
        found = spelled.get(plain(str(name)), [])
        if len(found) > 1:
            raise BadInput(f"{name!r} is the title of several: {', '.join(found)}; expected one of these keys.")
        if found:
            return found[0]
    raise UnknownName(kind, str(name), titles)


def containing(words: str, texts: Iterable[str]) -> list[str]:
    """Those of `texts` that are `words`, however written; where none is, those that have `words` in them as whole
    words.
    """
    texts = list(texts)
    exact = [text for text in texts if plain(text) == plain(words)]
    runs = re.findall(r"[^\W\d_]+|\d+", words.casefold())
    if exact or not runs:
        return exact
    pattern = re.compile(r"(?<![^\W_])" + r"[\W_]*".join(map(re.escape, runs)) + r"(?![^\W_])")
    return [text for text in texts if pattern.search(text.casefold())]


def plain(name: str) -> str:
    """Letters and digits alone, in lower case."""
    return re.sub(r"[\W_]", "", name.casefold())


def _by_title(titles: Mapping[Key, str]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key, title in titles.items():
        found.setdefault(plain(title), []).append(key)
    return found
