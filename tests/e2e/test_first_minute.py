"""A fresh machine without a network: real networks predict a real image on the first page, and a network of one's
own joins them.
"""

import pytest
import torch
from playwright.sync_api import expect
from torchvision.models import get_model


@pytest.fixture(scope="module")
def fresh(serve, tmp_path_factory):
    """A server with an empty cache."""
    return serve(tmp_path_factory.mktemp("fresh"), ROBUST_LAB_IMPORTS="on")


@pytest.fixture(scope="module")
def flower_net(tmp_path_factory):
    """A fine-tuned SqueezeNet with five classes, as DataParallel saves it, and its class list."""
    folder = tmp_path_factory.mktemp("net")
    torch.manual_seed(0)
    state = get_model("squeezenet1_1", num_classes=5).state_dict()
    torch.save({"state_dict": {f"module.{key}": tensor for key, tensor in state.items()}}, folder / "flowers.pth")
    (folder / "flowers.txt").write_text("daisy\ndandelion\nrose\nsunflower\ntulip\n")
    return folder


def fill_in(page, file, architecture, title):
    """Send a weight file and fill in the import form's first line."""
    page.get_by_text("Import a network of your own").click()
    page.locator(".weight-upload input").set_input_files(file)
    expect(page.get_by_text(f"{file.name} is on the server")).to_be_visible()
    box = page.get_by_role("combobox", name="Architecture")
    box.click()
    box.fill(architecture)
    page.get_by_role("option", name=architecture, exact=True).click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Title").press("Tab")


def test_the_first_page_shows_an_attack_and_the_second_three_real_predictions(visit, fresh):
    page = visit(fresh).open("/").page
    page.wait_for_selector(".hero[data-ready=yes]")
    expect(page.locator(".hero .clean")).to_contain_text("cannon99.1%")
    expect(page.locator(".hero .attacked")).to_contain_text("tricycle99.5%")
    expect(page.get_by_text("Saved as 8-bit PNG and judged again: tricycle 99.6%.")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="What if").click()
    expect(page.get_by_text("All 3 models predict bull mastiff")).to_be_visible()
    for number in range(3):
        expect(page.get_by_text(f"EfficientNet-Lite{number}", exact=True).last).to_be_visible()


def test_a_network_with_classes_of_its_own_is_imported_by_upload_and_gets_a_world(visit, fresh, flower_net):
    page = visit(fresh).open("/models").page
    fill_in(page, flower_net / "flowers.pth", "squeezenet1_1", "Flower net")
    importing = page.get_by_role("button", name="Import", exact=True)
    expect(importing).to_be_enabled()
    importing.click()
    expect(page.get_by_text("has 5 classes; squeezenet1_1 of the table has 1,000")).to_be_visible()

    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(flower_net / "flowers.txt")
    expect(page.get_by_text("5 classes, from daisy to tulip.")).to_be_visible()
    importing.click()
    expect(page.get_by_text("Flower net is ready. Your own file, read from state_dict, behind module.")).to_be_visible()
    expect(page.get_by_role("radio", name="flowers", exact=True)).to_be_visible()

    page.goto(fresh.url + "/what_if?world=flowers")
    expect(page.get_by_text("true label unknown")).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('.live-chart')].some(c => c.data?.[0]?.customdata?.includes('sunflower'))"
    )
    page.goto(fresh.url + "/shape_or_texture?world=flowers")
    expect(page.get_by_text("Not offered for classes of your own")).to_be_visible()


def test_a_file_that_holds_no_weights_is_refused_by_what_it_is_and_stays_replaceable(visit, fresh, tmp_path):
    (tmp_path / "page.pth").write_text("<!DOCTYPE html><html><body>Quota exceeded</body></html>")
    page = visit(fresh).open("/models").page
    fill_in(page, tmp_path / "page.pth", "resnet18", "A page")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("page.pth is a web page").first).to_be_visible()
    expect(page.get_by_text("Drop another file to replace it")).to_be_visible()


def test_every_icon_of_the_tab_comes_from_this_server(visit, fresh):
    one = visit(fresh)
    one.page.add_init_script(
        """window.icons = [];
        new MutationObserver(changes => changes.forEach(({target}) =>
            target.rel === 'shortcut icon' && window.icons.push(target.href)
        )).observe(document, {subtree: true, attributes: true, attributeFilter: ['href']});"""
    )
    one.open("/what_if").settle()
    icons = one.page.evaluate("window.icons")
    assert icons
    assert all(icon.startswith(one.url) for icon in icons), icons
