"""The Benchmarks page: every view in both worlds, and the numbers that it must show (no browser: AppTest)."""

import json
import re

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import linregress

from robust_core.benchmark import stored_runs
from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.corruptions.table import BENCHMARK_15
from robust_core.data import foolbox
from robust_core.intervals import newcombe
from robust_core.models.registry_mini import MINI_REGISTRY
from robust_core.results import in_unit
from tests.benchmark.finished_runs import number, save_run
from tests.data.folders import TENCH, put
from tests.pages.opening import PAGES, all_words, open_page

VIEWS = (
    "Leaderboard",
    "Corruptions",
    "PGD",
    "Perturbations",
    "Calibration",
    "Shape bias",
    "Scatter plot",
    "One model",
    "Two models",
)
NOISE = "corruption=gaussian_noise"
CERTIFIED = (("0.25", "0"), ("0.25", "0.5"), ("0.50", "0"), ("0.50", "0.5"), ("0.50", "1"))


@pytest.fixture(autouse=True)
def own_runs_only(own_cache, monkeypatch):
    monkeypatch.setattr(stored_runs, "stores", lambda: (stored_runs.own_store(),))


@pytest.fixture
def mini_runs():
    """Results of every kind for the first three mini models, with predictions for the same 200 images."""
    for place, spec in enumerate(MINI_REGISTRY[:3]):
        right = np.arange(200) < 100 + 20 * place

        def rows(benchmark, *numbers, model=spec.key):
            return [
                number(model, benchmark, condition, metric, value, unit, 200)
                for condition, metric, value, unit in numbers
            ]

        calibration = [
            ("", "rms_calibration_error", 10.0, "percentage points"),
            ("", "aurra", 70.0, "% over response rates"),
        ]
        save_run(
            stored_runs.own_store(),
            spec.key,
            rows("mini", ("", "top1", 100 * right.mean(), "%"), *calibration),
            {"": {"correct": right}},
        )
        by_severity = [
            (f"corruption={name} severity={severity}", "top1_error", 10.0 * severity, "%")
            for name in BENCHMARK_15
            for severity in range(1, 6)
        ]
        save_run(
            stored_runs.own_store(),
            spec.key,
            rows("mini-C", *by_severity),
            {f"{NOISE} severity=1": {"correct": right}},
            experiment="mini_c",
        )
        sequences = [("perturbation=tilt", "flip_probability", 12.5, "%"), ("", "flip_probability", 12.5, "%")]
        save_run(stored_runs.own_store(), spec.key, rows("mini-P", *sequences), {}, experiment="mini_p")
        attacks = [
            (f"eps={eps} steps={steps}", "top1_under_attack", 50.0 - steps, "%")
            for eps in ("0.01", "0.02")
            for steps in (0, 10, 20)
        ]
        save_run(stored_runs.own_store(), spec.key, rows("mini PGD", *attacks), {}, experiment="mini_pgd")
        alone = {
            "mini_attacks": [(f"attack={key} steps=9", "top1_under_attack", 25.0, "%") for key in ("pgd", "apgd_ce")],
            "mini_smallest_change": [("", "median_smallest_eps", 2.5 + place, "255ths")],
            "mini_transfer": [("source=mini_resnext_wsl steps=20", "top1_under_attack", 80.0, "%")],
            "mini_certified": [
                *((f"sigma={sigma} radius={radius}", "certified_accuracy", 60.0, "%") for sigma, radius in CERTIFIED),
                ("sigma=0.25", "abstention_rate", 5.0, "%"),
            ],
        }
        for key, numbers in alone.items():
            row = EXPERIMENTS[key]
            save_run(stored_runs.own_store(), spec.key, rows(row.benchmark, *numbers), {}, experiment=key)
        votes = [("pictures=256", "shape_bias", 40.0, "%"), ("pictures=256", "coverage", 60.0, "%")]
        save_run(
            stored_runs.own_store(),
            spec.key,
            rows("mini cue conflict by the best class", *votes),
            {},
            experiment="mini_shape_bias",
        )


def open_view(view, world="ImageNet", **parameters):
    app = open_page(PAGES["benchmarks"], view=view, world=world, **parameters)
    assert not app.exception, app.exception[0].value
    return app


def table(app):
    return app.dataframe[0].value


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_a_table_with_source_and_protocol_in_both_worlds(view, mini_runs):
    for world in ("ImageNet", "Mini"):
        app = open_view(view, world)
        assert len(table(app)) > 0
        assert {"Protocol", "Source" if "Source" in table(app) else "Source, first"} <= set(table(app))
        assert not app.run().exception


@pytest.mark.parametrize("view", VIEWS)
def test_a_world_without_results_says_so(view):
    app = open_view(view, "Mini")
    assert "No results of this world are here yet" in all_words(app)
    assert not app.dataframe


def test_the_leaderboard_shows_the_papers_mce_and_no_resized_one():
    app = open_view("Leaderboard", benchmark="ImageNet-C", metric="mCE")
    shown = table(app).set_index("Model")["Value"]
    titles = ["ResNeXt-101 32x8d", *(f"ResNeXt-101 32x{width}d WSL" for width in (8, 16, 32, 48))]
    assert [round(shown[title], 2) for title in titles] == [66.65, 51.74, 48.79, 46.99, 45.70]
    assert table(app)["Protocol"].nunique() == 1
    assert table(app)["Rank"].is_monotonic_increasing


def test_training_and_search_narrow_the_board_and_keep_the_ranks():
    app = open_view("Leaderboard")
    whole = table(app).set_index("Model")["Rank"]
    app.pills(key="training").set_value(["Weakly supervised (WSL)"]).run()
    assert set(table(app)["Training"]) == {"Weakly supervised (WSL)"}
    app.text_input(key="search").set_value("48D").run()
    (row,) = table(app).to_dict("records")
    assert row["Model"] == "ResNeXt-101 32x48d WSL"
    assert row["Rank"] == whole[row["Model"]] > 1
    assert (row["n"], row["Badge"]) == (50_000, "PUBLISHED")
    assert row["Low"] < row["Value"] < row["High"]


def test_superseded_numbers_are_a_board_of_their_own_that_warns():
    app = open_view("Leaderboard", benchmark="ImageNet-A, superseded")
    assert "corrected later" in app.warning[0].value
    assert not open_view("Leaderboard", benchmark="ImageNet-A").warning


def test_another_protocol_is_another_board():
    app = open_view("Leaderboard", benchmark="ImageNet-A")
    seen = []
    for option in app.selectbox(key="protocol").options[:4]:
        (protocol,) = table(app.selectbox(key="protocol").set_value(option).run())["Protocol"].unique()
        assert option.endswith(protocol)
        seen.append(protocol)
    assert len(set(seen)) == 4


def test_imagenet_a_moves_when_it_is_scored_over_all_classes():
    app = open_view("Leaderboard", benchmark="ImageNet-A")
    assert app.segmented_control(key="scored").value == "200 classes"
    before = table(app).set_index("Model")
    assert "ResNeXt-101 32x48d WSL: 61.0% → 41.5%" in all_words(app)
    app.segmented_control(key="scored").set_value("1,000 classes").run()
    after = table(app).set_index("Model")
    assert (len(before), len(after)) == (962, 962)
    title = "ResNeXt-101 32x48d WSL"
    assert (round(before.loc[title, "Value"], 2), round(after.loc[title, "Value"], 2)) == (60.99, 41.55)
    assert before.loc[title, "Rank"] != after.loc[title, "Rank"]
    assert (after["Value"] <= before.loc[after.index, "Value"]).all()
    assert "61.0% → 41.5%" in all_words(app), "the sentence is the same from either side"
    for scored in ("200 classes", "1,000 classes", "200 classes"):
        app.segmented_control(key="scored").set_value(scored).run()
    assert table(app).set_index("Model")["Value"].equals(before["Value"])


def test_a_link_reopens_the_scoring_and_an_unknown_one_is_named():
    app = open_view("Leaderboard", benchmark="ImageNet-A", scored="1,000 classes")
    assert table(app)["Protocol"].unique().tolist() == [
        "Each model's own preprocessing; the best of all 1,000 classes decides"
    ]
    app = open_view("Leaderboard", benchmark="ImageNet-A", scored="7 classes")
    assert "The link asks for a number of classes that is not here: “7 classes”" in all_words(app)


def test_the_sentence_is_about_the_models_shown():
    app = open_view("Leaderboard", benchmark="ImageNet-A", training="Weakly supervised (WSL)")
    assert len(table(app)) == 4
    assert "the 4 models shown lose **17.9 points** on average (16.6 to 19.4)" in all_words(app)


def test_a_protocol_of_one_scoring_has_no_bars():
    app = open_view("Leaderboard", benchmark="ImageNet-A")
    orhan = next(option for option in app.selectbox(key="protocol").options if option.startswith("Orhan 2019"))
    app.selectbox(key="protocol").set_value(orhan).run()
    assert table(app)["Value"].round(2).max() == 61.03
    assert "lose **" not in all_words(app)


@pytest.mark.parametrize(
    ("topic", "column", "words"),
    [
        ("ImageNet-X factors", "Model", "CC BY-NC 4.0"),
        ("AttackBench", "Attack", "no licence file; numbers quoted as facts"),
        ("Transfer attacks", "Attack", "MIT"),
        ("OpenOOD", "Method", "MIT"),
        ("Certified accuracy", "Model", "no licence file"),
        ("CLIP zero-shot", "Model", "MIT"),
    ],
)
def test_a_topic_narrows_the_benchmarks_and_the_board_states_its_licence(topic, column, words):
    app = open_view("Leaderboard", topic=topic)
    assert column in table(app)
    assert "Licence: " in all_words(app)
    assert words in all_words(app)


def test_topics_come_and_go():
    app = open_view("Leaderboard")
    worlds = app.segmented_control(key="world").options
    assert not set(app.pills(key="topic").options) & {*app.pills(key="view").options, *worlds}, (
        "one name for two things"
    )
    everything = app.selectbox(key="benchmark").options
    app.pills(key="topic").set_value("CLIP zero-shot").run()
    assert len(app.selectbox(key="benchmark").options) == 7
    assert app.selectbox(key="benchmark").value == "ImageNet, zero-shot"
    app.pills(key="topic").set_value("ImageNet-X factors").run()
    assert "Top-1 accuracy on ImageNet-X" in all_words(app)
    app.pills(key="topic").set_value(None).run()
    assert app.selectbox(key="benchmark").options == everything
    assert not app.exception


def test_errors_by_kind_of_the_chosen_models():
    app = open_view("Error kinds", e_models=["ResNeXt-101 32x48d WSL", "ResNet-50 V2"])
    shown = table(app).set_index("Model")
    row = shown.loc["ResNeXt-101 32x48d WSL"]
    assert (row["Top-1 errors"], row["n"], row["n, Top-1 accuracy"]) == (2035, 18_692, 50_000)
    assert (row["Top-1 accuracy"], row["Multi-label accuracy"]) == (85.442, 94.451)
    kinds = [name for name in shown if name.endswith("% of errors")]
    assert len(kinds) == 7
    assert shown[kinds].sum(axis=1).round(6).tolist() == [100, 100]
    assert "50.0% are right by the multi-labels, and 16.7% (339) remain unexplained" in all_words(app)
    app.segmented_control(key="e_share").set_value("of all images").run()
    assert not app.exception
    app.multiselect(key="e_models").set_value([]).run()
    assert app.info[-1].value == "Choose at least one model in the settings."


def test_real_accuracy_of_a_run_stands_beside_the_published_labels():
    rows = [number("resnet50_v2", "ImageNet", "", "real_accuracy", 86.5, "%", 46_837, protocol="here; ReaL labels")]
    save_run(stored_runs.own_store(), "resnet50_v2", rows, {}, experiment="imagenet")
    row = table(open_view("Error kinds")).set_index("Model").loc["ResNet-50 V2"]
    assert (row["ReaL accuracy"], row["n, ReaL accuracy"]) == (86.5, 46_837)
    assert round(row["Multi-label accuracy"], 3) > 86.5


def test_imagenet_x_is_a_map_of_factors_with_their_counts():
    app = open_view("ImageNet-X", f_models=["ResNeXt-101 32x48d WSL"])
    shown = table(app)
    assert len(shown) == 1 + 16
    pose = shown.query("Condition == 'pose'").iloc[0]
    assert (round(pose["Value"], 2), pose["Benchmark"]) == (85.34, "ImageNet-X")
    assert shown.query("Condition == 'person blocking'")["n"].item() == 105
    assert shown.query("Condition == 'pose'")["n"].isna().all()
    assert "CC BY-NC 4.0" in all_words(app)
    app.segmented_control(key="f_shown").set_value("top-1 accuracy").run()
    assert not app.exception
    app.multiselect(key="f_models").set_value([]).run()
    assert app.info[-1].value == "Choose at least one model in the settings."


def test_certificates_are_curves_over_the_radius_by_one_protocol():
    app = open_view("Certificates")
    shown = table(app)
    assert shown["Model"].nunique() == 3
    assert shown["Source"].str.startswith("Cohen et al. 2019").all()
    assert set(shown["n"]) == {427, 500}
    app.selectbox(key="r_protocol").set_value(app.selectbox(key="r_protocol").options[1]).run()
    assert table(app)["Source"].str.startswith("Salman et al. 2019").all()


def test_certificates_of_several_sigmas_are_one_sigma_at_a_time(mini_runs):
    app = open_view("Certificates", "Mini")
    assert app.selectbox(key="r_condition").options == ["σ 0.25", "σ 0.5"]
    assert set(table(app)["Condition"]) == {"σ 0.25, radius 0", "σ 0.25, radius 0.5"}
    app.selectbox(key="r_condition").set_value("σ 0.5").run()
    assert set(table(app)["Condition"]) == {f"σ 0.5, radius {radius}" for radius in ("0", "0.5", "1")}
    assert table(app)["Model"].nunique() == 3


@pytest.mark.parametrize(
    ("benchmark", "metric", "condition", "value"),
    [
        ("mini attacks", "Top-1 accuracy under attack", "APGD-CE, 9 steps", "25.0%"),
        ("mini smallest change", "Smallest ε that fools, median", "", "2.5/255"),
        ("mini transfer", "Top-1 accuracy under attack", "found on Mini ResNeXt WSL, 20 steps", "80.0%"),
        ("mini certified", "Certified accuracy", "σ 0.5, radius 1", "60.0%"),
        ("mini certified", "Abstentions", "σ 0.25", "5.0%"),
    ],
)
def test_what_is_asked_of_mini_alone_has_leaderboards_under_its_topic(mini_runs, benchmark, metric, condition, value):
    topic = "Certified accuracy" if benchmark == "mini certified" else "Attacks"
    link = {"benchmark": benchmark, "metric": metric} | ({"condition": condition} if condition else {})
    app = open_view("Leaderboard", "Mini", topic=topic, **link)
    shown = table(app)
    assert len(shown) == 3
    assert not app.warning, "the link asks for nothing that is not offered"
    assert (set(shown["Metric"]), set(shown["Condition"]), set(shown["n"])) == ({metric}, {condition}, {200})
    (baseline,) = shown[shown["Model"] == "Mini ResNeXt"].to_dict("records")
    assert in_unit(f"{baseline['Value']:.1f}", baseline["Unit"]) == value


def test_models_of_another_board_are_chosen_anew_and_an_empty_choice_stays_empty():
    app = open_view("Corruptions")
    assert "ResNeXt-101 32x48d WSL" in app.multiselect(key="c_models").value
    app.selectbox(key="c_benchmark").set_value("ImageNet-C, RobustBench").run()
    assert len(app.multiselect(key="c_models").value) == 5
    app.multiselect(key="c_models").set_value([]).run()
    assert app.info[-1].value == "Choose at least one model in the settings."


def test_severities_have_a_heat_map_and_curves_and_a_mean_has_only_the_map(mini_runs):
    app = open_view("Corruptions", "Mini")
    assert set(table(app)["Condition"].str.partition(", ")[2]) == {f"severity {severity}" for severity in range(1, 6)}
    assert not table(app).duplicated().any()
    app.segmented_control(key="c_severity").set_value("5").run()
    assert (table(app).query("Condition == 'fog, severity 5'")["Value"] == 50.0).all()
    assert not any(box.key == "c_corruption" for box in open_view("Corruptions").selectbox)


def test_pgd_is_drawn_against_steps_or_eps_and_the_other_is_held(mini_runs):
    app = open_view("PGD", "Mini")
    assert set(table(app)["Condition"]) == {"ε 0.02, 0 steps", "ε 0.02, 10 steps", "ε 0.02, 20 steps"}
    app.segmented_control(key="a_axis").set_value("Against ε").run()
    assert set(table(app)["Condition"]) == {"ε 0.01, 20 steps", "ε 0.02, 20 steps"}


def test_the_mean_over_all_perturbations_is_the_papers():
    app = open_view("Perturbations")
    means = table(app).query("Metric == 'mFR'")["Value"].round(2).tolist()
    assert means == [46.15, 38.76, 32.73, 29.72, 27.83]
    assert "mFR" in all_words(app)


def test_calibration_stands_beside_accuracy():
    app = open_view("Calibration")
    shown = table(app)
    assert shown["Top-1 accuracy"].round(2).tolist()[0] == 10.20
    assert shown["Top-1 accuracy"].round(2).tolist()[-1] == 61.03
    assert shown["RMS calibration error, points"].notna().all()
    assert shown["AURRA, %"].notna().all()


def test_people_stand_on_the_axis_of_shape_bias():
    assert {"10 people", "ResNeXt-101 32x48d WSL"} <= set(table(open_view("Shape bias"))["Model"])


def test_the_line_says_whose_it_is_its_n_and_what_it_leaves_out():
    app = open_view("Scatter plot")
    assert "n = 80 models, ImageNet-trained (1 at 0 or 100% left out)" in all_words(app)
    shown = table(app).set_index("Model")
    assert len(shown) == 216
    assert shown.loc["ResNeXt-101 32x48d WSL", "Effective robustness"] == pytest.approx(18.3, abs=0.05)


def test_the_axes_are_of_the_same_classes_at_first_and_the_fit_and_the_filter_are_said():
    app = open_view("Scatter plot")
    assert [app.selectbox(key=f"{axis}_benchmark").value for axis in "xy"] == [
        "ImageNet, classes of ImageNet-A",
        "ImageNet-A",
    ]
    shown, words = table(app), all_words(app)
    fitted = shown[(shown["Training"] == "ImageNet-trained") & (shown["Value"] > 0)]
    oracle = linregress(logit(fitted["Value, across"] / 100), logit(fitted["Value"] / 100))
    predicted = 100 * expit(oracle.slope * logit(fitted["Value, across"] / 100) + oracle.intercept)
    rmse = ((fitted["Value"] - predicted) ** 2).mean() ** 0.5
    assert f"Slope {oracle.slope:.2f}, R² {oracle.rvalue**2:.2f} in logits, RMSE {rmse:.1f} percentage points" in words
    assert (fitted["Effective robustness"] - (fitted["Value"] - predicted)).abs().max() < 1e-6
    assert "images that a ResNet-50 got wrong" in words
    assert "part of the distance" not in words
    assert {"Interval", "Interval, across"} <= set(shown)


def test_axes_of_other_classes_are_said_to_be_so():
    words = all_words(open_view("Scatter plot", x_benchmark="ImageNet"))
    assert "covers all 1,000 classes, the vertical axis the 200 classes of ImageNet-A: part of the distance" in words
    assert "“ImageNet, classes of ImageNet-A” has the same classes as the vertical axis" in words
    words = all_words(open_view("Scatter plot", y_benchmark="ImageNet-R"))
    assert "covers the 200 classes of ImageNet-A, the vertical axis the 200 classes of ImageNet-R" in words


def test_where_lower_is_better_effective_robustness_is_turned():
    app = open_view("Scatter plot", x_benchmark="ImageNet", y_benchmark="ImageNet-C, resized", y_metric="Mean error")
    assert "below the line. Lower is better here, so the sign is flipped." in all_words(app)
    shown = table(app)
    fitted = shown[shown["Training"] == "ImageNet-trained"]
    oracle = linregress(logit(fitted["Value, across"] / 100), logit(fitted["Value"] / 100))
    predicted = 100 * expit(oracle.slope * logit(shown["Value, across"] / 100) + oracle.intercept)
    assert (shown["Effective robustness"] - (predicted - shown["Value"])).abs().max() < 1e-6
    assert shown["Effective robustness"].abs().max() > 1


def test_where_neither_end_is_good_there_is_no_effective_robustness():
    app = open_view(
        "Scatter plot", x_benchmark="ImageNet", y_benchmark="cue conflict by the best class", y_metric="Shape bias"
    )
    assert "No line: neither end of Shape bias is the good one" in all_words(app)
    assert "Effective robustness" not in table(app)
    app = open_view("Scatter plot", y_benchmark="ImageNet-C", y_metric="mCE")
    assert "No line: both axes must be shares from 0 to 100%" in all_words(app)
    assert "Effective robustness" not in table(app)


def test_in_logit_axes_who_has_no_logit_is_not_drawn():
    app = open_view("Scatter plot", axes="Logit")
    assert "Not drawn: 1 model at 0 or 100%" in all_words(app)
    assert len(table(app)) == 216
    app.selectbox(key="y_benchmark").set_value("ImageNet-C, resized").run()
    app.selectbox(key="y_metric").set_value("mCE").run()
    assert "No line" in all_words(app)
    assert "Effective robustness" not in table(app)


def test_models_on_no_common_board_are_said(mini_runs):
    app = open_view("Scatter plot", y_benchmark="RobustBench L∞")
    assert "No model has a number on both leaderboards." in all_words(app)


def test_one_models_numbers_can_be_searched():
    app = open_view("One model")
    everything = len(table(app))
    app.text_input(key="card_search").set_value("imagenet-a").run()
    assert 0 < len(table(app)) < everything
    assert table(app)["Benchmark"].str.contains("ImageNet-A").all()
    assert table(app)["Source"].str.len().min() > 0


def test_two_models_are_paired_where_their_predictions_are_here(mini_runs):
    first, second = (spec.title for spec in MINI_REGISTRY[:2])
    app = open_view("Two models", "Mini", first=first, second=second)
    app.selectbox(key="pair_experiment").set_value(
        next(one for one in app.selectbox(key="pair_experiment").options if one.startswith("mini,"))
    ).run()
    words = all_words(app)
    assert "n = 200" in words
    assert "difference +10.0 points" in words
    assert "95%, Newcombe's interval for paired shares" in words
    assert "Only the first is right on 0, only the second on 20" in words
    assert "p < 0.001" in words
    same_images = app.dataframe[1].value.to_dict("records")[0]
    assert (same_images[f"{first}, % right"], same_images[f"{second}, % right"]) == (50.0, 60.0)
    assert (same_images["Only the first right"], same_images["Only the second right"], same_images["n"]) == (
        0,
        20,
        200,
    )
    expected = newcombe(100, 0, 20, 80)
    assert (same_images["Low"], same_images["High"]) == pytest.approx((100 * expected.low, 100 * expected.high))
    assert same_images["Low"] < same_images["Difference"] == 10.0 < same_images["High"]
    assert same_images["Interval"] == "Newcombe, paired"
    assert {"Interval, first", "Interval, second"} <= set(table(app))
    difference = table(app).query("Benchmark == 'mini' and Metric == 'Top-1 accuracy'")["Difference"]
    assert difference.tolist() == [10.0]


def test_published_numbers_are_not_paired():
    app = open_view("Two models")
    assert "published numbers come without them" in all_words(app)
    assert len(table(app)) > 100


def test_unknown_words_in_a_link_are_named():
    assert "The link asks for a benchmark that is not here: “ImageNet-Z”" in all_words(
        open_view("Leaderboard", benchmark="ImageNet-Z")
    )
    assert "The link asks for a view that is not here: “Upside down”" in all_words(open_view("Upside down"))


def test_a_labelled_set_of_ones_own_can_be_run(ready, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    put(folder / "mine" / TENCH / "a.png", 90)
    put(folder / "plain" / "b.png", 90)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(folder))
    monkeypatch.setattr(foolbox, "_images", tuple)
    app = open_page(PAGES["benchmarks"], world="ImageNet", view="Run", run_images="mine")
    assert app.selectbox(key="run_images").options == ["ImageNet validation set", "mine"]
    assert "--image-set mine" in app.code[0].value
    assert "Protocol: Images of mine" in all_words(app)
    app.selectbox(key="run_experiment").set_value("ImageNet-R").run()
    assert "run_images" not in [one.key for one in app.selectbox]
    assert not app.exception


def test_what_is_left_out_of_the_chosen_images_is_said(ready, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    put(folder / "val" / TENCH / "a.png", 90)
    (folder / "val" / TENCH / "b.png").symlink_to(folder / "val" / TENCH / "a.png")
    put(folder / "val" / "train" / "c.png", 90)
    monkeypatch.setenv("ROBUST_LAB_DATA", str(folder))
    app = open_page(PAGES["what_if"], world="ImageNet", source="ImageNet validation set")
    assert "Left out: 1 folder that is no part of it (train); 1 link." in all_words(app)


def test_the_jpeg_of_the_stored_sets_is_offered_where_images_are_corrupted_live(mini_runs):
    app = open_view("Run", "Mini", run_experiment="Mini-C", run_as_stored="true")
    assert app.toggle(key="run_as_stored").value
    assert "JPEG of quality 85, as stored" in all_words(app)
    assert "--as-stored" in app.code[0].value
    assert [one.key for one in open_view("Run", "Mini", run_experiment="Mini").toggle] == ["present"]


def figure(app, key):
    """Traces and layout of a live chart."""
    (chart,) = [one.proto for one in app.get("bidi_component") if f"-{key}" in one.proto.id]
    return json.loads(chart.json)


def test_the_page_opens_with_all_models_and_names_the_papers_five():
    app = open_page(PAGES["benchmarks"], world="ImageNet")
    assert not app.exception
    assert (app.segmented_control(key="view_group").value, app.pills(key="view").value) == ("Compare", "Scatter plot")
    chart = figure(app, "metric_dots")
    named = {re.sub("<.*?>", "", text["text"]) for text in chart["layout"]["annotations"] if "<b>" in text["text"]}
    assert named == {"ResNeXt-101 32x8d", *(f"ResNeXt-101 32x{width}d WSL" for width in (8, 16, 32, 48))}
    assert any("R² 0.82 · RMSE 3.8 points" in text["text"] for text in chart["layout"]["annotations"])
    titles = [chart["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")]
    assert max(len(line) for title in titles for line in title.split("<br>")) < 40, "no protocol on an axis"
    assert (
        "**45.4–61.0%** on ImageNet-A. Without WSL: **10.2%**. n = 7,500 images each; 95% intervals within ±1.1 points."
    ) in all_words(app)


def test_every_view_is_in_one_of_three_groups_and_a_group_returns_to_its_last_view():
    app = open_page(PAGES["benchmarks"], world="ImageNet")
    assert app.segmented_control(key="view_group").options == ["Compare", "Look up", "Reproduce"]
    app.segmented_control(key="view_group").set_value("Look up").run()
    assert app.pills(key="view").value == "One model"
    app.pills(key="view").set_value("Certificates").run()
    app.segmented_control(key="view_group").set_value("Compare").run()
    assert app.pills(key="view").value == "Scatter plot"
    app.segmented_control(key="view_group").set_value("Look up").run()
    assert app.pills(key="view").value == "Certificates"
    assert not app.exception


@pytest.mark.parametrize(
    ("link", "group", "view"),
    [
        ({"view": "Any against any"}, "Compare", "Scatter plot"),
        ({"view": "Error kinds"}, "Look up", "Error kinds"),
        ({"view": "Run"}, "Reproduce", "Run"),
        ({"benchmark": "ImageNet-A"}, "Compare", "Leaderboard"),  # the first view was in no link
        ({"x_benchmark": "ImageNet"}, "Compare", "Scatter plot"),
        ({"view": "Leaderboard", "training": "Stylised"}, "Compare", "Leaderboard"),
    ],
)
def test_an_old_link_opens_its_view(link, group, view):
    app = open_page(PAGES["benchmarks"], world="ImageNet", **link)
    assert (app.segmented_control(key="view_group").value, app.pills(key="view").value) == (group, view)
    assert not app.exception


def columns(app):
    return list(app.dataframe[0].proto.column_order)


def test_the_leaderboard_shows_what_tells_rows_apart_and_says_the_rest_once():
    app = open_view("Leaderboard")
    assert columns(app) == ["Rank", "Model", "Value", "95% interval", "Paper", "Training"]
    assert "The same in every row: n = 50,000; 95% intervals: Wilson." in all_words(app)
    assert "Higher is better. Protocol: Each model's own preprocessing" in all_words(app)
    assert "(https://github.com/modestyachts/imagenet-testbed/tree/0170eec6)" in all_words(app)
    assert "★ Orhan 2019: ResNeXt-101 32x48d WSL 85.4% (rank 4)" in all_words(app)
    assert "Lower is better." in all_words(open_view("Leaderboard", benchmark="ImageNet-C", metric="mCE"))


@pytest.mark.parametrize(("view", "first"), [("ImageNet-X", "Condition"), ("Certificates", "Condition")])
def test_factor_and_radius_are_among_the_first_columns(view, first):
    assert columns(open_view(view)).index(first) <= 1


def test_the_settings_are_named_where_they_are_folded():
    app = open_view("Leaderboard", benchmark="ImageNet-A", training="Stylised")
    labels = [one.label for one in app.expander]
    assert "Settings: ImageNet-A · Top-1 accuracy · Peychev et al. 2023 · Stylised" in labels
