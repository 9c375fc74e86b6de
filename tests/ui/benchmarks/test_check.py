"""Where no number can be checked, the page leads to where one can."""

from tests.pages.opening import PAGES, all_words, button, open_page


def test_without_images_of_imagenet_a_click_leads_to_a_number_of_mini(own_cache):
    app = open_page(PAGES["benchmarks"], world="ImageNet", view="Check a number")
    assert "must be on this machine" in all_words(app)
    button(app, "Check a number in Mini").click().run()
    assert app.session_state["world"] == "Mini"
    assert app.selectbox(key="check_number").value
    assert "must be on this machine" not in all_words(app)
