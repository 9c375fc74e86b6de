"""The reveal: what the class has bet, beside what models and people do, with n, interval, protocol and source."""

from collections.abc import Sequence

import streamlit as st

from robust_core.intervals import Interval
from robust_core.lesson import class_shape_bias
from robust_core.lesson.answers import Answer, Curve, Origin
from robust_core.lesson.bets import Choice, Number, Place, Stimuli
from robust_core.lesson.classroom import Desk
from robust_core.lesson.votes import Tally
from robust_core.plots import vote_charts
from robust_core.plots.vote_charts import Share
from robust_core.ui import words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.lesson import class_bias, reveal_curves, scene_view

NUMBERS_PX = 260
FEWEST_ROWS = 2  # of a chart


def show(desk: Desk, curves: Sequence[Curve]) -> None:
    """The class's bets, the models' answers and curves, and the sentence that stays."""
    room = desk.classroom
    scene, tally = room.scene, room.tally(room.scene.key)
    answers = room.answers.get(scene.key, ())
    scene_view.show_revealed_images(desk)
    _show_bets(tally, answers)
    _show_right(tally)
    reveal_curves.show(curves)
    _show_answers([one for one in answers if not (curves and one.on_curve)])
    for sentence in scene.published:
        st.markdown(f"{words.BADGES['published']} {words.plain(sentence)}")
    if scene.stays:
        st.success(f"**{words.plain(scene.stays)}**")
    scene_view.show_link(scene)
    _show_protocols(answers)
    if room.leaderboard:
        _show_leaders(desk)


def _show_right(tally: Tally) -> None:
    """What is right, whoever bet it, and how many did."""
    said = [f"Right: **{words.plain(tally.bet.right_in_words)}**."] if tally.bet.right_in_words else []
    if tally.right is not None:
        said.append(f"Right in this class: **{_share(tally.right)}**, n = {tally.n}.")
    if said:
        st.markdown(" ".join(said))


def _show_bets(tally: Tally, answers: Sequence[Answer]) -> None:
    bet = tally.bet
    if not tally.n:
        st.info("Nobody has bet.")
    elif isinstance(bet, Number):
        models = [one.value for one in answers if one.unit == bet.unit]
        votes = [float(vote) for vote in tally.by_part[0] if isinstance(vote, float)]
        slider = bet.low, bet.high, bet.step
        _draw(vote_charts.numbers(votes, slider, bet.unit, models), NUMBERS_PX, words.count(tally.n, "vote"))
        if models:
            st.caption("Lines: the numbers below.")
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
    """Shares in a chart, where there are several; a line for each number else."""
    shares = [one for one in answers if one.unit == "%"]
    if len(shares) >= FEWEST_ROWS:
        for metric in dict.fromkeys(one.metric for one in shares):
            _draw_shares(metric, [_row(one) for one in shares if one.metric == metric])
        origins = " ".join(words.BADGES[origin] for origin in dict.fromkeys(one.origin for one in shares))
        st.caption(f"{origins} Diamonds are published, circles measured here; lines are 95% intervals.")
        answers = [one for one in answers if one.unit != "%"]
    lines = (f"{words.BADGES[one.origin]} **{words.plain(one.who)}**: {words.plain(_number(one))}" for one in answers)
    st.markdown("\n".join(f"- {line}" for line in lines))


def _draw_shares(metric: str, rows: Sequence[Share]) -> None:
    if metric:
        st.markdown(f"**{metric[0].upper()}{metric[1:]}**")
    said = "; ".join(row.words for row in rows)
    height_px = vote_charts.shares_px(rows)
    live_chart(vote_charts.shares(rows), key=f"class_{metric}", height_px=height_px, alt=said, png_name="models")


def _row(one: Answer) -> Share:
    low, high = (one.value if end is None else end for end in (one.low, one.high))
    of_class = one.who.startswith(class_shape_bias.OF_CLASS)
    who = one.who.removesuffix(f", {one.metric}")
    return Share(f"{who}: {_number(one)}", one.value, low, high, one.origin is Origin.PUBLISHED, of_class)


def _show_protocols(answers: Sequence[Answer]) -> None:
    if not answers:
        return
    with st.expander("Protocols and sources", icon=":material/menu_book:"):
        for one in answers:
            st.markdown(
                f"{words.BADGES[one.origin]} **{words.plain(one.who)}**: {words.plain(_number(one))}. "
                f"{words.plain(one.protocol)}. :small[{words.plain(one.source)}]"
            )


def _number(one: Answer) -> str:
    """The value with its interval and n."""
    return one.in_words + ("" if one.n is None else f", n = {one.n:,}")


def _share(interval: Interval) -> str:
    return f"{100 * interval.estimate:.0f}% [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"


def _show_leaders(desk: Desk) -> None:
    leaders = desk.classroom.leaders()[:10]
    if leaders:
        st.markdown("**Most bets right**")
        st.markdown("\n".join(f"1. {words.plain(who)}: {right} of {judged}" for who, right, judged in leaders))
