"""A report holds the result whole, fetches nothing, and says nothing as markup that a name brought with it."""

import html
import re
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest

import robust_core as rc
from robust_core import report
from robust_core.attacks.threat import ThreatModel
from robust_core.data.image_set import ImageSet
from robust_core.events import result_of
from robust_core.images import LabelledImage
from robust_core.models.catalogue import get_spec
from robust_core.report import block
from robust_core.report.report_images import ReportImage, webp
from robust_core.studies import attack_curve, predictions
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest
from robust_core.studies.predictions import PredictionsRequest

THREAT = ThreatModel("linf", 8 / 255, 4 / 255, 2, "untargeted", "clean", 1, stop_at_success=False, seed=5)
SPECS = (get_spec("mini_resnext"), get_spec("mini_resnext_wsl"))
LINK = "https://lab.example/pgd?eps=8&model=a"
NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(1)>' & </title>"


@pytest.fixture(scope="module")
def curve() -> AttackCurve:
    request = AttackCurveRequest(SPECS, rc.draw_images("mini", 4), (THREAT,), frames_of=(0, 1))
    return result_of(attack_curve.run(request))


@pytest.fixture(scope="module")
def written(curve) -> str:
    return report.write(curve, LINK, recorded=[("2026-05-04", "")])


class Elements(HTMLParser):
    """The elements of a document with their attributes, and its visible text."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def test_it_says_all_that_determines_the_numbers(curve, written):
    text = Elements(written).text
    provenance = curve.provenance
    versions = provenance.versions
    assert {*versions} == {"robust-lab", "torch", "torchvision", "python"}
    for said in (
        "How accurate are models after each step of a PGD attack?",
        *(spec.weights.sha256 for spec in SPECS),
        *versions.values(),
        provenance.machine,
        provenance.images_sha256,
        "2026-05-04",
        str(THREAT),
        "seeds 5",
        "robust-lab reopen",
    ):
        assert said in text, said


def test_numbers_have_their_interval_and_n(curve, written):
    text = Elements(written).text
    for row in curve.frame.to_dict("records"):
        assert f"{row['accuracy_percent']:.1f}% [{row['low_percent']:.1f}–{row['high_percent']:.1f}]" in text
    heads = [re.sub("<[^>]*>", "", one) for one in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', written)]
    assert {"model", "step", "accuracy [95% interval]", "n"} <= {*heads}
    assert "" not in heads


def test_caveats_stand_beside_the_numbers_with_their_sources(curve, written):
    text = Elements(written).text
    assert curve.sentences()
    for sentence in curve.sentences():
        assert " ".join(sentence.split()) in text
    few = rc.calibration("mini_resnext", rc.draw_images("mini", 8), progress=False)
    assert "chance alone adds to the ECE" in Elements(report.write(few)).text


def test_it_refers_to_nothing_outside(written):
    elements = Elements(written).found
    links = {
        attributes.get(name) for _, attributes in elements for name in ("src", "href", "srcset", "poster", "action")
    }
    assert {one.split(",")[0] for one in links if one} == {"data:", "data:image/webp;base64", LINK}
    assert [tag for tag, attributes in elements if attributes.get("href") == LINK] == ["a"]
    assert "@import" not in written
    assert "url(" not in written.partition("</style>")[0]
    assert "default-src &#x27;none&#x27;" in written


def test_it_is_accessible(written):
    elements = Elements(written).found
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert ("html", {"lang": "en"}) in elements
    assert all(attributes.get("alt") for tag, attributes in elements if tag == "img")
    assert sum(tag == "table" for tag, _ in elements) == sum(tag == "caption" for tag, _ in elements) > 0
    assert "<title>Accuracy under attack · Robustness Lab report</title>" in written
    identifiers = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(identifiers) == len({*identifiers})


def test_frames_are_few_and_without_loss(curve, written):
    frames = curve.trajectories["mini_resnext"][0].frames[0]
    images = re.findall(r"data:image/webp;base64,([A-Za-z0-9+/=]+)", written)
    assert 0 < len(images) <= 5 * len(SPECS)
    assert report.report_images.base64_of(frames.attacked[0]) in images
    assert report.report_images.base64_of(frames.change[-1]) in images


def test_a_picture_comes_back_bit_for_bit():
    import io

    from PIL import Image

    rgb = np.random.default_rng(0).integers(0, 256, (31, 17, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(webp(rgb)))), rgb)


def test_models_that_were_run_apart_are_one_chart(curve):
    request = curve.provenance.asked
    apart = [result_of(attack_curve.run(request.of(spec))) for spec in SPECS]
    together = report.write(apart)
    assert len(re.findall('class="chart"', together)) == 1
    (entry,) = entries(together)
    assert entry["rows"] == entries(report.write(curve))[0]["rows"]
    assert entry["request"] == entries(report.write(curve))[0]["request"]


def test_results_of_other_images_stay_apart(curve):
    others = AttackCurveRequest(SPECS[:1], rc.draw_images("mini", 3), (THREAT,))
    assert len(entries(report.write([curve, result_of(attack_curve.run(others))]))) == 2


def entries(text: str) -> list[dict]:
    import json

    found = text.split(block.OPENING)[1].split(block.CLOSING)[0]
    return json.loads(found)["results"]


def nasty_image() -> LabelledImage:
    rgb = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return replace(LabelledImage.of_pixels(rgb, NASTY, NASTY), centre_crop_only=True)


def test_a_name_is_text_and_never_markup():
    images = ImageSet.of([nasty_image()], NASTY)
    result = result_of(predictions.run(PredictionsRequest(SPECS[:1], images)))
    text = report.write(result, f"javascript:alert(1)//{NASTY}", recorded=[(NASTY, NASTY)])
    usual = {"script", "link", "meta", "a", "img"}
    elements = [(tag, attributes) for tag, attributes in Elements(text).found if tag in usual]
    assert not [one for one in elements if "onerror" in one[1] or one[0] in ("img", "a")]
    assert sum(tag == "script" for tag, _ in elements) == 4  # the block, Plotly, the figures, and what draws them
    assert "alert(1)" not in "".join(attributes.get("href") or "" for _, attributes in elements)
    assert entries(text)[0]["rows"][0][0] == NASTY
    assert NASTY.strip() in html.unescape(text)


def test_an_own_network_is_reported_and_not_reopened():
    from torch import nn

    net = nn.Sequential(nn.Conv2d(3, 16, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = rc.wrap(net, preprocess=None, name="mine")
    text = report.write(rc.predict(model, rc.draw_images("mini", 1), progress=False))
    assert entries(text)[0]["request"] is None
    assert "cannot be run again" in text


def test_three_models_with_frames_of_noise_stay_below_ten_megabytes(curve):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (13, 224, 224, 3), dtype=np.uint8)  # which nothing compresses
    (one,) = curve.trajectories["mini_resnext"]
    frames = replace(
        one.frames[0],
        steps=tuple(range(13)),
        attacked=noise,
        change=noise[::-1],
        label=(0,) * 13,
        probability=(0.5,) * 13,
        correct=(True,) * 4 + (False,) * 9,
    )
    three = {name: (replace(one, frames={0: frames, 1: frames}),) for name in "abc"}
    text = report.write(replace(curve, trajectories=three))
    assert len(re.findall("<img ", text)) == 15
    assert len(text.encode()) <= 10_000_000


def test_pictures_that_do_not_fit_are_said_to_be_left_out(curve, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    (packed,) = report.charts.packed_figures([curve.figure()], report.room.Room())
    monkeypatch.setattr(report.room, "MOST_CHARACTERS", len(packed) + 20_000)

    class WithPictures(AttackCurve):
        def report_images(self):
            return (ReportImage(noise, "One", "One"), ReportImage(noise, "Two", "Two"))

    text = report.write(WithPictures(**{one.name: getattr(curve, one.name) for one in fields(curve)}))
    assert len(re.findall("<img ", text)) == 1
    assert "1 image did not fit" in text


def test_charts_that_do_not_fit_are_left_out_and_the_others_are_drawn(curve):
    from plotly.graph_objects import Figure, Heatmap

    huge = Figure(Heatmap(z=np.random.default_rng(0).random((700, 700))))  # 8 bytes each, which nothing compresses
    room = report.room.Room(3_000_000)
    figures = report.charts.packed_figures([huge, curve.figure()], room)
    assert [one == "-" for one in figures] == [True, False]
    assert room.characters == 3_000_000 - len(figures[1])
    assert re.search('id="packed-figures">([^<]*)<', report.charts.scripts(figures))[1].split(" ") == figures


def test_saving_as_html_writes_the_report(curve, tmp_path):
    saved = curve.save(tmp_path / "r.html").read_text(encoding="utf-8")
    assert entries(saved) == entries(report.write(curve))


def test_recorded_results_are_one_report_with_the_requests_that_are_given():
    from robust_core.recordings import store
    from robust_core.recordings.shipped import SHIPPED

    request = next(row for row in SHIPPED if row.key == "pgd_mini").request()
    recorded = [store.find(request.of(spec)) for spec in request.models]
    results, requests = [one.result for one in recorded], [request.of(spec) for spec in request.models]
    text = report.write(results, requests=requests, recorded=[(one.made_on, one.machine) for one in recorded])
    (entry,) = entries(text)
    assert len(entry["request"]["fields"]["models"]) == 3
    assert entry["machine"] == (results[0].provenance.machine or recorded[0].machine)
    assert recorded[0].made_on in text
    assert entries(report.write(results))[0]["request"] is None


def test_what_was_recorded_and_what_ran_today_keep_their_days(curve):
    request = curve.provenance.asked
    text = report.write([curve, curve], requests=[request, request], recorded=[("2026-05-04", ""), None])
    machine, today = curve.provenance.machine, date.today().isoformat()
    assert f"Computed on 2026-05-04 ({machine}) and on {today} ({machine})." in text
    assert len(entries(text)) == 2
