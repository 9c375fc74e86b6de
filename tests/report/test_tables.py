import pandas

from robust_core.report.tables import bounds_of, protocols, rows_of, table


def test_bounds_belong_to_their_number():
    columns = ["a_percent", "low_percent", "high_percent", "b_percent", "b_low_percent", "b_high_percent"]
    assert bounds_of("a_percent", columns) == ("low_percent", "high_percent")
    assert bounds_of("b_percent", columns) == ("b_low_percent", "b_high_percent")
    assert bounds_of("low_percent", columns) == bounds_of("n", columns) == ()


def test_bounds_that_follow_the_unit_are_found_too():
    assert bounds_of("ece_percent", ["ece_percent", "ece_percent_low", "ece_percent_high"]) == (
        "ece_percent_low",
        "ece_percent_high",
    )


def test_nothing_is_rounded_for_machines():
    frame = pandas.DataFrame({"a": [1 / 3, float("nan")], "n": [1, 2], "is": [True, None]})
    assert rows_of(frame) == [[1 / 3, 1, True], [None, 2, None]]


def test_a_long_table_shows_its_telling_rows_first():
    frame = pandas.DataFrame({"model": "a", "step": range(51), "accuracy_percent": 50.0, "n": 4})
    first, rest = table(frame, "Steps").split("<details>")
    assert first.count("<tr>") == 1 + 7
    assert rest.count("<tr>") == 1 + 51
    assert "7 of 51 rows" in first


def test_what_is_the_same_in_all_rows_is_said_once():
    frame = pandas.DataFrame({"model": ["a", "b"], "scoring": "last", "x": None, "n": 4})
    text = table(frame, "T")
    assert text.count("last") == 1
    assert "scoring last." in text


def test_negative_numbers_have_a_minus_sign_and_markup_is_text():
    text = table(pandas.DataFrame({"model": ["<b>", "b"], "gap": [-0.82, 1.0]}), "<i>")
    assert "−0.82" in text
    assert "&lt;b&gt;" in text
    assert "&lt;i&gt;" in text
    assert "<b>" not in text
    assert "<i>" not in text


def test_each_protocol_is_said_once():
    frame = pandas.DataFrame({"protocol": ["p", "p", "q"], "interval_method": ["Wilson", "Wilson", None]})
    assert protocols(frame) == ["p", "q", "95% intervals: Wilson."]
