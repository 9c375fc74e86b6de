from robust_core.ui import menu
from tests.pages.opening import PAGES, open_page


def test_who_asks_for_a_page_gets_one_of_their_own():
    assert menu.MODELS.page is not menu.MODELS.page


def test_pages_that_were_asked_for_outside_of_a_script_open_within_one():
    assert [len(pages) for pages in menu.sections().values()] == [1, 4, 4, 2, 2, 1]
    app = open_page(PAGES["models"])
    assert not app.exception
    assert app.title[0].value == "Which models are there?"
