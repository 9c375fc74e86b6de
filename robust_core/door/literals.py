"""Values and calls as people write them in Python."""

import json
from collections.abc import Mapping
from typing import Any

from robust_core.attacks.threat import in_255ths, pixel_units

WIDTH = 100  # of a line in a notebook's cell


class Code(str):
    """An expression, which is written as it is."""


def literal(value: Any) -> str:
    """`value` as an expression, texts in double quotes."""
    if isinstance(value, Code):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(one)}" for key, one in value.items()) + "}"
    return repr(value)


def call(name: str, given: tuple[Any, ...], options: Mapping[str, Any], before: str = "", indent: str = "") -> str:
    """`before` and the call of a function; an argument on each line where one line would be too long."""
    arguments = [*map(literal, given), *(f"{key}={literal(value)}" for key, value in options.items())]
    line = f"{indent}{before}{name}({', '.join(arguments)})"
    if len(line) <= WIDTH or not arguments:
        return line
    return "\n".join((f"{indent}{before}{name}(", *(f"{indent}    {one}," for one in arguments), f"{indent})"))


def length(value: float) -> str | float:
    """A length in pixel units such as "4/255" where that is exactly it and shorter than the number, else the number."""
    text = in_255ths(value)
    return text if len(text) < len(repr(value)) and pixel_units(text) == value else value


def only(value: list[Any]) -> Any:
    """The only one of a list, or the list."""
    return value[0] if len(value) == 1 else value


def _text(value: str) -> str:
    """In double quotes, as JSON writes it too; what cannot be seen is escaped."""
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
