"""What is said beside the button that asks for a run."""

import pytest

from robust_core.jobs import queue
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until

NOTHING_RECORDED = "No recorded run has these settings. Press Run to compute them."


@pytest.mark.parametrize(
    ("page", "settings"),
    [
        ("pgd_steps", {"set_seed": "77"}),
        ("features", {"excite": "bear"}),
        ("shape_or_texture", {"tab": "Many", "mini_stimuli": "64"}),
    ],
)
def test_settings_without_a_recording_say_what_to_do(page, settings, own_cache, quiet_device):
    warmup.wait()
    assert NOTHING_RECORDED not in all_words(open_page(PAGES[page], world="Mini"))
    assert NOTHING_RECORDED in all_words(open_page(PAGES[page], world="Mini", **settings))


def test_a_link_that_is_opened_again_shows_what_was_computed_and_begins_nothing(own_cache, quiet_device):
    warmup.wait()
    settings = {"world": "Mini", "models": "Mini ResNeXt", "change_steps": "10", "change_seed": "71"}
    app = open_page(PAGES["smallest_change"], **settings)
    assert NOTHING_RECORDED in all_words(app)
    button(app, "Run").click().run()
    before = all_words(run_until(app, lambda app: "LIVE" in all_words(app)))
    again = open_page(PAGES["smallest_change"], **settings)
    assert not queue("device").active()
    assert all_words(again) == before == all_words(again.run())
