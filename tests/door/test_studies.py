"""The studies of the door: the numbers are those of the studies below, the options do what they say, and wrong input is
a sentence.
"""

import json
from dataclasses import replace

import numpy as np
import pandas
import pytest
import torch
from torch import nn

import robust_core as rc
from robust_core import results
from robust_core.attacks.pgd import AttackStep
from robust_core.corruptions import BENCHMARK_15, C_BAR_10, frost_photos
from robust_core.corruptions.apply import corrupt
from robust_core.errors import BadInput, DataUnavailable, UnknownName
from robust_core.events import Progress
from robust_core.images import to_pixels
from robust_core.models.batches import Batches
from robust_core.models.catalogue import list_models
from tests.outcomes import events_and_result

LEVELS = np.random.default_rng(0).integers(0, 256, (6, 40, 40, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4)
    )
    with torch.no_grad():
        network[-1].weight.mul_(30)
    return network


@pytest.fixture(scope="module")
def model(net):
    return rc.wrap(net, preprocess=None, name="mine", device="cpu")


@pytest.fixture(scope="module")
def images():
    return rc.load_images(LEVELS, labels=None)


# pgd


def test_the_adversarial_images_are_within_eps_and_wrong_exactly_where_the_result_says_so(model, images):
    result = rc.pgd(model, images, ["1/255", "4/255"], steps=5, keep=True, progress=False)
    clean = images.pixels(model)
    labels = model(clean).argmax(1)
    for eps in (1 / 255, 4 / 255):
        attacked = result.adversarial["mine", eps]
        assert attacked.dtype == torch.float32
        assert float((attacked - clean).abs().max()) <= eps + 1e-6
        right = (model(attacked).argmax(1) == labels).sum()
        last = result.frame[(result.frame["eps"] == eps) & (result.frame["step"] == 5)].iloc[0]
        assert last["accuracy_percent"] == pytest.approx(100 * int(right) / 6)
    assert 0 < result.frame["accuracy_percent"].iloc[-1] < 100


def test_a_larger_eps_and_more_steps_never_raise_the_accuracy_and_several_models_are_themselves_alone(model, images):
    other = rc.wrap(
        nn.Sequential(nn.Flatten(), nn.Linear(4800, 3)),
        preprocess=rc.Preprocess(None, 40, "bilinear", (0.5,) * 3, (0.5,) * 3),
        name="other",
    )
    both = rc.pgd([model, other], images, [0, "2/255"], steps=3, progress=False).frame
    for one in (model, other):
        alone = rc.pgd(one, images, [0, "2/255"], steps=3, progress=False).frame
        assert both[both["model"] == one.name].reset_index(drop=True).equals(alone)
    assert all(group["accuracy_percent"].is_monotonic_decreasing for _, group in both.groupby(["model", "eps"]))
    assert set(both[both["eps"] == 0]["accuracy_percent"]) == {100}


def test_the_stream_yields_every_step_and_returns_the_same_result(model, images):
    events, result = events_and_result(rc.stream.pgd(model, images, "2/255", steps=3))
    assert [event.step for event in events if isinstance(event, AttackStep)] == [0, 1, 2, 3]
    assert any(isinstance(event, Progress) for event in events)
    assert result.frame.equals(rc.pgd(model, images, "2/255", steps=3, progress=False).frame)


def test_the_stream_of_the_others_yields_progress_alone():
    events, votes = events_and_result(rc.stream.shape_bias(["mini_resnext", "mini_resnext_stylised"], "mini", n=4))
    assert {type(event) for event in events} == {Progress}
    assert {event.total for event in events} == {8}
    assert set(votes.frame["stimuli"]) == {4}


def test_progress_is_a_bar_nothing_or_a_call(model, images, capsys):
    seen = []
    rc.pgd(model, images, "1/255", steps=2, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)
    rc.pgd(model, images, "1/255", steps=2, progress=False)
    assert capsys.readouterr() == ("", "")
    rc.pgd(model, images, "1/255", steps=2)
    assert "PGD" in capsys.readouterr().err


def test_batch_size_is_the_most_at_once_and_changes_no_number(model, images, monkeypatch):
    sizes, run = [], Batches.run

    def noted(self, n, *rest):
        sizes.append(self.size)
        return run(self, n, *rest)

    monkeypatch.setattr(Batches, "run", noted)
    small = rc.pgd(model, images, "2/255", steps=2, batch_size=2, progress=False).frame
    assert set(sizes) == {2}
    sizes.clear()
    large = rc.pgd(model, images, "2/255", steps=2, progress=False).frame
    assert 2 not in sizes
    assert np.allclose(small["accuracy_percent"], large["accuracy_percent"])


def test_a_threat_model_says_all_of_the_attack(model, images):
    result = rc.pgd(model, images, replace(rc.threats.ORHAN_2019, steps=2), scoring="paper", progress=False)
    assert set(result.frame["protocol"]) == {
        "PGD, targeted (random class), L∞ 15.3/255, 2 steps of 2/255, random unclipped start, stops at the first "
        "success, seed 0"
    }
    with pytest.raises(BadInput, match="got steps=9 too"):
        rc.pgd(model, images, rc.threats.ORHAN_2019, steps=9)


@pytest.mark.parametrize("targets", ["random", "least likely", 0, [0, 1, 2, 3, 0, 1]])
def test_targets(model, targets):
    labels = (np.array(targets if isinstance(targets, list) else [0] * 6) + 1) % 4
    result = rc.pgd(model, rc.load_images(LEVELS, labels=labels), "8/255", steps=2, targets=targets, progress=False)
    assert "targeted" in result.frame["protocol"].iloc[0]
    assert result.frame["n_labels_known"].iloc[0] == 6


def test_numbers_of_numpy_are_numbers(model, images):
    frame = rc.pgd(
        model,
        images,
        np.float32(0.25),
        steps=np.int64(2),
        seed=np.int64(1),
        batch_size=np.int64(2),
        targets=np.int64(3),
        progress=False,
    ).frame
    assert frame["step"].to_list() == [0, 1, 2]
    assert len(rc.load_images("foolbox", np.int64(3), seed=np.int64(1))) == 3
    assert rc.corruption_grid(model, images, "fog", np.arange(1, 3), progress=False).frame["severity"].to_list() == [
        0,
        1,
        2,
    ]


@pytest.mark.parametrize("norm", ["linf", "Linf", "L∞", "inf"])
def test_norms_as_people_write_them(model, images, norm):
    assert rc.pgd(model, images, "1/255", norm=norm, steps=1, progress=False).frame["norm"].iloc[0] == "linf"


@pytest.mark.parametrize(
    ("eps", "options", "sentence"),
    [
        (4, {}, "Was 4/255 meant"),
        (8.0, {"norm": "Linf"}, "Was 8/255 meant"),
        ("four", {}, "a number in pixel units or a text"),
        ("4/0", {}, "a number in pixel units or a text"),
        (None, {}, "a number in pixel units or a text"),
        (True, {}, "a number in pixel units or a text"),
        (-0.1, {}, "eps must be at least 0"),
        (float("nan"), {}, "eps must be at least 0"),
        ([], {}, "There is no eps"),
        (["1/255", 1 / 255], {}, "asked for twice"),
        ("4/255", {"steps": 0}, "steps must be a whole number"),
        ("4/255", {"steps": 1.5}, "steps must be a whole number"),
        ("4/255", {"norm": "l3"}, "no norm called 'l3'"),
        ("4/255", {"norm": 2}, "norm must be"),
        ("4/255", {"step_size": "x"}, "A length is a number"),
        ("4/255", {"targets": "nearest"}, "no target called 'nearest'"),
        ("4/255", {"targets": [0, 1]}, "6 images and 2 targets"),
        ("4/255", {"targets": 1.5}, "targets must be"),
        ("4/255", {"targets": 9}, "classes 0 to 3; got 9"),
        ("4/255", {"start": "warm"}, "no start called 'warm'"),
        ("4/255", {"restarts": 3}, "need a random start"),
        ("4/255", {"scoring": "best"}, "no scoring rule called 'best'"),
        ("4/255", {"scoring": "paper"}, "is of targeted attacks"),
        ("4/255", {"seed": -1}, "seed must be a whole number"),
        ("4/255", {"batch_size": 0}, "batch_size must be"),
        ("4/255", {"batch_size": "large"}, "batch_size must be"),
        ("4/255", {"progress": "yes"}, "progress must be"),
    ],
)
def test_what_is_no_attack_is_refused_with_a_sentence(model, images, eps, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        rc.pgd(model, images, eps, **options)


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        ([], "There is no model"),
        (7, "Expected a model, its key or a list"),
        ("resnet51", "no model called 'resnet51'"),
        (["efficientnet_lite0", "EfficientNet-Lite0"], "Two of the models are called efficientnet_lite0"),
        (nn.Linear(3, 2), "has to be wrapped first"),
        ([nn.Linear(3, 2)], "has to be wrapped first"),
    ],
)
def test_what_is_no_model_is_refused_with_a_sentence(models, sentence, images):
    for study in (rc.pgd, rc.corruption_grid, rc.shape_bias, rc.attribute, rc.run_benchmark):
        with pytest.raises(BadInput, match=sentence):
            study(
                models,
                {rc.shape_bias: "mini", rc.run_benchmark: "imagenet"}.get(study, images),
                *(["1/255"] if study is rc.pgd else []),
            )


def test_an_attack_can_be_checked_and_another_loss_is_another_attack(model, images):
    other = rc.wrap(
        nn.Sequential(nn.Flatten(), nn.Linear(4800, 4)),
        preprocess=rc.Preprocess(None, 40, "bilinear", (0.5,) * 3, (0.5,) * 3),
        name="other",
    )
    asked = {"steps": 3, "progress": False}
    result = rc.pgd([model, other], images, ["1/255", "2/255"], check=True, **asked)
    plain = rc.pgd([model, other], images, ["1/255", "2/255"], **asked)
    assert plain.checks is None
    assert result.frame.equals(plain.frame)
    frame = result.checks.frame
    assert set(frame["check"]) == {"fgsm", "noise", "other_loss", "unbounded", "again", "transfer"}
    assert set(result.checks.worst_case) == {(name, eps / 255) for name in ("mine", "other") for eps in (1, 2)}
    last = plain.frame[plain.frame["step"] == 3].set_index(["model", "eps"])["accuracy_percent"]
    assert {key: row for key, row in frame.groupby(["model", "eps"])["accuracy_percent"].first().items()} == dict(last)
    dlr = rc.pgd(model, images, "2/255", loss="DLR", **asked)
    assert "PGD with the DLR loss" in dlr.frame["protocol"][0]
    assert "mean_dlr_loss" in dlr.frame
    assert set(dlr.by_image()["loss_function"]) == {"dlr"}
    with pytest.raises(UnknownName, match="cross-entropy"):
        rc.pgd(model, images, "2/255", loss="crossentropie")


def test_every_caveat_comes_with_its_source(model, images):
    said = rc.pgd(model, images, "2/255", steps=2, step_size="0.1/255", progress=False).caveats["mine", 2 / 255]
    budget = next(one for one in said if one.key == "budget")
    assert "cannot reach the edge of the ball" in budget.sentence
    assert budget.source == "Carlini et al. 2019, section 4.8"


# corrupt and corruption_grid


def test_corrupted_images_are_those_of_the_core(images):
    foggy = rc.corrupt(images, "Fog", 3, seed=5)
    expected = corrupt(torch.from_numpy(LEVELS).permute(0, 3, 1, 2).float() / 255, "fog", 3, 5)
    assert [one.rgb.shape for one in foggy] == [(40, 40, 3)] * 6  # smaller than 224 px
    for one, pixels in zip(foggy, expected, strict=True):
        assert np.array_equal(one.rgb, (255 * pixels).round().byte().permute(1, 2, 0).numpy())
    assert np.array_equal(foggy[2:4][0].rgb, foggy[2].rgb)


def test_as_stored_is_the_jpeg_of_the_stored_sets_in_images_grid_and_provenance(model, images):
    expected = corrupt(torch.from_numpy(LEVELS[:1]).permute(0, 3, 1, 2).float() / 255, "fog", 3, 5, as_stored=True)
    stored = rc.corrupt(images[:1], "fog", 3, seed=5, as_stored=True)
    assert np.array_equal(stored[0].rgb, (255 * expected[0]).round().byte().permute(1, 2, 0).numpy())
    assert "JPEG of quality 85, as stored" in stored.rule
    assert stored.identity != rc.corrupt(images[:1], "fog", 3, seed=5).identity
    grid = rc.corruption_grid(model, images, "fog", 3, as_stored=True, progress=False)
    assert grid.provenance.request["conditions"][0]["as_stored"] is True
    assert ["as stored" in one for one in grid.frame["protocol"]] == [False, True]


def test_what_frost_is_made_of_is_in_provenance_and_protocol(model, images, monkeypatch):
    monkeypatch.setattr(frost_photos, "find_spec", lambda name: None)
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    grid = rc.corruption_grid(model, images, ["fog", "frost"], 3, progress=False)
    assert [one.get("frost") for one in grid.provenance.request["conditions"]] == [None, "procedural frost"]
    assert ["procedural frost" in one for one in grid.frame["protocol"]] == [False, False, True]


def test_the_grid_is_the_accuracy_on_the_corrupted_images(model, net):
    labels = [0, 1, 2, 3, 0, 1]
    images = rc.load_images(LEVELS, labels=labels)
    grid = rc.corruption_grid(model, images, ["gaussian noise", "fog"], [2, 5], seed=3, progress=False).frame
    assert grid[["corruption", "severity"]].values.tolist() == [
        ["none", 0],
        *[[name, one] for name in ("gaussian_noise", "fog") for one in (2, 5)],
    ]
    for row in grid.itertuples():
        shown = images if row.severity == 0 else rc.corrupt(images, row.corruption, row.severity, seed=3)
        right = net.eval()(shown.pixels(model)).argmax(1) == torch.tensor(labels)
        assert row.accuracy_percent == pytest.approx(100 * float(right.float().mean()))
    everything = rc.corruption_grid(model, images[:1], severities=1, progress=False).frame
    assert everything["corruption"].to_list() == ["none", *BENCHMARK_15]
    assert len(rc.corruption_grid(model, images[:1], "ImageNet-C extra", 1, progress=False).frame) == 5
    c_bar = rc.corruption_grid(model, images[:1], "ImageNet-C-bar", 1, progress=False).frame
    assert c_bar["corruption"].to_list() == ["none", *C_BAR_10]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda model, images: rc.corrupt(images, "rain", 3), "no corruption called 'rain'"),
        (lambda model, images: rc.corrupt(images, "fog", 1, as_stored=1), "as_stored must be True or False; got 1"),
        (lambda model, images: rc.corrupt(images, "fog", 0), "severity must be a whole number from 1 to 5; got 0"),
        (lambda model, images: rc.corrupt(images, "fog", 6), "severity must be a whole number from 1 to 5; got 6"),
        (lambda model, images: rc.corrupt(images, "fog", 1, size_px=3), "size_px must be"),
        (lambda model, images: rc.corrupt(images, "fog", 1, seed=-1), "seed must be"),
        (lambda model, images: rc.corruption_grid(model, images, "rain"), "no corruption called 'rain'"),
        (lambda model, images: rc.corruption_grid(model, images, [3]), "Expected the name of a corruption"),
        (
            lambda model, images: rc.corruption_grid(model, images, severities=[0]),
            "severity must be a whole number from 1 to 5; got 0",
        ),
        (
            lambda model, images: rc.corruption_grid(model, images, "fog", 3.0),
            "severity must be a whole number from 1 to 5; got 3.0",
        ),
        (
            lambda model, images: rc.corruption_grid(model, images, "fog", "3"),
            "severity must be a whole number from 1 to 5; got '3'",
        ),
        (lambda model, images: rc.corruption_grid(model, images, []), "at least one corruption"),
        (lambda model, images: rc.corruption_grid(model, np.zeros((0, 40, 40, 3), np.uint8)), "There are no images"),
        (lambda model, images: rc.shape_bias(model, "mini"), "has 4 classes that do not make them up"),
        (lambda model, images: rc.shape_bias("mini_resnext", "nowhere"), "Expected a folder of stimuli"),
        (
            lambda model, images: rc.shape_bias("mini_resnext", "mini", 0),
            "n must be a whole number from 1 to 1,024; got 0",
        ),
        (lambda model, images: rc.shape_bias("mini_resnext", "mini", rule="best"), "no decision rule called 'best'"),
        (lambda model, images: rc.glasses("mini_resnext", "mini", "sunglasses"), "no filter called 'sunglasses'"),
        (lambda model, images: rc.glasses("mini_resnext", "mini", "blur", "2"), "Strengths are numbers; got '2'"),
        (lambda model, images: rc.glasses("mini_resnext", "mini", "blur", [1, 21]), "must be a number from 0 to 20"),
        (lambda model, images: rc.glasses(model, "mini"), "has 4 classes that do not make them up"),
        (lambda model, images: rc.glasses_corruption(model, images, "fgo"), "no corruption called 'fgo'"),
        (lambda model, images: rc.glasses_corruption(model, images, "fog", "blur", 0), "from 1 to 50 strengths"),
        (
            lambda model, images: rc.attribute(model, images),
            "One model explains one image at a time; got 1 models and 6 images",
        ),
        (lambda model, images: rc.attribute(model, images[:1], "lime"), "no attribution method called 'lime'"),
        (lambda model, images: rc.attribute(model, images[:1], []), "There is no method"),
        (
            lambda model, images: rc.attribute(model, images[:1], {"saliency": {"steps": 3}}),
            "no parameter of Saliency called 'steps'",
        ),
        (lambda model, images: rc.attribute(model, images[:1], target=9), "classes 0 to 3; got 9"),
        (lambda model, images: rc.attribute(model, images[:1], target="zebra"), "no class called 'zebra'"),
        (lambda model, images: rc.published("no such model"), "no published model called"),
        (lambda model, images: rc.published(family="no such family"), "no family called"),
        (lambda model, images: rc.published(benchmark="no such benchmark"), "no published benchmark called"),
        (lambda model, images: rc.published(metric="speed"), "no metric called"),
        (lambda model, images: rc.published(7), "Expected words that name a published model"),
        (
            lambda model, images: rc.run_benchmark(model, "imagenet", "foolbox"),
            "is for models with the classes of ImageNet",
        ),
        (
            lambda model, images: rc.run_benchmark("efficientnet_lite0", "imagenet_d"),
            "no experiment called 'imagenet_d'",
        ),
        (lambda model, images: rc.run_benchmark("efficientnet_lite0", []), "There is no experiment"),
        (
            lambda model, images: rc.run_benchmark("efficientnet_lite0", "imagenet", "nowhere at all"),
            "There is no folder nowhere at all",
        ),
        (lambda model, images: rc.run_benchmark("efficientnet_lite0", "imagenet", 7), "Expected the folder"),
        (
            lambda model, images: rc.run_benchmark("efficientnet_lite0", "imagenet", "foolbox", limit=0),
            "limit must be a whole number",
        ),
        (
            lambda model, images: rc.run_benchmark("efficientnet_lite0", "imagenet", "foolbox", resume="no"),
            "resume must be",
        ),
        (
            lambda model, images: rc.run_benchmark("efficientnet_lite0", "imagenet_a", "foolbox"),
            "is about images of its own",
        ),
    ],
)
def test_wrong_input_of_the_other_studies_is_refused_with_a_sentence(call, sentence, model, images):
    with pytest.raises(BadInput, match=sentence):
        call(model, images)


def test_missing_data_is_said(monkeypatch):
    monkeypatch.delenv("ROBUST_LAB_DATA", raising=False)
    with pytest.raises(DataUnavailable, match="needs a folder of images"):
        rc.run_benchmark("efficientnet_lite0", "imagenet_c", progress=False)


# attribute, published, run_benchmark


def test_a_map_of_a_linear_network_is_its_weights():
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 3))
    model = rc.wrap(net, preprocess=None, name="linear", classes=["cat", "dog", "owl"])
    image = LEVELS[0, :32, :32]
    expected = net[1].weight.detach()[1].view(3, 32, 32).sum(0).numpy()
    for target in (1, "dog", "DOG"):
        found = rc.attribute(model, image, "saliency", target=target, progress=False)
        assert np.allclose(found.maps["saliency"], expected, atol=1e-6)
        assert found.frame["target_name"].to_list() == ["dog"]
    whole = rc.attribute(model, image, {"Integrated Gradients": {"steps": 8}}, metrics=True, progress=False).frame.iloc[
        0
    ]
    assert abs(whole["completeness_gap_logits"]) < 1e-4
    assert whole["infidelity"] < 1e-3


def test_published_numbers_are_all_rows_of_the_tables_and_words_choose_among_them():
    every = rc.published()
    assert len(every) == sum(len(results.published(name)) for name in results.published_tables())
    assert set(every["interval_method"][every["low"].isna()]) == {""}
    people = every[every["model"] == "10 people"]
    assert set(people["interval_method"]) == {"Student's t between 10 people"}
    counted = (every["metric"] == "top1") & (every["n"] > 0)
    assert set(every["interval_method"][counted]) == {"Wilson"}
    wsl = rc.published("wsl")
    assert set(wsl["model"]) == {f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48)}
    assert wsl["source"].str.contains("Orhan 2019").sum() > 100
    assert set(rc.published("resnet50")["model"]) == {"resnet50"}
    catalogue = {spec.key for spec in list_models()}
    assert set(rc.published(family="SWSL")["model"]) == set(rc.published("swsl")["model"]) & catalogue
    assert set(rc.published(metric="mCE", benchmark="imagenet-c")["metric"]) == {"mce"}
    row = rc.published("resnext101_32x8d_wsl", benchmark="ImageNet-A", metric="top1").iloc[0]
    assert row["low"] < row["value"] < row["high"]


def test_a_run_goes_on_in_its_store_and_a_wrapped_network_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path / "cache"))
    first = rc.run_benchmark(
        "efficientnet_lite0", "imagenet", "foolbox", limit=3, store=tmp_path / "store", progress=False
    )
    (unit,) = (tmp_path / "store").rglob("units/*.npz")
    written = unit.stat().st_mtime_ns
    again = rc.run_benchmark(
        "efficientnet_lite0", "imagenet", "foolbox", limit=3, store=str(tmp_path / "store"), progress=False
    )
    assert unit.stat().st_mtime_ns == written
    assert again.frame.equals(first.frame)
    rc.run_benchmark(
        "efficientnet_lite0", "imagenet", "foolbox", limit=3, store=tmp_path / "store", resume=False, progress=False
    )
    assert unit.stat().st_mtime_ns != written
    own = rc.wrap(
        rc.load("efficientnet_lite0", device="cpu").network.body,
        preprocess=rc.load("efficientnet_lite0").spec.preprocess,
        name="mine",
    )
    run = rc.run_benchmark(own, "imagenet", "foolbox", limit=3, progress=False)
    assert set(run.frame["model"]) == {"mine"}
    assert not list((tmp_path / "cache").rglob("*.npz"))


# What results can do.


@pytest.fixture(scope="module")
def outcomes(model, images):
    return {
        "pgd": rc.pgd(model, images, "2/255", steps=2, progress=False),
        "checks": rc.pgd(model, images, "0.1/255", steps=2, check=True, progress=False).checks,
        "grid": rc.corruption_grid(model, images, "fog", [1, 5], progress=False),
        "votes": rc.shape_bias("mini_resnext", "mini", 8, progress=False),
        "glasses": rc.glasses("mini_resnext", "mini", "blur", [1, 2], n=64, progress=False),
        "corrupted glasses": rc.glasses_corruption(model, images, "fog", "high-pass", 2, progress=False),
        "maps": rc.attribute(model, LEVELS[0], ["saliency", "GradCAM"], progress=False),
        "run": rc.run_benchmark(
            rc.wrap(rc.load("efficientnet_lite0").network.body, name="mine"),
            "imagenet",
            "foolbox",
            limit=2,
            progress=False,
        ),
    }


@pytest.mark.parametrize("name", ["pgd", "checks", "grid", "votes", "glasses", "corrupted glasses", "maps", "run"])
def test_every_result_is_tidy_has_a_figure_and_can_be_saved(name, outcomes, tmp_path):
    result = outcomes[name]
    assert {"model", "n", "protocol"} <= set(result.frame.columns)
    assert result.frame["n"].ge(1).all()
    assert len(result.figure().data) >= 1
    csv, parquet = result.save(tmp_path / "r.csv"), result.save(str(tmp_path / "r.parquet"))
    assert (
        pandas.read_csv(csv, skiprows=1)["protocol"].to_list()
        == pandas.read_parquet(parquet)["protocol"].to_list()
        == result.frame["protocol"].to_list()
    )
    saved = json.loads(result.save(tmp_path / "r.json").read_text())
    assert len(saved["rows"]) == len(result.frame)
    assert saved["provenance"] == json.loads(csv.read_text().partition("\n")[0].removeprefix("# "))
    assert saved["provenance"]["models"][0]["model"] == result.frame["model"][0]
    assert "Robustness Lab report" in result.save(tmp_path / "r.html").read_text(encoding="utf-8")
    for wrong in ("r.xlsx", "r"):
        with pytest.raises(BadInput, match="saved as .csv, .json, .parquet, .html"):
            result.save(tmp_path / wrong)
    with pytest.raises(BadInput, match="cannot be written"):
        result.save(tmp_path / "no" / "such" / "r.csv")


def test_a_table_s_model_is_loaded_on_the_device_that_is_asked_for():
    held = rc.load("mini_resnext", device="cpu")
    assert held.device == torch.device("cpu")
    with pytest.raises(UnknownName):
        rc.load("mini_resnxt")
    assert to_pixels(rc.load_images("mini", 1)[0], held.spec.preprocess).shape == (3, 64, 64)
