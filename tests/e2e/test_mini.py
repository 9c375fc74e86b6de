"""A fresh machine without a network: the synthetic world and its small networks."""

import io

from PIL import Image
from playwright.sync_api import expect


def predicted(page):
    """The bars of the three first models, once all are there."""
    expect(page.locator(".live-chart")).to_have_count(3)
    charts = page.locator(".live-chart")
    return [
        charts.nth(i).evaluate("chart => chart.data[0].customdata.map((name, k) => [name, chart.data[0].x[k]])")
        for i in range(3)
    ]


def live(page, words="clean; n = 1"):
    expect(page.get_by_text(words)).to_be_visible()
    page.wait_for_function(
        "document.querySelectorAll('.live-chart').length === 3 && "
        "[...document.querySelectorAll('.live-chart')].every(c => c.data?.length)"
    )


def test_mini_is_one_click_away_says_what_it_is_for_and_predicts(visit, fresh):
    page = visit(fresh).open("/what_if").page
    page.get_by_role("radio", name="Mini").or_(page.get_by_role("button", name="Mini", exact=True)).first.click()
    live(page)
    expect(page.get_by_text("See what tagged data and adversarial training change, in miniature.")).to_be_visible()
    assert all(len(best) == 5 for best in predicted(page))


def test_shape_texture_and_seed_make_the_image_and_the_link_draws_it_again(visit, fresh):
    link = "/what_if?world=Mini&shape=bear&texture=keyboard&scene=wide&draw=11"
    page = visit(fresh).open(link).page
    live(page)
    expect(page.get_by_text("bear with the texture of keyboard · true label: bear")).to_be_visible()
    again = visit(fresh).open(link).page
    live(again)
    assert predicted(again) == predicted(page)


def test_shuffle_draws_another_image(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini").page
    live(page)
    before = predicted(page)
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Shuffle").click()
    lengths = "JSON.stringify([...document.querySelectorAll('.live-chart')].map(c => c.data?.[0].x[0]))"
    page.wait_for_function(f"before => {lengths} !== before", arg=str([best[0][1] for best in before]).replace(" ", ""))
    assert "draw=" in page.url


def test_an_image_in_mini_gets_an_honest_note(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini&source=Upload").page
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(buffer, "JPEG")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": "lawn.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}]
    )
    expect(page.get_by_text("Mini's models know only its synthetic images")).to_be_visible()
    live(page)


def test_from_mini_the_real_networks_are_one_click_away(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini").page
    live(page)
    page.get_by_test_id("stSidebar").get_by_role("radio", name="ImageNet").click()
    expect(page.get_by_text("All 3 models predict bull mastiff")).to_be_visible()


def test_everything_about_these_models_says_mini(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini").page
    live(page)
    titles = page.get_by_test_id("stMain").locator("strong").all_inner_texts()
    assert sum(title.startswith("Mini ") for title in titles) == 3
