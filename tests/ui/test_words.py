import html

import pytest

from robust_core.ui import words


@pytest.mark.parametrize("text", ["a*b*", "[x](http://y)", "<b>", "`code`", "# head", "$x^2$", ":red[x]", "~~gone~~", "a|b", "1. one", "- two", "&lt;"])
def test_markdown_in_names_is_only_text(text):
    from markdown_it import MarkdownIt

    assert html.unescape(MarkdownIt("commonmark").render(words.plain(text))) == f"<p>{text}</p>\n"


@pytest.mark.parametrize("text", [":material/delete:", ":material_delete:", ":streamlit:", ":star:", "a -> b", "a -- b"])
def test_what_streamlit_replaces_in_finished_text_is_taken_apart_by_something_invisible(text):
    shown = words.plain(text).replace("\\", "")
    assert text not in shown
    assert shown.replace(words.WORD_JOINER, "") == text


def test_a_name_is_one_line_and_has_its_own_direction():
    assert words.plain("a\n# b\u202ec\x00") == "a # bc"


def test_addresses_and_sentences_stay_readable():
    sentence = "Download http://127.0.0.1:8000/a by hand (12 %): it is 3 > 2 + 1!"
    assert words.plain(sentence) == sentence


@pytest.mark.parametrize(("duration", "text"), [(0.0314, "31 ms"), (0.9994, "999 ms"), (1.0, "1.0 s"), (12.34, "12.3 s")])
def test_durations(duration, text):
    assert words.seconds(duration) == text
