import html

import pytest

from robust_core.ui import words


@pytest.mark.parametrize(
    "text",
    [
        "a*b*",
        "[x](http://y)",
        "<b>",
        "`code`",
        "# head",
        "$x^2$",
        ":red[x]",
        "~~gone~~",
        "a|b",
        "1. one",
        "- two",
        "&lt;",
    ],
)
def test_markdown_in_names_is_only_text(text):
    from markdown_it import MarkdownIt

    assert html.unescape(MarkdownIt("commonmark").render(words.plain(text))) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(
    "text", [":material/delete:", ":material_delete:", ":streamlit:", ":star:", "a -> b", "a -- b"]
)
def test_what_streamlit_replaces_in_finished_text_is_taken_apart_by_something_invisible(text):
    shown = words.plain(text).replace("\\", "")
    assert text not in shown
    assert shown.replace(words.WORD_JOINER, "") == text


def test_a_name_is_one_line_and_has_its_own_direction():
    assert words.plain("a\n# b\u202ec\x00") == "a # bc"


def test_addresses_and_sentences_stay_readable():
    sentence = "Download http://127.0.0.1:8000/a by hand (12%): it is 3 > 2 + 1!"
    assert words.plain(sentence) == sentence


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://download.pytorch.org/models/ig_resnext101_32x8-c38310e5.pth",
            "http://localhost:8000/_a_/~b~",
            "https://h.org/a?b=$c$&d=`e`*f*[g]",
        ),
        *("www.h.org/a_b", "https://en.wikipedia.org/wiki/A_(B)", "https://h.org:80/:red/a_b#c_d"),
    ],
)
def test_an_address_keeps_its_letters_and_the_words_around_it_their_escapes(address):
    assert words.plain(f"a_b: {address} or ({address}), *now*") == f"a\\_b: {address} or ({address}), \\*now\\*"
    if not address.startswith("www"):  # behind a quotation mark a browser takes no such thing for an address
        assert words.plain(f"“{address}”.") == f"“{address}\u200a”."


@pytest.mark.parametrize(
    "text", ["xhttp://h.org/_a_", "http://_bad_._x_/", "http://h._x_/a", "http:/h.org/_a_", "x_www.h.org/_a_"]
)
def test_what_no_browser_makes_a_link_of_is_escaped(text):
    from markdown_it import MarkdownIt

    assert html.unescape(MarkdownIt("commonmark").render(words.plain(text))) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(
    ("noun", "with_article"),
    [
        ("model", "a model"),
        ("axis", "an axis"),
        ("ε", "an ε"),
        ("unit", "a unit"),
        ("unknown", "an unknown"),
        ("Experiment", "an Experiment"),
    ],
)
def test_articles(noun, with_article):
    assert words.a(noun) == with_article


@pytest.mark.parametrize(("n", "said"), [(0, "0 steps"), (1, "1 step"), (2, "2 steps"), (1024, "1,024 steps")])
def test_counts(n, said):
    assert words.count(n, "step") == said


@pytest.mark.parametrize(
    ("duration", "text"), [(0.0314, "31 ms"), (0.9994, "999 ms"), (1.0, "1.0 s"), (12.34, "12.3 s")]
)
def test_durations(duration, text):
    assert words.seconds(duration) == text


def test_a_bounded_number_has_one_form_throughout():
    assert words.bounded(0.6631, 0.641, 0.685, ".1%") == "66.3% [64.1%, 68.5%]"
    assert words.bounded(0.5, 0.25, 1, ".2f") == "0.50 [0.25, 1.00]"


def test_where_something_was_computed_is_said_with_its_precision():
    assert words.computed_now("cpu") == "Computed now on CPU in float32"


@pytest.mark.parametrize(
    ("known", "n", "said"),
    [
        (64, 64, "All 64 labels are known."),
        (1, 1, "The label is known."),
        (12, 64, "12 of 64 labels are known; elsewhere the model's own clean prediction counts."),
        (0, 3, "No label is known; the model's own clean prediction counts."),
    ],
)
def test_how_many_labels_are_known(known, n, said):
    assert words.labels_known(known, n) == said
