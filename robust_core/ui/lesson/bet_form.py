"""The fields of a bet in the form of a scene; which there are depends on the kind of bet."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from robust_core import data
from robust_core.errors import BadInput
from robust_core.lesson.bets import MOST_STIMULI, Bet, Choice, Number, Place, Stimuli, Word
from robust_core.lesson.scenes import Scene
from robust_core.recordings import shipped
from robust_core.ui.sample_picker import unique_titles

Maker = Callable[[], Bet]  # of what the fields say; raises BadInput for what is no bet


@dataclass(frozen=True)
class BetForm:
    """One kind of bet as a lecturer calls it; `fields` draws what there is to say about it, beginning with the scene's
    own bet where that is of the kind, and returns what makes the bet of it.
    """

    kind: str
    title: str
    fields: Callable[[Scene], Maker]


def form_of(scene: Scene) -> BetForm:
    """The kind that is chosen for a scene."""
    titles = [form.title for form in FORMS]
    own = [form.kind for form in FORMS].index(scene.bet.kind)
    return FORMS[titles.index(st.selectbox("Bet", titles, own, key=f"kind_{scene.key}"))]


def _choice(scene: Scene) -> Maker:
    bet = scene.bet if isinstance(scene.bet, Choice) else Choice(("Yes", "No"))
    lines = "\n".join(f"{'* ' * (place in bet.right)}{option}" for place, option in enumerate(bet.options))
    text = st.text_area("Answers, one a line; * before the right ones", lines, key=f"options_{scene.key}")

    def make() -> Choice:
        said = [line.strip() for line in text.splitlines() if line.strip()]
        right = tuple(place for place, line in enumerate(said) if line.startswith("*"))
        return Choice(tuple(line.removeprefix("*").strip() for line in said), right)

    return make


def _number(scene: Scene) -> Maker:
    bet = scene.bet if isinstance(scene.bet, Number) else Number(0, 100, 5, "%")
    asked = {"Lowest": bet.low, "Highest": bet.high, "Step": bet.step, "Right": bet.right, "Give or take": bet.within}
    found = {}
    for column, (title, value) in zip(st.columns(len(asked)), asked.items(), strict=True):
        found[title] = column.number_input(title, value=_as_float(value), key=f"{title}_{scene.key}")
    unit = st.text_input(
        "Unit", bet.unit, max_chars=20, key=f"unit_{scene.key}", help="Such as %, or 255ths for k/255."
    )

    def make() -> Number:
        low, high, step, right, within = found.values()
        if low is None or high is None or step is None:
            raise BadInput("A slider needs its lowest and its highest number and its step.")
        return Number(low, high, step, unit, right, within or 0.0)

    return make


def _place(scene: Scene) -> Maker:
    bet = scene.bet if isinstance(scene.bet, Place) else None
    images = _photos() | ({} if bet is None or bet.image in _photos().values() else {bet.image: bet.image})
    first = list(images.values()).index(bet.image) if bet is not None else 0
    title = st.selectbox("Image", list(images), first, key=f"image_{scene.key}")
    st.caption("Right is a box, in % of the image's width and height; leave all four empty where nothing is wrong.")
    box = (None,) * 4 if bet is None or bet.right is None else bet.right
    sides = [
        column.number_input(side, 0.0, 100.0, None if at is None else 100 * at, key=f"{side}_{scene.key}")
        for column, side, at in zip(st.columns(4), ("Left", "Top", "Right side", "Bottom"), box, strict=True)
    ]

    def make() -> Place:
        if title is None:
            raise BadInput("There is no photo on this machine that could be tapped; choose another kind of bet.")
        given = tuple(side / 100 for side in sides if side is not None)
        return Place(images[title], given or None)  # type: ignore[arg-type]  # Place counts the sides

    return make


def _photos() -> dict[str, str]:
    """The ids of the bundled photos by title; none where they are not on this machine."""
    here = any(one.key == shipped.PHOTOS for one in data.list_collections())
    return unique_titles(data.list_samples(shipped.PHOTOS)) if here else {}


def _stimuli(scene: Scene) -> Maker:
    bet = scene.bet if isinstance(scene.bet, Stimuli) else Stimuli(8)
    columns = st.columns(3)
    count = columns[0].number_input("Images", 1, MOST_STIMULI, bet.count, key=f"count_{scene.key}")
    shown_ms = columns[1].number_input("Shown, ms", 50, 5_000, bet.shown_ms, 50, key=f"shown_{scene.key}")
    seed = columns[2].number_input("Seed", 0, None, bet.seed, key=f"seed_{scene.key}")
    return partial(Stimuli, int(count), int(shown_ms), int(seed))


def _as_float(value: float | None) -> float | None:
    return None if value is None else float(value)


FORMS = (
    BetForm(Choice.kind, "A choice", _choice),
    BetForm(Number.kind, "A number on a slider", _number),
    BetForm(Place.kind, "A place on a photo", _place),
    BetForm(Stimuli.kind, "Images seen for a moment", _stimuli),
    BetForm(Word.kind, "A word", lambda scene: Word),
)
