"""The Models page without a browser: weights that are fetched, checked and removed, and servers that fail or allow none
of it.
"""

from robust_core.jobs import queue
from robust_core.ui import weight_downloads
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
    button(app, "Remove").click().run()
    assert state_of(app) == "not downloaded"
    assert "were removed" in all_words(app)


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


def test_a_server_may_keep_its_weights_to_itself(downloadable, monkeypatch):
    spec, server = downloadable
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "off")
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
