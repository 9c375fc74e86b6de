"""What is printed: complete, self-contained, without the answers on the worksheet, and with every text as a text."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from robust_core.lesson.answers import Answer, Origin
from robust_core.lesson.bets import Choice
from robust_core.lesson.handouts import solution_sheet, timing, worksheet
from robust_core.lesson.lesson_file import shipped_lesson
from robust_core.lesson.scenes import Lesson
from tests.lesson.lessons import LESSON, scene

SHIPPED = shipped_lesson()
MARKUP = "<script>alert('x')</script> & \"quoted\""
ANSWER = Answer("Mini ResNeXt", 25.884, "%", Origin.CACHED, "PGD, 50 steps", "this machine", 192, 22.79, 29.24)


class Outside(HTMLParser):
    """Whatever a page would fetch or follow, and its open elements at the end."""

    def __init__(self):
        super().__init__()
        self.asked, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.asked += [value for name, value in attributes if name in ("src", "href", "action", "srcset")]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(page):
    found = Outside()
    found.feed(page)
    assert found.open == []
    return found


@pytest.mark.parametrize("lesson", [LESSON, SHIPPED], ids=["every kind of bet", "shipped"])
def test_both_sheets_are_whole_and_fetch_nothing(lesson):
    answers = {one.key: (ANSWER,) for one in lesson.scenes}
    for page in (worksheet(lesson), solution_sheet(lesson, answers)):
        assert read(page).asked == []
        assert not re.search(r"https?://|url\(|@import", page)
        assert page.count("<section>") == len(lesson.scenes)
        assert "default-src &#x27;none&#x27;" in page
        assert "size: A4" in page


def test_the_worksheet_has_room_for_a_reason_and_no_answer():
    page = worksheet(SHIPPED)
    assert page.count("Because") == 12
    assert page.count('class="line"') == 36
    for one in SHIPPED.scenes:
        assert one.stays not in page
        assert one.notes[:40] not in page
        assert not any(sentence[:40] in page for sentence in one.published)
    assert 'class="right"' not in page
    assert "from 1/255 to 64/255" in page
    assert "from 0 to 30 flips" in page


def test_the_solutions_have_what_is_right_every_number_with_its_source_and_what_stays():
    page = solution_sheet(SHIPPED, {"fog": (ANSWER, replace(ANSWER, who="Another"))})
    assert '<li class="right">Severity 2</li>' in page
    assert "Right: 35%, give or take 10." in page
    assert page.count("25.9% [22.8, 29.2]") == 2
    assert page.count("n = 192; PGD, 50 steps [1]") == 2
    assert page.count("CACHED: this machine") == 1, "a source that two numbers have is listed once"
    assert "66.7% for ResNeXt-101 32x8d" in page
    assert "Confidence is not correctness." in page
    assert "Page: /what_if?world=ImageNet&amp;images=jeep+%2807%29" in page


@pytest.mark.parametrize("make", [worksheet, lambda lesson: solution_sheet(lesson, {"own": (_hostile(),)})])
def test_every_text_is_a_text(make):
    own = replace(
        scene("own", Choice((MARKUP, "b"), (0,))),
        title=MARKUP,
        question=MARKUP,
        stays=MARKUP,
        misconception=MARKUP,
        published=(MARKUP,),
        page=MARKUP,
    )
    page = make(Lesson(MARKUP, (own,), about=MARKUP))
    read(page)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def _hostile():
    return Answer(MARKUP, 1.0, MARKUP, Origin.LIVE, MARKUP, MARKUP)


def test_scenes_begin_where_those_before_end():
    assert [minute for minute, _ in timing(SHIPPED)] == [0, 4, 9, 14, 18, 24, 30, 36, 42, 49, 53, 58]


@pytest.mark.parametrize(
    ("value", "unit", "bounds", "said"),
    [
        (0.004, "%", (0.001, 0.02), "0.004% [0.001, 0.02]"),
        (90.0, "%", (69.9, 97.21), "90.0% [69.9, 97.2]"),
        (66.65, "% of AlexNet", (None, None), "66.7% of AlexNet"),
        (21.0, "flips of 30", (None, None), "21 flips of 30"),
        (1.0, "255ths", (None, None), "1/255"),
        (-0.0172, "", (None, None), "−0.0172"),
        (0.0, "%", (None, None), "0%"),
    ],
)
def test_numbers_are_written_as_everywhere(value, unit, bounds, said):
    low, high = bounds
    assert replace(ANSWER, value=value, unit=unit, low=low, high=high).in_words == said
