"""The segment on proof and attack, with a recorded run of known numbers, and its forecast."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from robust_core.certificates import bounds
from robust_core.data.drawn_sets import synthetic_images
from robust_core.jobs.durations import Durations
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.recordings.store import Recording
from robust_core.studies.certified_images import CertifiedImage
from robust_core.studies.certified_radius import CertifiedRadius, CertifiedRadiusRequest, ModelCertificates
from robust_core.studies.study_result import Provenance
from robust_core.ui import recorded
from robust_core.ui.break_a_defence import proof_run
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, open_page

SPEC = get_spec("mini_resnext_noise_025")
IMAGES = (
    CertifiedImage(0, 0, True, 0, 990, 0.97, 0.47, 0.9, 3),
    CertifiedImage(1, 1, True, 1, 700, 0.65, 0.1, math.inf, None),
    CertifiedImage(2, 2, True, 2, 500, 0.45, 0.0, 0.1, 5),
)


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch):
    monkeypatch.setattr(proof_run, "_seconds", type(proof_run._seconds)(Durations))


def result_of(request, images=IMAGES, seconds=2.0):
    smoothing = request.smoothing(SPEC)
    one = ModelCertificates(SPEC, "cpu", smoothing, images, seconds, 8_000, 1_000)
    ids = tuple(f"mini/{image.place}" for image in images)
    return CertifiedRadius(Provenance(request.identity, None, {}), (one,), request.search, ids)


def ceiling(n):
    return f"{bounds.ceiling(0.25, n, 0.001):.3f}"


def opened(monkeypatch, images=IMAGES):
    def find(request, only=""):
        return Recording(result_of(request, images), "2026-11-29", "a machine")

    def script():
        from robust_core.ui.break_a_defence import proof

        proof.show()

    monkeypatch.setattr(recorded, "find", find)
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["world_chosen"], app.session_state["models"] = MINI, [SPEC.title]
    app.run()
    assert not app.exception, app.exception
    return app


def test_a_recorded_run_is_there_at_once_with_what_belongs_beside_it(monkeypatch):
    words = all_words(opened(monkeypatch))
    for said in (
        "CACHED",
        "n = 3 images",
        "PREDICT",
        f"**{ceiling(1_000)}**",
        "It abstains on 1 of 3",
        "no change for 1 of 3",
    ):
        assert said in words
    assert "ALARM" not in words


def test_more_draws_raise_the_ceiling_and_published_curves_come_on_request(monkeypatch):
    app = opened(monkeypatch)
    app.select_slider(key="proof_n").set_value("10,000").run()
    assert f"**{ceiling(10_000)}**" in all_words(app)
    assert "PUBLISHED" not in all_words(app)
    app.toggle(key="published_proof").set_value(True).run()
    assert "PUBLISHED" in all_words(app)
    assert not app.exception


def test_an_attack_within_a_proof_is_an_alarm(monkeypatch):
    lying = (CertifiedImage(0, 0, True, 0, 990, 0.97, 0.47, 0.2, 3), *IMAGES[1:])
    assert "ALARM" in opened(monkeypatch, lying).error[0].value


def request(**options):
    return CertifiedRadiusRequest((SPEC,), synthetic_images(4, 0), 0.25, **options)


def test_the_forecast_grows_with_draws_and_images():
    asked = request()
    assert proof_run.seconds(asked) is None
    (one,) = result_of(asked).by_model
    proof_run._note(one)
    proof_run._note(one)  # drawn again
    each = 2.0 / 10_000
    assert proof_run.seconds(asked) == pytest.approx(each * asked.passes)
    assert proof_run.seconds(request(search=None)) == pytest.approx(each * 4 * 1_100)
    assert proof_run.seconds(request(search=None, n=10_000)) == pytest.approx(each * 4 * 10_100)


def test_a_link_names_the_model_the_noise_and_the_draws():
    warmup.wait()
    link = {"proof_model": "Mini ResNeXt, noise of 0.5", "sigma_mini_resnext_noise_050": "0.25", "proof_n": "200"}
    app = open_page(PAGES["break_a_defence"], world="Mini", defence_view="Proof and attack", **link)
    words = all_words(app)
    assert "σ = 0.25" in words
    assert "n = 200" in words
    assert app.selectbox(key="proof_model").value == "Mini ResNeXt, noise of 0.5"
    assert "ignored" not in words
    wrong = all_words(open_page(PAGES["break_a_defence"], world="Mini", defence_view="Proof and attack", proof_n="3"))
    assert "“3”. It is ignored." in wrong
