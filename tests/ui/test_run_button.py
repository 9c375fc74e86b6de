"""What is said beside the button that asks for a run, and what stands below it before any."""

import pytest

from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, open_page

NOTHING_RECORDED = "No recorded run has these settings. Press Run to compute them."
OTHER_SETTINGS = ":material/history: Changed since the run below: "


@pytest.fixture(autouse=True)
def _warm():
    warmup.wait()


def test_settings_without_a_recording_say_what_to_do(own_cache):
    assert NOTHING_RECORDED not in all_words(open_page(PAGES["features"], world="Mini"))
    other = open_page(PAGES["features"], world="Mini", experiment="Feature alone")
    assert NOTHING_RECORDED in all_words(other)
    assert "CACHED" not in all_words(other)


@pytest.mark.parametrize(
    ("page", "settings", "changed"),
    [
        ("pgd_steps", {"world": "Mini", "eps": "16/255"}, "ε: 8/255 → 16/255; step: 0.8/255 → 1.6/255."),
        ("pgd_steps", {"world": "ImageNet", "steps": "20"}, "Changed since the run below: steps: 50 steps → 20 steps."),
        ("pgd_steps", {"world": "Mini", "models": "Mini ResNeXt"}, None),
        ("shape_or_texture", {"world": "Mini", "tab": "Many", "mini_stimuli": "64"}, "n: 256 → 64."),
        ("features", {"world": "Mini", "excite": "bear"}, "target: knife → bear."),
    ],
)
def test_a_link_whose_settings_have_no_recording_shows_the_one_of_the_page(page, settings, changed, own_cache):
    text = all_words(open_page(PAGES[page], **settings))
    assert (OTHER_SETTINGS in text) is (changed is not None)
    assert (changed or "") in text
    assert "CACHED" in text
    assert NOTHING_RECORDED not in text
