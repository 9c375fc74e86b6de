import dataclasses

import pytest

from robust_core.benchmark.sources import PAGE, SHARE_ALIKE, SOURCES, page, sources_of
from robust_core.cli import main
from robust_core.errors import UnknownName
from robust_core.results import published, published_tables


@pytest.mark.parametrize("table", published_tables())
def test_every_row_names_publications_that_are_known(table):
    assert all(sources_of(row) for row in published(table))


@pytest.mark.parametrize("table", published_tables())
def test_share_alike_numbers_stand_in_files_of_their_own(table):
    licensed = {any(source.licence == SHARE_ALIKE for source in sources_of(row)) for row in published(table)}
    assert len(licensed) == 1, "no file mixes them with others"


def test_every_publication_is_used_and_has_a_licence_or_says_that_there_is_none():
    used = {source for table in published_tables() for row in published(table) for source in sources_of(row)}
    assert used == set(SOURCES)
    assert all(source.licence for source in SOURCES)


def test_the_page_in_git_is_the_one_that_the_command_writes(monkeypatch, tmp_path):
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m robust_core benchmark sources`"
    monkeypatch.setattr("robust_core.benchmark.sources.PAGE", tmp_path / "SOURCES.md")
    assert main(["benchmark", "sources"]) == 0
    assert (tmp_path / "SOURCES.md").read_text(encoding="utf-8") == page()


def test_the_page_names_every_file_with_its_rows():
    for table in published_tables():
        assert f"## {table}.csv\n\n{len(published(table))} rows" in page()


@pytest.mark.parametrize(
    "source",
    [
        "",
        "somebody/else@0123abcd:README.md",
        "eminorhan/resnext-wsl@6200c936:results; somebody/else@0123abcd:README.md",
    ],
)
def test_an_unknown_publication_is_refused(source):
    with pytest.raises(UnknownName):
        sources_of(dataclasses.replace(published("orhan2019_pgd")[0], source=source))
