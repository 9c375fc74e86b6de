"""The six claims: sentences and charts of published numbers, and links that say only what the live pages understand."""

import re

import pytest

from robust_core.cue_conflict.decisions import RULES
from robust_core.labels import IMAGENET, IMAGENET_A, MINI
from robust_core.models import catalogue
from robust_core.models.catalogue import get_spec
from robust_core.plots import claim_bars
from robust_core.plots.board_charts import Group, Point
from robust_core.results import published
from robust_core.ui.colours import model_colours
from robust_core.ui.server import warmup
from robust_core.ui.story import cards
from robust_core.ui.story.orhan_claims import BASELINE, CLAIMS, MODELS, Quote
from tests.benchmark.trees import drawings, write_by_wnid
from tests.models.rows import tiny_spec
from tests.pages.opening import PAGES, all_words, open_page

pytestmark = pytest.mark.usefixtures("own_cache")
WSL = {f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48)}


def rows(table, benchmark, metric, **settings):
    kept = (row for row in published(table) if (row.benchmark, row.metric) == (benchmark, metric))
    return {
        row.model: row.value for row in kept if all(row.settings.get(name) == value for name, value in settings.items())
    }


def ends(values):
    """The least and the most of the WSL models, and the baseline."""
    wsl = [values[model] for model in WSL]
    return min(wsl), max(wsl), values[BASELINE]


def numbers(text):
    return [float(number) for number in re.findall(r"\d+\.\d+", text)]


def test_there_are_six_claims_with_titles_of_their_own():
    assert len({claim.title for claim in CLAIMS}) == len(CLAIMS) == 6


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, [*ends(rows("orhan2019_benchmarks", "ImageNet-C", "mce"))]),
        (1, [*ends(rows("orhan2019_benchmarks", "ImageNet-P", "mfr"))]),
        (
            2,
            [
                *ends(rows("orhan2019_benchmarks", "ImageNet-A", "top1")),
                *ends(rows("orhan2019_benchmarks", "ImageNet-A", "rms_calibration_error")),
            ],
        ),
        (3, [0.06, *ends(rows("orhan2019_pgd", "white-box PGD by eps", "top1_under_attack", eps="0.06"))]),
        (
            4,
            [
                *ends(rows("orhan2019_pgd", "white-box PGD by steps", "top1_under_attack", steps="10"))[:2],
                *ends(rows("orhan2019_pgd", "white-box PGD by steps", "top1_under_attack", steps="50"))[:2],
                next(
                    row.value
                    for row in published("ares2023")
                    if row.model == "ResNet101 AT (ARES)" and "PGD, 100 steps" in row.protocol
                ),
            ],
        ),
        (
            5,
            [
                *ends(
                    {
                        row.model: row.value
                        for row in published("shape_bias")
                        if row.metric == "shape_bias" and row.source.startswith("Orhan 2019")
                    }
                ),
                next(
                    row.value
                    for row in published("shape_bias")
                    if row.model == "10 people" and row.metric == "shape_bias"
                ),
            ],
        ),
    ],
)
def test_the_numbers_of_a_sentence_are_the_published_ones(place, expected):
    said = numbers(CLAIMS[place].sentence)
    assert said == [pytest.approx(value, abs=0.05) for value in expected]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_no_number_of_a_model_is_typed_into_the_sentence(claim):
    assert "%" not in re.sub(r"\{[^}]*\}(%| to )?", "", claim.words).replace("after 10 steps", "")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_what_is_drawn_is_published_and_of_one_protocol(claim):
    for quote in (*claim.drawn, *claim.marked, *claim.cited):
        assert quote.rows()
        assert {row.kind for row in quote.rows()} == {"published"}
        assert len({(row.protocol, row.unit) for row in quote.rows()}) == 1
        assert {row.model for row in quote.rows()} == set(quote.models)
        if not claim.against:
            assert len(quote.rows()) == len(quote.models)
    assert claim.drawn[0].models[0] == BASELINE


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_every_table_of_a_sentence_has_its_origin_on_the_card(claim):
    assert {(quote.benchmark, quote.metric) for quote in claim.cited} <= {
        (quote.benchmark, quote.metric) for quote in claim.quotes
    }


def test_the_models_of_the_links_exist_in_their_world():
    for label_space, keys in MODELS.items():
        assert {get_spec(key).label_space for key in keys} == {label_space}


def test_a_quote_of_other_settings_has_other_rows():
    ten = Quote("orhan2019_pgd", "white-box PGD by steps", "top1_under_attack", settings="eps=0.06 steps=10")
    assert {row.condition for row in ten.rows()} == {"eps=0.06 steps=10"}
    assert not Quote(
        "orhan2019_pgd", "white-box PGD by steps", "top1_under_attack", settings="eps=0.06 steps=11"
    ).rows()


def test_bars_keep_order_values_colours_and_whiskers():
    groups = [
        Group("one", "#111111", [Point("", 10.0, 9.0, 12.0, "all of one")], False),
        Group("two", "#222222", [Point("", 40.0, None, None, "two")], False),
    ]
    marks = [Group("one", "#111111", [Point("", 50.0, None, None, "error of one")], False)]
    figure = claim_bars.bars(groups, marks)
    bars, diamonds = figure["data"]
    assert (bars["x"], bars["marker"]["color"]) == ([10.0, 40.0], ["#111111", "#222222"])
    assert (bars["error_x"]["array"], bars["error_x"]["arrayminus"]) == ([2.0, 0], [1.0, 0])
    assert diamonds["x"] == [50.0]
    assert [text["text"] for text in figure["layout"]["annotations"]] == ["one", "10.0", "two", "40.0"]
    assert figure["layout"]["xaxis"]["range"][1] >= 50
    assert len(claim_bars.bars(groups, [])["data"]) == 1


def test_a_model_has_the_colour_that_it_has_everywhere():
    for claim in CLAIMS:
        drawn = [row for quote in claim.drawn for row in quote.rows()]
        of_models = {group.title: group.colour for group in cards._groups(drawn, claim.against)}
        for key in {BASELINE, *WSL}:
            assert of_models[get_spec(key).title] == model_colours()[key]


def test_a_link_names_only_what_is_here():
    for claim in CLAIMS:
        link = cards.live_link(claim, IMAGENET, cards.models_here(IMAGENET))
        assert link["world"] == "ImageNet"
        assert "models" not in link, "no weights are here"
        assert "source" not in link, "ImageNet-A is not here"
        assert len(cards.live_link(claim, MINI, cards.models_here(MINI))["models"]) == 3


def test_what_arrives_later_is_in_the_link(tmp_path, monkeypatch):
    write_by_wnid(tmp_path / "data" / "imagenet-a", drawings(2, IMAGENET_A))
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path / "data"))
    spec = tiny_spec(tmp_path / "weights", BASELINE)
    monkeypatch.setattr(catalogue, "TABLE", (spec,))
    link = cards.live_link(CLAIMS[2], IMAGENET, cards.models_here(IMAGENET))
    assert (link["source"], link["models"]) == ("ImageNet-A", [spec.title])


@pytest.mark.parametrize("label_space", [IMAGENET, MINI])
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_the_live_page_knows_every_parameter(claim, label_space):
    warmup.wait()
    link = cards.live_link(claim, label_space, cards.models_here(label_space))
    app = open_page(PAGES[claim.page.script], **link)
    assert not app.exception
    assert "is not here" not in all_words(app)
    assert "is ignored" not in all_words(app)
    if label_space == MINI:
        held = {key: app.session_state[key] for key in link if key in app.session_state}
        assert set(held) == set(link), "a control reads every parameter"
        assert {key: str(value).lower() for key, value in held.items() if key != "models"} == {
            key: value.lower() for key, value in link.items() if key != "models"
        }


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_all_numbers_opens_the_table_that_the_chart_is_of(claim):
    app = open_page(PAGES["benchmarks"], world="ImageNet", **claim.numbers)
    assert not app.exception
    assert "is ignored" not in all_words(app)
    titles = list(app.dataframe[0].value["Model"])
    assert {get_spec(key).title for key in claim.drawn[0].models} <= set(titles)
    values = app.dataframe[0].value[[name for name in ("Value", "Top-1 accuracy") if name in app.dataframe[0].value][0]]
    assert all(any(value == pytest.approx(row.value) for value in values) for row in claim.drawn[0].rows())


def test_the_rule_of_the_shape_link_is_the_papers():
    assert CLAIMS[5].links[IMAGENET]["rule"] == next(rule.title for rule in RULES if "Orhan" in rule.source)
