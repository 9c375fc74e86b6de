"""The PGD page without a browser: what it does not begin by itself, and what a run says about itself."""

import pytest
from streamlit.testing.v1 import AppTest

from robust_core.models import device
from robust_core.models.pool import shared_pool
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until


@pytest.fixture
def small_attack(ready):
    """The PGD page with two tiny models and a short attack on four images, torch being there."""
    warmup.wait()
    app = open_page(PAGES["pgd_steps"], world="ImageNet")
    app.slider(key="n").set_value(4)
    return app.slider(key="steps").set_value(5).run()


def run_the_attack(app: AppTest) -> AppTest:
    button(app, "Run").click().run()
    return run_until(app, lambda app: "Which images survive?" in [one.value for one in app.subheader])


def test_an_attack_says_its_protocol_its_n_and_that_it_is_an_upper_bound(small_attack):
    words = all_words(run_the_attack(small_attack))
    assert "LIVE" in words
    assert "L∞, ε 0.5/255, step 0.05/255, 5 steps, untargeted, from the clean image, seed 0; n = 4" in words
    assert "Accuracy under PGD-k is an upper bound on robust accuracy" in words
    assert "Steps × step size is less than ε" in words, "5 steps of ε/10"
    assert "4 of the 20 images" in words


def test_no_attack_begins_by_itself(small_attack):
    assert "job_slots" not in small_attack.session_state or not any(
        slot.startswith("pgd") for slot in small_attack.session_state["job_slots"]
    )
    assert not button(small_attack, "Run").disabled


def test_survivors_and_fallen_make_up_all_images(small_attack):
    app = run_the_attack(small_attack)
    counts = []
    for which in ("Survived", "Fell", "All"):
        app.segmented_control(key="at_which").set_value(which).run()
        counts.append(len(app.dataframe[0].value))
    assert counts[0] + counts[1] == counts[2] == 4


def test_changed_settings_keep_the_last_run_and_ask_for_another(small_attack):
    app = run_the_attack(small_attack)
    assert button(app, "Run").disabled
    app.select_slider(key="eps").set_value("8/255").run()
    assert "Changed since the run below: ε: 0.5/255 → 8/255" in all_words(app)
    assert not button(app, "Run").disabled


def test_another_scoring_rule_needs_no_other_run(small_attack):
    app = run_the_attack(small_attack)
    app.selectbox(key="scoring").set_value("Last iterate").run()
    assert "scored by “Last iterate”" in all_words(app)
    assert button(app, "Run").disabled


def test_the_papers_protocol_fixes_all_but_steps_and_seed(small_attack):
    app = small_attack
    app.segmented_control(key="protocol").set_value("Orhan 2019").run()
    assert (
        "ε 15.3/255, step 2/255, 5 steps, targeted (random class), from a random start, not clipped, stops at success"
        in all_words(app)
    )
    words = all_words(run_the_attack(app))
    assert "scored by “The paper's rule”" in words
    assert "harder than any wrong one" in words


def test_several_eps_run_in_one_job_and_the_page_looks_at_one(small_attack):
    app = small_attack
    app.segmented_control(key="against").set_value("ε").run()
    app.pills(key="eps_set").set_value(["4/255", "1/255"]).run()
    app = run_the_attack(app)
    assert len([slot for slot in app.session_state["job_slots"] if slot.startswith("pgd:")]) == 2
    assert "ε 4/255, step 0.4/255" in all_words(app)
    app.select_slider(key="at_eps").set_value("1/255").run()
    assert "ε 1/255, step 0.1/255" in all_words(app)


def test_the_papers_eps_are_run_by_its_protocol(small_attack):
    app = small_attack
    app.segmented_control(key="protocol").set_value("Orhan 2019")
    app.segmented_control(key="against").set_value("ε").run()
    assert "Each ε of 2.55/255, 5.1/255, 10.2/255, 15.3/255, 20.4/255, 25.5/255." in all_words(app)


def test_all_images_can_be_driven_to_a_chosen_class(small_attack):
    app = small_attack
    app.selectbox(key="aim").set_value("Chosen class").run()
    app.selectbox(key="target").set_value("goldfish").run()
    assert "targeted (goldfish)" in all_words(run_the_attack(app))


def test_an_l2_attack_from_random_starts(small_attack):
    app = small_attack
    app.segmented_control(key="norm").set_value("L2")
    app.segmented_control(key="start").set_value("Random in the ball").run()
    app.slider(key="restarts").set_value(2).run()
    assert "L2, ε 0.5, step 0.05, 5 steps, untargeted, from a random start, 2 restarts" in all_words(
        run_the_attack(app)
    )


def test_where_an_attack_leaves_nothing_there_is_nothing_to_check(small_attack):
    """Tiny models are right about no photo."""
    app = run_the_attack(small_attack)
    assert "The attack leaves no image, so there is nothing to check." in all_words(app)
    assert not [one for one in app.button if one.label == "Check this attack"]


@pytest.fixture
def attack_on_mini():
    """The PGD page in Mini with a short attack on four images, no other model being loaded."""
    warmup.wait()
    shared_pool().free_idle()
    app = open_page(PAGES["pgd_steps"], world="Mini")
    app.slider(key="n").set_value(4)
    return app.slider(key="steps").set_value(5).run()


def check_the_attack(app: AppTest) -> AppTest:
    button(app, "Check this attack").click().run()
    return run_until(app, lambda app: "The worst case counts" in all_words(app))


def checks_table(app: AppTest):
    return next(one.value for one in app.table if "Check" in one.value.columns)


def test_a_run_can_be_checked_and_nothing_is_checked_by_itself(attack_on_mini):
    app = run_the_attack(attack_on_mini)
    assert "About " in all_words(app)
    assert not any(slot.startswith("pgd_checks") for slot in app.session_state["job_slots"])
    app = check_the_attack(app)
    assert "upper bound on robust accuracy still" in all_words(app)
    table = checks_table(app)
    assert table["Check"].tolist()[:3] == ["FGSM", "Uniform noise (20 draws)", "PGD with the DLR loss"]
    assert len([check for check in table["Check"] if check.startswith("Transfer from")]) == 3, (
        "the three models, each on the others"
    )
    assert table["Source"].str.contains("20").all()
    assert not [one for one in app.button if one.label == "Check this attack"], "once is enough"


def test_a_check_stays_with_its_run_and_another_run_needs_another(attack_on_mini):
    app = check_the_attack(run_the_attack(attack_on_mini))
    app.selectbox(key="scoring").set_value("Last iterate").run()
    assert "The worst case counts" in all_words(app), "the same successes, counted otherwise"
    app.select_slider(key="eps").set_value("4/255").run()
    assert "The worst case counts" in all_words(app), "that of the run below"
    app = run_the_attack(app)
    assert "The worst case counts" not in all_words(app)
    assert button(app, "Check this attack")


def test_settings_changed_and_run_while_checks_run_leave_these(attack_on_mini):
    app = run_the_attack(attack_on_mini)
    button(app, "Check this attack").click()
    app.select_slider(key="eps").set_value("2/255").run()
    app = run_the_attack(app)
    assert not any(slot.startswith("pgd_checks") for slot in app.session_state["job_slots"])
    assert "ε 2/255" in all_words(check_the_attack(app))


def test_of_several_eps_the_one_that_is_looked_at_is_checked(attack_on_mini):
    app = attack_on_mini
    app.segmented_control(key="against").set_value("ε").run()
    app.pills(key="eps_set").set_value(["4/255", "1/255"]).run()
    app = check_the_attack(run_the_attack(app))
    app.select_slider(key="at_eps").set_value("1/255").run()
    assert button(app, "Check this attack")
    app.select_slider(key="at_eps").set_value("4/255").run()
    run_until(app, lambda app: "The worst case counts" in all_words(app))


def test_another_precision_is_chosen_said_and_needs_another_run(small_attack):
    app = run_the_attack(small_attack)
    app.selectbox(key="precision").set_value("float32").run()
    assert "Changed since the run below: precision: float32, batch norm folded → float32" in all_words(app)
    words = all_words(run_the_attack(app))
    assert "seed 0; batch norm not folded; n = 4" in words


def test_a_precision_that_a_model_does_not_allow_is_not_offered_and_a_link_is_told_why(small_attack):
    offered = small_attack.selectbox(key="precision")
    assert offered.options == ["float32, batch norm folded", "float32"]
    assert "is offered where all chosen models were measured to fall just as often" in offered.help
    app = open_page(PAGES["pgd_steps"], world="ImageNet", precision="bfloat16, float32 stem")
    assert app.selectbox(key="precision").value == "float32, batch norm folded"
    assert "“bfloat16, float32 stem” is offered where" in all_words(app)


def test_bfloat16_is_offered_where_models_and_device_allow_it_and_left_with_them(ready, monkeypatch):
    monkeypatch.setattr(device, "has_bfloat16", lambda _device: True)
    warmup.wait()
    app = open_page(PAGES["pgd_steps"], world="Mini", precision="bfloat16, float32 stem")
    assert app.selectbox(key="precision").value == "bfloat16, float32 stem"
    monkeypatch.setattr(device, "has_bfloat16", lambda _device: False)
    assert app.run().selectbox(key="precision").value == "float32, batch norm folded"


def test_a_link_carries_the_precision(ready):
    warmup.wait()
    app = open_page(PAGES["pgd_steps"], world="ImageNet", precision="float32")
    assert app.selectbox(key="precision").value == "float32"
    assert "precision" in all_words(open_page(PAGES["pgd_steps"], world="ImageNet", precision="float8"))
