"""What is said beside the button that asks for a run."""

from tests.pages.opening import PAGES, all_words, open_page

NOTHING_RECORDED = "No recorded run has these settings. Press Run to compute them."


def test_settings_without_a_recording_say_what_to_do(own_cache):
    assert NOTHING_RECORDED not in all_words(open_page(PAGES["pgd_steps"], world="Mini"))
    assert NOTHING_RECORDED in all_words(open_page(PAGES["pgd_steps"], world="Mini", set_seed="77"))
