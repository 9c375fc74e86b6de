"""The Models page without a browser: weights that are fetched, checked and removed, and servers that fail or allow none
of it.
"""

from dataclasses import replace

import pytest

from robust_core.jobs import queue
from robust_core.models import catalogue, weights
from robust_core.ui import weight_downloads, words
from tests.pages.opening import all_words, button, models_page, run_until, state_of


def test_a_model_is_downloaded_verified_and_removed(downloadable):
    spec, _ = downloadable
    app = models_page()
    assert state_of(app) == "not downloaded"
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    button(app, "Verify").click().run()
    run_until(app, lambda app: app.success)
    assert spec.weights.sha256 in app.success[0].value
    assert words.plain(f"Remove the weights of {spec.title} for everybody who uses this server?") in all_words(app)
    button(app, "Remove the weights").click().run()
    assert state_of(app) == "not downloaded"
    assert "were removed" in all_words(app)


def test_what_nobody_can_download_again_is_not_removed_from_a_page(ready, monkeypatch):
    spec = replace(ready[0], weights=replace(ready[0].weights, url=f"cache/weights/{ready[0].weights.name}"))
    monkeypatch.setattr(catalogue, "TABLE", (spec,))
    assert weights.removable(spec), "by a terminal it is, like every import"
    app = models_page()
    assert state_of(app) == "ready"
    assert not [one.label for one in app.button if one.label.startswith("Remove")]
    weight_downloads._remove(spec)  # what a forged press calls
    assert weights.removable(spec)


def test_a_failed_download_says_why_and_works_when_tried_again(downloadable):
    _, server = downloadable
    server.status = 503
    app = models_page()
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app).startswith("failed: "))
    assert "503" in all_words(app)
    server.status = None
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")


def test_a_download_is_cancelled_and_goes_on_where_it_stopped(downloadable):
    spec, server = downloadable
    server.stall_after = 5000
    app = models_page()
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app).startswith("downloading"))
    button(app, "Cancel").click().run()
    run_until(app, lambda app: state_of(app) == "not downloaded")
    server.stall_after = None
    button(app, "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    assert any("Range" in headers for headers in server.asked)


@pytest.mark.parametrize("variable", [{"ROBUST_LAB_DOWNLOADS": "off"}, {"ROBUST_LAB_TRUSTED_PROXY": "127.0.0.1"}])
def test_a_server_may_keep_its_weights_to_itself(downloadable, monkeypatch, variable):
    spec, server = downloadable
    monkeypatch.setenv(*next(iter(variable.items())))
    app = models_page()
    assert not [one.label for one in app.button if one.label.startswith(("Download", "Remove"))]
    assert f"python -m robust_core models download --model {spec.key}" in all_words(app)
    assert not server.asked


def test_a_button_drawn_before_downloads_were_forbidden_does_nothing(downloadable, monkeypatch):
    _, server = downloadable
    app = models_page()
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "off")
    button(app, "Download").click().run()
    assert weight_downloads.NOT_ALLOWED in all_words(app)
    assert not queue("download").active()
    assert not server.asked
    monkeypatch.delenv("ROBUST_LAB_DOWNLOADS")
    button(app.run(), "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "off")
    button(app, "Remove").click().run()
    assert weight_downloads.NOT_ALLOWED in all_words(app)
    assert state_of(app) == "ready"


def test_nothing_is_left_in_the_queues():
    for name in ("device", "download"):
        assert not queue(name).active()
