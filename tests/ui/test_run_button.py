"""What is said beside the button that asks for a run."""

import pytest

from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, open_page

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
