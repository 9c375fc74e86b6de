"""Everything that a page sends to the browser (AppTest), word by word."""

import json
from collections.abc import Iterator

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest


def messages(node) -> Iterator[Message]:
    """The message of every element and every container at or below `node` of the page's tree."""
    if isinstance(proto := getattr(node, "proto", None), Message):
        yield proto
    for child in getattr(node, "children", {}).values():
        yield from messages(child)


def strings(message: Message, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in `message` with the names of the fields that lead to it; bytes are read as text where they are
    some.
    """
    place = f"{place}.{message.DESCRIPTOR.name}"
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from strings(one, f"{place}.{field.name}")
            elif isinstance(one, str | bytes):
                yield f"{place}.{field.name}", one if isinstance(one, str) else one.decode(errors="ignore")


def all_strings(app: AppTest) -> list[tuple[str, str]]:
    """Every text that the page has sent and its place, such as ".Alert.body"."""
    return [found for message in messages(app._tree) for found in strings(message)]


def in_charts(app: AppTest) -> list[str]:
    """Every word that Plotly draws; what it is told beside the figure, such as the words for a screen reader, is not
    among them.
    """
    found = []
    for place, text in all_strings(app):
        if place.endswith("BidiComponent.json") and "traces" in (data := json.loads(text)):
            found += _words([data["traces"], data["layout"]])
    return found


def _words(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _words(part)
