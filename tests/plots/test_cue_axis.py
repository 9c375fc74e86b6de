import pytest

from robust_core.cue_conflict.decisions import NAMES, RULES
from robust_core.cue_conflict.votes import Cue, CueVotes
from robust_core.intervals import Interval, wilson
from robust_core.plots import cue_axis
from robust_core.plots.cue_axis import CUE_COLOURS, Mark, Row
from robust_core.ui.shape_or_texture import published as cue_published
from robust_core.ui.shape_or_texture.votes import end_of_scale
from robust_core.ui.words import BADGES


def scores(**named):
    return [named.get(name, 0.0) for name in NAMES]


def test_the_bars_are_those_of_both_cues_then_of_the_best_others_and_say_the_scores_themselves():
    figure = cue_axis.category_bars(scores(cat=0.2, dog=0.1, oven=0.3, boat=0.25, car=0.05), "dog", "cat")
    (bars,) = figure["data"]
    assert bars["y"] == ["<b>dog (shape)</b>", "<b>cat (texture)</b>", "oven", "boat"]
    assert bars["x"] == [0.1, 0.2, 0.3, 0.25]
    assert bars["text"] == ["10.0%", "20.0%", "30.0%", "25.0%"]
    assert bars["marker"]["color"] == [CUE_COLOURS[cue] for cue in (Cue.SHAPE, Cue.TEXTURE, Cue.OTHER, Cue.OTHER)]


def test_the_bars_of_every_model_have_the_same_scale():
    low, high = (cue_axis.category_bars(scores(cat=score), "cat", "dog")["layout"]["xaxis"] for score in (0.01, 0.99))
    assert low == high
    assert low["tickvals"] == [0, 1]
    assert low["ticktext"] == ["0", "100%"]


@pytest.mark.parametrize(("highest", "end"), [(0.9, 1.0), (0.013, 0.02), (0.05, 0.05), (0.0, 0.01)])
def test_mean_probabilities_end_where_all_models_find_room_and_best_classes_at_the_whole(highest, end):
    best, mean = RULES
    assert end_of_scale([scores(cat=highest), scores(dog=highest / 2)], mean) == end
    assert end_of_scale([scores(cat=highest)], best) == 1.0


def test_one_category_for_both_cues_and_none_at_all():
    assert cue_axis.category_bars(scores(cat=0.2), "cat", "cat")["data"][0]["y"][0] == "<b>cat (both)</b>"
    assert not any("<b>" in name for name in cue_axis.category_bars(scores(cat=0.2), None, None)["data"][0]["y"])
    assert cue_axis.category_bars(scores(), "cat", "dog")["data"][0]["x"] == [0.0] * cue_axis.BARS


def test_the_longest_bar_leaves_room_for_its_number():
    layout = cue_axis.category_bars(scores(cat=1.0), "cat", "dog")["layout"]
    assert layout["xaxis"]["range"] == [0, pytest.approx(cue_axis.BAR_ROOM)]
    assert cue_axis.BAR_ROOM >= 1.25


def test_a_live_row_has_a_full_dot_with_its_interval_and_a_published_one_an_open_diamond():
    live = Row("A model", "37.9% · covers 62.8%", [Mark(0.379, wilson(244, 643), "#123456", "words")], False)
    people = Row(
        "People (PUBLISHED)", "95.9%", [Mark(0.95, None, "#888888", "one"), Mark(0.96, None, "#888888", "two")], True
    )
    nothing = Row("Undecided", "nothing decided", [], False)
    figure = cue_axis.cue_axis([live, people, nothing])
    whisker, dot, diamonds, none = figure["data"]
    assert whisker["x"] == [pytest.approx(wilson(244, 643).low), pytest.approx(wilson(244, 643).high)]
    assert dot["marker"]["symbol"] == "circle"
    assert diamonds["marker"]["symbol"] == "diamond-open"
    assert diamonds["x"] == [0.95, 0.96]
    assert none["x"] == []
    texts = [annotation["text"] for annotation in figure["layout"]["annotations"]]
    assert {"← texture", "shape →", live.title, live.aside, nothing.aside} <= set(texts)


def test_a_category_without_decisions_has_no_dot_and_people_their_diamonds():
    votes = [CueVotes(1, 1, 3) if name == "cat" else CueVotes(0, 0, 3) for name in NAMES]
    people_of = dict.fromkeys(NAMES, Interval(0.9, 0.7, 0.95, 750, 0.95, "between persons"))
    dots, people = cue_axis.by_category({"A model": ("#123456", votes)}, people_of)["data"]
    assert dots["x"] == [0.5]
    assert dots["y"] == [pytest.approx(NAMES.index("cat"))]
    assert people["y"] == list(range(16))
    assert people["x"] == [0.9] * 16
    assert people["customdata"][0] == "airplane: 90.0% [70.0%, 95.0%], n = 750"
    assert people["error_x"]["array"] == pytest.approx([0.05] * 16)
    assert people["error_x"]["arrayminus"] == pytest.approx([0.2] * 16)
    assert len(cue_axis.by_category({"A model": ("#123456", votes)}, {})["data"]) == 1


def test_the_matrix_leans_to_shape_or_texture_and_is_empty_where_there_is_no_image():
    cells = {("cat", "dog"): CueVotes(3, 1, 5), ("dog", "cat"): CueVotes(0, 2, 2), ("oven", "cat"): CueVotes(0, 0, 4)}
    matrix = cue_axis.decision_matrix(cells)
    (heat,) = matrix["data"]
    assert all(matrix["layout"][axis]["dtick"] == 1 for axis in ("xaxis", "yaxis"))
    at = {name: NAMES.index(name) for name in ("cat", "dog", "oven")}
    assert heat["z"][at["cat"]][at["dog"]] == pytest.approx(0.4)
    assert heat["z"][at["dog"]][at["cat"]] == -1
    assert heat["z"][at["oven"]][at["cat"]] == 0
    assert sum(value is not None for row in heat["z"] for value in row) == 3
    assert "3 by shape, 1 by texture, 1 by neither" in heat["text"][at["cat"]][at["dog"]]


@pytest.mark.parametrize("reference", cue_published.REFERENCES, ids=lambda one: one.title)
def test_every_published_set_has_marks_says_its_rule_and_its_n(reference):
    rows = cue_published.rows(reference)
    assert all(row.published for row in rows)
    assert len(rows) == (len(reference.results()) if reference.by_model else 1)
    assert all(0 <= mark.value <= 1 and "%" in mark.words for row in rows for mark in row.marks)
    words = cue_published.sentence(reference)
    assert words.startswith(BADGES["published"])
    assert "n = " in words
    assert reference.results()[0].protocol in words
    assert ("CC BY-SA" in words) == reference.table.startswith("shape_bias_gavrikov")


def test_every_published_shape_bias_stands_in_exactly_one_set():
    from robust_core.results import published

    rows = [
        one
        for table in ("shape_bias", "shape_bias_gavrikov2024", "shape_bias_gavrikov2025")
        for one in published(table)
        if one.metric == "shape_bias"
    ]
    assert sum(len(reference.results()) for reference in cue_published.REFERENCES) == len(rows)


def test_the_pooled_people_give_the_words_of_their_row():
    people = next(one for one in cue_published.REFERENCES if one.title == "People")
    (row,) = cue_published.rows(people)
    assert row.aside == "95.9% · covers 80.3%"
    assert len(row.marks) == 11
    assert set(cue_published.people_by_category()) == set(NAMES)
