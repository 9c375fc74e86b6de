"""Every page opens alone and twice, with models and without (no browser: AppTest)."""

import pytest

from robust_core.models import catalogue
from tests.pages.opening import PAGES, open_page


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_alone_and_twice_without_any_model(page, monkeypatch):
    monkeypatch.setattr(catalogue, "TABLE", catalogue.TABLE[:8])
    app = open_page(PAGES[page])
    for _ in range(2):
        assert not app.exception, app.exception[0].value
        assert app.title
        app.run()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_alone_and_twice_with_models(page, ready):
    app = open_page(PAGES[page])
    for _ in range(2):
        assert not app.exception, app.exception[0].value
        app.run()
