"""The page that compares attacks, without a browser: what it says, what it does not begin by itself, and its views."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from robust_core.jobs import queue
from robust_core.results import published
from robust_core.studies import attack_comparison
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, WAIT_SECONDS, all_words, button, open_page, run_until

PAGE = PAGES["compare_attacks"]


@pytest.fixture
def two_attacks(ready):
    """The page with two tiny models, four images and two short attacks, torch being there."""
    warmup.wait()
    app = open_page(PAGE, world="ImageNet")
    app.slider(key="n").set_value(4)
    app.multiselect(key="attacks_linf").set_value(["PGD", "FGSM"])
    return app.selectbox(key="attack_steps").set_value("10").run()


def compare(app: AppTest) -> AppTest:
    button(app, "Run").click().run()
    return run_until(app, lambda app: app.subheader)


def test_attacks_are_compared_with_their_n_interval_and_protocol(two_attacks):
    app = compare(two_attacks)
    words = all_words(app)
    assert "LIVE" in words
    assert "L∞ 0.5/255, untargeted, seed 0; n = 4" in words
    assert "All of them together: " in words
    assert app.subheader[0].value.startswith("PGD-10 says ")
    table = app.dataframe[0].value
    assert table["Attack"].tolist() == 2 * ["FGSM", "PGD-10", "all of them"], "as the bars, the cheapest first"
    assert set(table["n"]) == {4}
    assert table["Protocol"].iloc[1] == "PGD, untargeted, L∞ 0.5/255, 10 steps, seed 0"
    assert not app.exception


def test_no_attack_begins_by_itself_and_its_costs_are_said(two_attacks):
    assert not [slot for slot in two_attacks.session_state["job_slots"] if slot.startswith("compare:")]
    pgd, fgsm = 1 + 11 + 10, 1 + 2 + 1  # the clean image, forward, backward
    assert f"At most {2 * 4 * (pgd + fgsm)} passes" in all_words(two_attacks)
    assert not button(two_attacks, "Run").disabled


def test_changed_settings_keep_the_last_run_and_ask_for_another(two_attacks):
    app = compare(two_attacks)
    assert button(app, "Run").disabled
    app.select_slider(key="ball_linf").set_value("8/255").run()
    assert "ball: L∞ 0.5/255 → L∞ 8/255" in all_words(app)
    assert not button(app, "Run").disabled


def test_the_view_over_passes_is_of_the_same_run(two_attacks):
    app = compare(two_attacks)
    app.segmented_control(key="compare").set_value("Over passes").run()
    assert "the further left, the cheaper" in all_words(app)
    assert button(app, "Run").disabled
    assert not app.exception


def test_another_precision_is_another_run_and_is_named(two_attacks):
    app = two_attacks
    app.selectbox(key="attacks_precision").set_value("float32").run()
    assert "batch norm not folded; n = 4" in all_words(app)
    app = compare(app)
    assert "PGD-10 (not folded)" in all_words(app)
    assert not app.exception


def test_a_curve_over_eps_is_a_run_of_its_own(two_attacks):
    app = two_attacks
    app.segmented_control(key="compare").set_value("Over ε").run()
    app.multiselect(key="attacks_over_eps_linf").set_value(["PGD", "FMN"])
    app.pills(key="balls_linf").set_value(["1/255", "4/255"]).run()
    app = compare(app)
    assert "there is a point for each ε" in all_words(app)
    assert "L∞ 1/255, 4/255; n = 4" in all_words(app)
    assert not app.exception


def test_published_rows_are_marked_and_named(two_attacks):
    app = two_attacks
    app.segmented_control(key="compare").set_value("Published").run()
    words = all_words(app)
    assert "PUBLISHED" in words
    assert "Croce et al. 2021" in words
    shown = app.dataframe[0].value
    best = max(row.value for row in published("robustbench") if row.metric == "top1_under_attack" and row.n)
    assert shown["Left, %"].iloc[0] == best
    assert set(shown["ε"]) == {"4/255"}
    app.segmented_control(key="compare_board").set_value("ARES-Bench").run()
    assert {"FGSM", "PGD, 100 steps", "AutoAttack"} == set(app.dataframe[0].value["Attack"])
    assert not app.exception


def test_another_norm_has_its_own_attacks_and_balls(two_attacks):
    app = two_attacks
    app.segmented_control(key="attack_norm").set_value("L0").run()
    assert "PGD" not in app.multiselect(key="attacks_l0").options
    assert app.select_slider(key="ball_l0").value == "50"
    assert not app.exception


def test_what_would_cost_too_much_is_not_offered(two_attacks, monkeypatch):
    monkeypatch.setattr("robust_core.ui.compare_attacks.costs.MOST_PASSES", 10)
    app = two_attacks.run()
    assert "a run here takes at most 10. Choose fewer attacks" in all_words(app)
    assert not [one for one in app.button if one.label == "Run"]


@pytest.mark.parametrize(
    "link",
    [
        {"attacks_linf": "autoatack", "attack_norm": "L7", "ball_linf": "9999", "attack_steps": "-1"},
        {
            "compare": "x",
            "compare_board": "y",
            "n": "1e9",
            "attacks_seed": "nan",
            "balls_linf": "",
            "attacks_precision": "half",
        },
    ],
)
def test_a_link_may_ask_for_anything(ready, link):
    app = open_page(PAGE, **link)
    assert not app.exception, app.exception[0].value


def test_a_run_that_is_cancelled_keeps_what_is_over(two_attacks, monkeypatch):
    """The second attack waits until the page has cancelled it."""
    begun, cancelled, one_attack = threading.Event(), threading.Event(), attack_comparison._one_attack

    def waiting(model, pixels, labels, config, *rest):
        if config.attack == "fgsm":
            begun.set()
            assert cancelled.wait(WAIT_SECONDS)
        return (yield from one_attack(model, pixels, labels, config, *rest))

    monkeypatch.setattr(attack_comparison, "_one_attack", waiting)
    button(two_attacks, "Run").click().run()
    assert begun.wait(WAIT_SECONDS)
    app = button(two_attacks.run(), "Cancel all").click().run()
    cancelled.set()
    assert "Cancelled." in all_words(app)
    assert "Changed since the run below: " in all_words(app)
    assert app.dataframe[0].value["Attack"].tolist() == ["PGD-10"]
    assert not app.exception


def test_a_run_that_is_cancelled_keeps_the_models_that_are_done_and_begins_no_other(two_attacks, monkeypatch):
    begun, cancelled, one_attack = threading.Event(), threading.Event(), attack_comparison._one_attack
    second = two_attacks.multiselect(key="models").value[1]

    def waiting(model, *rest):
        if model.spec.title == second:
            begun.set()
            assert cancelled.wait(WAIT_SECONDS)
        return (yield from one_attack(model, *rest))

    monkeypatch.setattr(attack_comparison, "_one_attack", waiting)
    button(two_attacks, "Run").click().run()
    assert begun.wait(WAIT_SECONDS)
    app = button(two_attacks.run(), "Cancel all").click().run()
    cancelled.set()
    run_until(app, lambda _: not queue("device").active())
    app.run()
    assert "Changed since the run below: models: " in all_words(app)
    assert set(app.dataframe[0].value["Model"]) == {app.multiselect(key="models").value[0]}
    assert not queue("device").active(), "what was cancelled does not begin again"
