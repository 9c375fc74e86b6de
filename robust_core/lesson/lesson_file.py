"""Lessons as TOML files: `read` says in which line which field is wrong, `written` gives the text of a lesson."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields
from pathlib import Path
from typing import Any, NoReturn

from robust_core.errors import BadInput
from robust_core.lesson.bets import BETS, Bet
from robust_core.lesson.scenes import Lesson, Scene, State

SHIPPED = Path(__file__).with_name("is_it_robust.toml")
MOST_BYTES = 256 * 1024
SCENE_BEGINS = re.compile(r"^\s*\[\[\s*scene\s*\]\]", re.MULTILINE)
EXPECTED = {str: "text", int: "a whole number", float: "a number", tuple: "a list", dict: "a table"}
KINDS: Mapping[str, type] = {  # of the values of a file; others are text
    "minutes": int,
    "state": dict,
    "bet": dict,
    "published": tuple,
    "options": tuple,
    "right": object,  # by the kind of bet
    "low": float,
    "high": float,
    "step": float,
    "within": float,
    "count": int,
    "shown_ms": int,
    "seed": int,
}


def read(content: bytes) -> Lesson:
    """The lesson of a file. Raises BadInput, with the line and the field, for what is no lesson."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"A lesson's file has at most {MOST_BYTES // 1024} KiB; got {len(content) / 1024:,.0f} KiB.")
    try:
        text = content.decode()
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(f"Line {line} is no UTF-8 text; expected a lesson as TOML.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"This is no TOML: {str(error)[:200] or 'too deeply nested'}.") from error
    return _lesson(table, text)


def shipped_lesson() -> Lesson:
    """The lesson that comes with the project: “Is it robust?”, twelve scenes in 60 minutes."""
    return read(SHIPPED.read_bytes())


def written(lesson: Lesson) -> str:
    """The lesson as TOML, which `read` takes back."""
    import tomli_w

    scenes = [_plain(scene) for scene in lesson.scenes]
    about = {"about": lesson.about} if lesson.about else {}
    return tomli_w.dumps({"title": lesson.title, **about, "scene": scenes})


def _plain(scene: Scene) -> dict[str, Any]:
    """A scene as a table, without what it does not say."""
    bet = {"kind": scene.bet.kind} | {
        field.name: value
        for field in fields(scene.bet)  # type: ignore[arg-type]  # every kind of bet is a dataclass
        if (value := getattr(scene.bet, field.name)) != field.default
    }
    said = {name: value for name, value in asdict(scene).items() if name not in ("bet", "state") and value}
    state = {name: list(values) for name, values in scene.state.items()}
    return said | {"bet": bet} | ({"state": state} if state else {})


def _lesson(table: Mapping[str, Any], text: str) -> Lesson:
    scenes = table.get("scene", [])
    if not isinstance(scenes, list) or not all(isinstance(one, dict) for one in scenes):
        _refuse(text, None, "scene", "scenes are tables that begin with [[scene]]")
    _check_names(table, {"title", "about", "scene"}, text, None)
    said = {name: _value(table, name, text, None) for name in ("title", "about") if name in table}
    if "title" not in said:
        raise BadInput('The lesson has no title; expected a line such as title = "Is it robust?".')
    found = tuple(_scene(one, text, number) for number, one in enumerate(scenes))
    try:
        return Lesson(scenes=found, **said)
    except BadInput as error:
        _refuse(text, None, "scene" if "scene" in str(error) else "title", str(error))


def _scene(table: Mapping[str, Any], text: str, number: int) -> Scene:
    _check_names(table, {field.name for field in fields(Scene)}, text, number)
    _require(table, fields(Scene), text, number)
    values = {name: _value(table, name, text, number) for name in table if name not in ("bet", "state")}
    bet = _bet(_value(table, "bet", text, number), text, number)
    state = _state(_value(table, "state", text, number), text, number) if "state" in table else {}
    try:
        return Scene(**values, bet=bet, state=state)
    except BadInput as error:
        _refuse(text, number, _named_in(str(error), table), str(error))


def _bet(table: Mapping[str, Any], text: str, number: int) -> Bet:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in BETS:
        _refuse(text, number, "kind", f"a bet has a kind, one of {', '.join(BETS)}; got {kind!r:.60}")
    row = BETS[kind]
    _check_names(table, {"kind", *(field.name for field in fields(row))}, text, number)
    _require(table, fields(row), text, number)
    values = {name: _value(table, name, text, number) for name in table if name != "kind"}
    try:
        return row(**{name: tuple(one) if isinstance(one, list) else one for name, one in values.items()})
    except BadInput as error:
        _refuse(text, number, "right" if "box" in str(error) else _named_in(str(error), table), str(error))
    except TypeError:
        _refuse(text, number, "right", f"it does not fit a {kind}")


def _state(table: Mapping[str, Any], text: str, number: int) -> State:
    """Every parameter with its values as a link has them: texts."""
    for name, values in table.items():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            _refuse(text, number, name, f'expected a list of texts, such as {name} = ["Mini"]')
    return {name: tuple(values) for name, values in table.items()}


def _value(table: Mapping[str, Any], name: str, text: str, number: int | None) -> Any:
    """One value in its type; texts of a list are checked too."""
    value, kind = table[name], KINDS.get(name, str)
    if kind is object:
        return value
    given = tuple if isinstance(value, list) else type(value)
    fits = given is kind or (kind is float and given is int)
    if not fits or (name in ("options", "published") and not all(isinstance(one, str) for one in value)):
        shown = "a list of texts" if name in ("options", "published") else EXPECTED[kind]
        _refuse(text, number, name, f"expected {shown}; got {value!r:.60}")
    return tuple(value) if kind is tuple else value


def _require(table: Mapping[str, Any], asked: tuple[Field, ...], text: str, number: int) -> None:
    for field in asked:
        if field.name not in table and field.default is MISSING and field.default_factory is MISSING:
            _refuse(text, number, field.name, "it is missing")


def _check_names(table: Mapping[str, Any], known: set[str], text: str, number: int | None) -> None:
    for name in table:
        if name not in known:
            _refuse(text, number, name, f"there is no such field; expected {', '.join(sorted(known))}")


def _named_in(sentence: str, table: Mapping[str, Any]) -> str:
    """The field of the table that a sentence is about, the first that it names."""
    return next((name for name in re.findall(r"\w+", sentence) if name in table), next(iter(table)))


def _refuse(text: str, number: int | None, field: str, why: str) -> NoReturn:
    """Raise BadInput for a field of the scene at `number`, or of the lesson itself."""
    where = "" if number is None else f", scene {number + 1}"
    ending = "" if why.endswith(".") else "."
    raise BadInput(f"Line {_line_of(text, number, field)}{where}, {field}: {why}{ending}")


def _line_of(text: str, number: int | None, field: str) -> int:
    """The line in which a field stands, or its table begins where it does not."""
    begins = [match.start() for match in SCENE_BEGINS.finditer(text)]
    first, last = 0, begins[0] if begins else len(text)
    if number is not None and number < len(begins):
        first, last = begins[number], [*begins, len(text)][number + 1]
    row = rf'^[ \t]*(\[\[?scene\.)?"?{re.escape(field)}"?[ \t]*[\]=]'
    found = re.compile(row, re.MULTILINE).search(text, first, last)
    return text.count("\n", 0, first if found is None else found.start()) + 1
