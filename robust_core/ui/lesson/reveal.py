"""The reveal: what the class has bet, beside what models and people do, with n, interval, protocol and source."""

from collections.abc import Sequence

import streamlit as st

from robust_core.lesson.answers import Answer
from robust_core.lesson.bets import Choice, Number, Place, Stimuli
from robust_core.lesson.classroom import Desk
from robust_core.lesson.votes import Tally
from robust_core.plots import vote_charts
from robust_core.ui import words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.lesson import class_bias

NUMBERS_PX = 300


def show(desk: Desk) -> None:
    """The class's bets, the models' answers, and the sentence that stays."""
    room = desk.classroom
    scene, tally = room.scene, room.tally(room.scene.key)
    answers = room.answers.get(scene.key, ())
    _show_bets(tally, answers)
    if tally.right is not None:
        st.caption(f"Right in this class: {_share(tally.right)}, n = {tally.n}.")
    _show_answers(answers)
    for sentence in scene.published:
        st.markdown(f"{words.BADGES['published']} {words.plain(sentence)}")
    if scene.stays:
        st.success(f"**{words.plain(scene.stays)}**")
    if room.leaderboard:
        _show_leaders(desk)


def _show_bets(tally: Tally, answers: Sequence[Answer]) -> None:
    bet = tally.bet
    if not tally.n:
        st.info("Nobody has bet.")
    elif isinstance(bet, Number):
        models = {one.who: one.value for one in answers if one.unit == bet.unit}
        votes = [float(vote) for vote in tally.by_part[0] if isinstance(vote, float)]
        _draw(vote_charts.numbers(votes, bet.low, bet.high, bet.unit, models), NUMBERS_PX, f"{tally.n} votes")
    elif isinstance(bet, Stimuli):
        class_bias.show(bet, tally)
    elif isinstance(bet, Place):
        class_bias.show_places(bet, tally)
    else:
        counts = dict(list(tally.counts().items())[: vote_charts.MOST_WORDS])
        right = [bet.options[place] for place in bet.right] if isinstance(bet, Choice) else []
        said = "; ".join(f"{answer}: {count}" for answer, count in counts.items())
        _draw(vote_charts.answers(counts, right), vote_charts.height_px(counts), said)


def _draw(figure: dict, height_px: int, alt: str) -> None:
    live_chart(figure, key="class_bets", height_px=height_px, alt=f"What the class has bet. {alt}", png_name="class")


def _show_answers(answers: Sequence[Answer]) -> None:
    """A line for each number; how it was measured is one click away."""
    if not answers:
        return
    st.markdown(
        "\n".join(f"- {words.BADGES[one.origin]} **{words.plain(one.who)}**: {_number(one)}" for one in answers)
    )
    with st.expander("Protocols and sources", icon=":material/menu_book:"):
        for one in answers:
            st.markdown(f"**{words.plain(one.who)}**: {words.plain(one.protocol)}. :small[{words.plain(one.source)}]")


def _number(one: Answer) -> str:
    """The value with its interval and n."""
    bounds = "" if one.low is None or one.high is None else f" [{one.low:.3g}, {one.high:.3g}]"
    unit = one.unit if one.unit in ("", "%") else f" {words.plain(one.unit)}"
    return f"**{one.value:.3g}{unit}**{bounds}" + ("" if one.n is None else f", n = {one.n:,}")


def _share(interval) -> str:
    return f"{100 * interval.estimate:.0f}% [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"


def _show_leaders(desk: Desk) -> None:
    leaders = desk.classroom.leaders()[:10]
    if leaders:
        st.markdown("**Most bets right**")
        st.markdown("\n".join(f"1. {words.plain(who)}: {right} of {judged}" for who, right, judged in leaders))
