"""Names that are markup appear as they are: file names, folders, titles of imported models and the words of a link,
wherever a page shows them.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from robust_core.jobs import queue
from robust_core.models import catalogue
from robust_core.ui.server import warmup
from tests.faults.sent import all_strings, in_charts
from tests.image_file_samples import encode
from tests.pages.opening import PAGES, SHORT, all_words, open_page, run_until

MARK = "zq"  # in every hostile name, and in no other word


@dataclass(frozen=True)
class Hostile:
    """A `name` and, as a pattern, what in a message the browser would act upon."""

    name: str
    acts: str


HTML = Hostile("<b>zq</b><img src=zq onerror=zq>", r"(?<!\\)<(b|img)\b")
ENTITY = Hostile("&lt;zq&gt;", r"(?<!\\)&lt;zq")
NAMES = (
    HTML,
    ENTITY,
    Hostile("**zq** _zq_ ~~zq~~ `zq`", r"(?<!\\)(\*|\b_|~|`)zq"),
    Hostile("[zq](http:zq) ![zq](http:zq)", r"(?<!\\)\[zq"),
    Hostile("$zq^2$ $$zq$$", r"(?<!\\)\$zq"),
    Hostile(":red[zq] :blue-badge[zq]", r"(?<!\\):(red|blue-badge)(?<!\\)\[zq"),
    Hostile(":material_zq: :zq:", r":(material[/_])?zq:"),
    Hostile("zq -> zq", r"zq -> zq"),
    Hostile("# zq", r"(?m)^# zq"),
    Hostile("1. zq", r"(?m)^1\. zq"),
    Hostile("\u202ezq", "\u202e"),
    Hostile("zq\n\nzq", r"zq\s*\n\s*zq"),
)
TITLES = [hostile.name for hostile in NAMES if hostile.name.isprintable()]  # no other title can be imported
LITERAL = re.compile(  # what the browser shows as it is, or not at all
    r"(Selectbox|MultiSelect)\.(options|raw_values|id|default)|\.(id|url|file_name|query_param_key|value|raw_value|alt)$|"
    r"BidiComponent\.(json|.*_content|.*_source_path)|Arrow(\w|\.)*(data|columns|styler.*)$|UploadedFile|FileUploader"
)
WITHOUT_IMAGES = ("benchmarks", "break_a_defence", "lesson", "mixing_desk", "models", "transfer_learning")
SHOWING = {page: path for page, path in PAGES.items() if page != "story"}


@pytest.fixture
def imported(own_cache, ready, monkeypatch):
    """Two models that are ready, whose titles share all hostile names."""
    half = len(TITLES) // 2
    titles = ["".join(f"{name} · " for name in part) for part in (TITLES[:half], TITLES[half:])]
    specs = tuple(replace(spec, title=title) for spec, title in zip(ready, titles, strict=True))
    monkeypatch.setattr(catalogue, "TABLE", specs)
    warmup.wait()
    return specs


def check(app: AppTest) -> int:
    """How many texts with a hostile name the browser reads as Markdown or HTML; none of them may have an effect."""
    assert not app.exception, app.exception[0]
    read = [(place, text) for place, text in all_strings(app) if MARK in text and not LITERAL.search(place)]
    for place, text in read:
        for hostile in NAMES:
            assert not re.search(hostile.acts, text), f"{hostile.name!r} acts in {place}: {text!r}"
    for text in in_charts(app):
        assert not re.search(f"{HTML.acts}|{ENTITY.acts}", text), f"a chart would act on {text!r}"
    return len(read)


def a_png(number: int) -> bytes:
    """An image that no other number has."""
    return encode(np.full((48, 48, 3), 8 * number, np.uint8), "PNG")


def asked_everything(app: AppTest) -> AppTest:
    """The page when what it offers to compute is there."""
    for button in app.button:
        if button.label in ("Explain", "Run", "Check") and not button.disabled:
            button.click()
    run_until(app.run(), lambda _: not queue("device").active())
    return app.run()


@pytest.mark.parametrize("page", SHOWING)
def test_titles_of_models_and_names_of_uploads_have_no_effect(page, imported):
    app = open_page(SHOWING[page], world="ImageNet", **SHORT.get(page, {}))
    if page in WITHOUT_IMAGES:
        check(asked_everything(app))
        return
    app.selectbox(key="source").set_value("Upload").run()
    files = [(f"{hostile.name}.png", a_png(number), "image/png") for number, hostile in enumerate(NAMES)]
    app.file_uploader(key="uploader").set_value(files).run()
    check(app)
    check(asked_everything(app))
    assert any(MARK in text for _, text in all_strings(app))


def test_a_name_begins_a_line_of_its_own(imported):
    """Beside the title of an image nothing else stands, so that "# " and "1. " would count there."""
    app = open_page(world="ImageNet")
    app.selectbox(key="source").set_value("Upload").run()
    for number, hostile in enumerate(NAMES):
        app.file_uploader(key="uploader").set_value([(f"{hostile.name}.png", a_png(number), "image/png")]).run()
        assert MARK in all_words(app)
        check(app)


@pytest.mark.parametrize("page", [page for page in SHOWING if page not in WITHOUT_IMAGES])
def test_names_of_folders_have_no_effect(page, imported, tmp_path: Path, monkeypatch):
    for number, hostile in enumerate(NAMES):
        folder = tmp_path / "data" / hostile.name.replace("/", "")
        folder.mkdir(parents=True)
        (folder / f"{hostile.name.replace('/', '')}.png").write_bytes(a_png(number))
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    app = open_page(SHOWING[page], world="ImageNet", **SHORT.get(page, {}))
    sources = [option for option in app.selectbox(key="source").options if MARK in option]
    assert len(sources) == len(NAMES)
    for source in sources:
        app.selectbox(key="source").set_value(source).run()
        check(app)


@pytest.mark.parametrize("hostile", NAMES, ids=[hostile.name for hostile in NAMES])
def test_the_words_of_a_link_have_no_effect(hostile):
    app = open_page(world="Mini", **dict.fromkeys(("corruption", "source", "models", "more"), hostile.name))
    assert check(app) >= 4


@pytest.mark.parametrize("hostile", NAMES, ids=[hostile.name for hostile in NAMES])
def test_the_name_of_a_file_that_is_no_image_has_no_effect(hostile, imported):
    app = open_page(world="ImageNet")
    app.selectbox(key="source").set_value("Upload").run()
    app.file_uploader(key="uploader").set_value([(f"{hostile.name}.png", b"no image", "image/png")]).run()
    assert MARK in app.error[0].value
    check(app)
