"""What a visitor reads as a page opens: short sentences, and help in three lines."""

import pytest

from robust_core.ui.server import warmup
from robust_core.ui.words import HOW_TO_READ
from tests.pages.opening import PAGES, open_page
from tests.pages.visible_strings import sentences, strings_of

pytestmark = pytest.mark.usefixtures("own_cache")
MOST_WORDS = 25


@pytest.mark.parametrize("world", ["ImageNet", "Mini"])
@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_is_long(page, world):
    warmup.wait()
    app = open_page(PAGES[page], world=world)
    long = [one for text in strings_of(app) for one in sentences(text) if len(one.split()) > MOST_WORDS]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("page", PAGES)
def test_help_is_three_lines(page):
    lines = HOW_TO_READ[page].splitlines()
    assert len(lines) == 3
    assert all(line.startswith("- ") for line in lines)


def test_sentences_are_told_apart():
    said = "**One** two. Three: four?\n- Five [six](https://x.example) :material/info: 66.3% of `a.b`."
    assert [one.split() for one in sentences(said)] == [
        ["One", "two."],
        ["Three:"],
        ["four?"],
        ["-", "Five", "six"],
        ["66.3%", "of", "a.b", "."],
    ]
