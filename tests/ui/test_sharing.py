"""The link, its QR code and the citation."""

from datetime import date

import segno

from robust_core import __version__
from robust_core.ui import sharing

LINK = "https://lab.example/what_if?corruption=Fog&severity=3"


def test_the_code_is_that_of_the_link_black_on_white():
    svg = sharing.qr_code(LINK)
    assert svg == segno.make(LINK, error="m").svg_inline(scale=sharing.QR_SCALE, light="white")
    assert 'fill="white"' in svg or 'fill="#fff"' in svg


def test_a_citation_names_version_page_link_and_day():
    said = sharing.citation("What if", LINK, date(2026, 11, 9))
    assert said == f"Robustness Lab {__version__}, “What if”, {LINK}, retrieved 9 November 2026."


def test_the_link_holds_every_choice_and_escapes_it(monkeypatch):
    class Params(dict):
        def get_all(self, key):
            return self[key]

    monkeypatch.setattr(sharing.st, "query_params", Params({"images": ["a & b", "ε"], "present": ["true"]}))
    assert sharing.link_here().endswith("?images=a+%26+b&images=%CE%B5&present=true")
