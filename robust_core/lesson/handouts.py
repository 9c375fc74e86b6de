"""What a lecturer prints: the worksheet, with room for a reason below each bet, and the solution sheet with what each
reveal shows and its sources. Each is one HTML file that needs no other.
"""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from robust_core.lesson.answers import Answer
from robust_core.lesson.bets import Choice, Number, Place, Stimuli, Word
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.lesson.student_view import link_of

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
REASON_LINES = 3
STYLE = Path(__file__).with_name("handouts.css")


def timing(lesson: Lesson) -> tuple[tuple[int, Scene], ...]:
    """The minute at which each scene begins, 0 for the first, with the scene."""
    begun, found = 0, []
    for scene in lesson.scenes:
        found.append((begun, scene))
        begun += scene.minutes
    return tuple(found)


def worksheet(lesson: Lesson) -> str:
    """The bets on paper, each with room for a reason, as one HTML file; nothing of the answers is in it."""
    lines = '<div class="line"></div>' * REASON_LINES
    parts = [
        f'{_head(number, minute, scene)}<p>{escape(scene.question)}</p>{_bet(scene)}<p class="quiet">Because</p>{lines}'
        for number, (minute, scene) in enumerate(timing(lesson), start=1)
    ]
    name = '<p class="quiet">Name (optional) ______________________________</p>'
    return _document("worksheet", lesson.title, name, parts)


def solution_sheet(lesson: Lesson, answers: Mapping[str, tuple[Answer, ...]], address: str = "") -> str:
    """What each reveal shows, with its sources, and the link to go on at home, as one HTML file; `answers` are those of
    the scenes by their keys, and `address` is the dashboard's own, "" where nobody knows it.
    """
    parts = [
        f"{_head(number, minute, scene)}<p>{escape(scene.question)}</p>{_solution(scene)}"
        f"{_table(answers.get(scene.key, ()))}{_words_of(scene)}{_link(scene, address)}"
        for number, (minute, scene) in enumerate(timing(lesson), start=1)
    ]
    about = f"<p>{escape(lesson.about)}</p>" if lesson.about else ""
    return _document("solutions", f"{lesson.title} Solutions", about, parts)


def _document(kind: str, heading: str, before: str, parts: list[str]) -> str:
    sections = "".join(f"<section>{part}</section>" for part in parts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">
<title>{escape(heading)} · Robustness Lab, {kind}</title>
<style>
{STYLE.read_text()}</style>
</head>
<body class="{kind}">
<h1>{escape(heading)}</h1>
{before}
{sections}
</body>
</html>
"""


def _head(number: int, minute: int, scene: Scene) -> str:
    """The number and title of a scene, and when it begins."""
    return f'<h2>{number}. {escape(scene.title)}</h2><p class="quiet">Minute {minute} to {minute + scene.minutes}</p>'


def _bet(scene: Scene) -> str:
    """The bet with nothing filled in."""
    return BLANKS[type(scene.bet)](scene.bet)


def _boxes(options: tuple[str, ...], right: tuple[int, ...] = ()) -> str:
    marked = (' class="right"' if place in right else "" for place in range(len(options)))
    items = "".join(f"<li{mark}>{escape(one)}</li>" for one, mark in zip(options, marked, strict=True))
    return f'<ul class="boxes">{items}</ul>'


def _blank_number(bet: Number) -> str:
    low, high = map(escape, bet.ends)
    return f"<p>My bet: ____________ (from {low} to {high})</p>"


def _blank_stimuli(bet: Stimuli) -> str:
    blanks = "".join(f"<li>{number + 1} ____________</li>" for number in range(bet.count))
    return f'<ul class="blanks">{blanks}</ul>'


BLANKS: Mapping[type, Callable[[Any], str]] = {
    Choice: lambda bet: _boxes(bet.options),
    Number: _blank_number,
    Place: lambda bet: "<p>My place: ______ of the width from the left, ______ of the height from the top</p>",
    Word: lambda bet: "<p>My word: ________________________</p>",
    Stimuli: _blank_stimuli,
}


def _solution(scene: Scene) -> str:
    """What counts as right, where something does."""
    bet = scene.bet
    if isinstance(bet, Choice):
        return _boxes(bet.options, bet.right)
    return f"<p><b>Right: {escape(bet.right_in_words)}.</b></p>" if bet.right_in_words else ""


def _table(answers: tuple[Answer, ...]) -> str:
    """The answers, each with how it was measured and the number of its source, and the sources below."""
    if not answers:
        return ""
    sources = list(dict.fromkeys(f"{one.origin.upper()}: {one.source}" for one in answers))
    rows = "".join(_row(one, 1 + sources.index(f"{one.origin.upper()}: {one.source}")) for one in answers)
    titles = "<tr><th>Whose</th><th>Number</th><th>How it was measured</th></tr>"
    listed = "".join(f"<li>{escape(one)}</li>" for one in sources)
    return f'<table><thead>{titles}</thead><tbody>{rows}</tbody></table><ol class="quiet">{listed}</ol>'


def _row(one: Answer, source: int) -> str:
    n = "" if one.n is None else f"n = {one.n:,}; "
    cells = escape(one.who), escape(one.in_words), f"{escape(n + one.protocol)} [{source}]"
    return "<tr>{}</tr>".format("".join(f"<td>{cell}</td>" for cell in cells))


def _words_of(scene: Scene) -> str:
    published = "".join(f'<p class="quiet">PUBLISHED: {escape(one)}</p>' for one in scene.published)
    aimed = f'<p class="quiet">Aimed at: {escape(scene.misconception)}</p>' if scene.misconception else ""
    stays = f'<p class="stays">{escape(scene.stays)}</p>' if scene.stays else ""
    return published + aimed + stays


def _link(scene: Scene, address: str) -> str:
    """Where to go on."""
    path = escape(f"/{link_of(scene)}")
    if not address:
        return f'<p class="quiet">Page: {path}</p>'
    whole = escape(address) + path
    return f'<p class="quiet">Page: <a href="{whole}">{whole}</a></p>'
