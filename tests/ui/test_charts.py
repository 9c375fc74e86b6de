from robust_core.ui import charts

NAMES = ["zebra", "an animal with a name of more than thirty-one letters", "horse", "tiger", "okapi"]
SHARES = [0.9, 0.06, 0.03, 0.0099, 0.0001]


def words(figure):
    return [note["text"] for note in figure["layout"]["annotations"]]


def test_bars_hold_the_probabilities_as_they_are():
    bar = charts.top_answers(NAMES, SHARES, None, "#123456")["data"][0]
    assert bar["x"] == SHARES
    assert bar["customdata"] == NAMES
    assert bar["marker"]["color"] == "#123456"


def test_the_axis_is_the_same_for_every_model():
    assert charts.top_answers(NAMES, SHARES, None, "red")["layout"]["xaxis"]["range"] == [0, 1.0]


def test_every_bar_has_its_name_and_its_percentage_and_only_the_true_one_a_tick():
    texts = words(charts.top_answers(NAMES, SHARES, "horse", "red"))
    assert texts[0::2] == ["zebra", "an animal with a name of more …", "✓ horse", "tiger", "okapi"]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts[1::2]] == ["90.0 %", "6.0 %", "3.0 %", "1.0 %", "< 0.1 %"]


def test_a_probability_of_nothing_is_not_called_small():
    assert [charts.percent(fraction).split() for fraction in (0.0, 0.001, 1.0)] == [["0.0", "%"], ["0.1", "%"], ["100.0", "%"]]
