"""What a browser makes of file names that are markup: their own letters, and nothing else."""

import re

import numpy as np
from playwright.sync_api import expect

from robust_core.images import shown_name
from robust_core.ui.words import WORD_JOINER
from tests.faults.test_names import NAMES
from tests.image_file_samples import encode

FILES = [
    {
        "name": f"{hostile.name}.png",
        "mimeType": "image/png",
        "buffer": encode(np.full((48, 48, 3), 8 * number, np.uint8), "PNG"),
    }
    for number, hostile in enumerate(NAMES)
    if "\n" not in hostile.name  # a browser sends %0A in its place
]


def letters(text: str) -> re.Pattern:
    """Exactly `text`, between whose letters something invisible may stand."""
    return re.compile("^" + f"{WORD_JOINER}?".join(map(re.escape, text)) + "$")


def test_an_address_in_a_sentence_leads_where_it_says(visit, fresh):
    address = "https://example.invalid/models/ig_x_32-c383.pth"
    page = visit(fresh).open(f"/what_if?world=Mini&corruption={address}").settle().page
    link = page.get_by_test_id("stAlert").get_by_role("link")
    expect(link).to_have_text(address)
    expect(link).to_have_attribute("href", address)


def test_names_of_files_are_shown_letter_by_letter(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini&source=Upload").settle().page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(FILES)
    choices = page.locator(".image-strip button")
    expect(choices).to_have_count(len(FILES))
    for number, file in enumerate(FILES):
        name = shown_name(file["name"])
        expect(choices.nth(number)).to_have_attribute("aria-label", name)
        choices.nth(number).click()
        expect(page.get_by_text("true label unknown")).to_have_text(letters(f"{name} · true label unknown"))
