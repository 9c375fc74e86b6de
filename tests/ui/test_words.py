import pytest

from robust_core.models.spec import Preprocess
from robust_core.ui import words


@pytest.mark.parametrize("text", ["a*b*", "[x](http://y)", "<b>", "`code`", "# head", "$x^2$", ":red[x]", "~~gone~~", "a|b"])
def test_markdown_in_names_is_only_text(text):
    from markdown_it import MarkdownIt

    assert MarkdownIt("commonmark").renderInline(words.plain(text)).replace("&lt;", "<").replace("&gt;", ">") == text


def test_preprocessing_in_words():
    half = (0.5, 0.5, 0.5)
    assert words.preprocessing(Preprocess(256, 224, "bilinear", half, half)) == (
        "shorter side to 256 px (bilinear), centre 224 px; mean 0.5 0.5 0.5, std 0.5 0.5 0.5"
    )
    assert words.preprocessing(Preprocess(None, 224, "bilinear", half, half)).startswith("centre 224 px")


@pytest.mark.parametrize(("duration", "text"), [(0.0314, "31 ms"), (0.9994, "999 ms"), (1.0, "1.0 s"), (12.34, "12.3 s")])
def test_durations(duration, text):
    assert words.seconds(duration) == text
