import io

import numpy as np
from PIL import Image

from robust_core.ui.smallest_change import share_card

IMAGES = [np.full((40, 40, 3), level, np.uint8) for level in (10, 120, 240)]


def card(said, link="http://x/smallest_change?world=Mini"):
    return Image.open(io.BytesIO(share_card.png(IMAGES, ("clean", "changed", "change"), said, link)))


def test_it_shows_the_three_images_beside_each_other():
    image = card(["A model", "ε = 0.1/255"])
    assert image.format == "PNG"
    middle = share_card.GAP_PX + share_card.SIDE_PX // 2
    step = share_card.SIDE_PX + share_card.GAP_PX
    assert [image.getpixel((middle + number * step, middle))[0] for number in range(3)] == [10, 120, 240]


def test_it_grows_with_what_is_said():
    assert card(["A", "word " * 200]).height > card(["A", "word"]).height


def test_letters_that_its_font_lacks_are_written_otherwise():
    assert share_card.plain("ε → 3 × “L∞” 木") == 'eps -> 3 x "Linf" ?'
