"""One PNG that says how breakable an image is: three images, the number with its interval, the protocol and the
link.
"""

import io
import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH_PX, SIDE_PX, GAP_PX, LINE_PX = 1080, 324, 27, 36
LETTERS_A_LINE = 84
INK, PAPER, FAINT = "#1A2027", "#FFFFFF", "#5A6570"
ASCII = {"ε": "eps", "→": "->", "×": "x", "∞": "inf", "“": '"', "”": '"', "’": "'", "…": "...", "–": "-", "\xa0": " "}


def png(images: Sequence[np.ndarray], captions: Sequence[str], said: Sequence[str], link: str) -> bytes:
    """The card: `images` (H,W,3) in 8 bits with their captions, then what is `said`, the first line largest."""
    lines = [line for sentence in said[1:] for line in textwrap.wrap(plain(sentence), LETTERS_A_LINE)]
    footer = textwrap.wrap(f"Robustness Lab. {plain(link)}", LETTERS_A_LINE + 20)
    height_px = SIDE_PX + 4 * GAP_PX + LINE_PX * (1 + len(lines) + len(footer))
    card = Image.new("RGB", (WIDTH_PX, height_px), PAPER)
    draw = ImageDraw.Draw(card)
    for number, (rgb, caption) in enumerate(zip(images, captions, strict=True)):
        x = GAP_PX + number * (SIDE_PX + GAP_PX)
        card.paste(_fitted(rgb), (x, GAP_PX))
        draw.text((x, GAP_PX + SIDE_PX + 4), plain(caption), INK, ImageFont.load_default(20))
    y = 3 * GAP_PX + SIDE_PX
    draw.text((GAP_PX, y), plain(said[0]), INK, ImageFont.load_default(34))
    y += LINE_PX + GAP_PX / 2
    for line, size_px, colour in [*((one, 24, INK) for one in lines), *((one, 18, FAINT) for one in footer)]:
        draw.text((GAP_PX, y), line, colour, ImageFont.load_default(size_px))
        y += LINE_PX
    buffer = io.BytesIO()
    card.save(buffer, "PNG")
    return buffer.getvalue()


def plain(text: str) -> str:
    """`text` in the letters that Pillow's own font has."""
    for letter, instead in ASCII.items():
        text = text.replace(letter, instead)
    return text.encode("ascii", "replace").decode()


def _fitted(rgb: np.ndarray) -> Image.Image:
    image = Image.fromarray(rgb)
    crisp = max(image.size) < SIDE_PX
    return image.resize((SIDE_PX, SIDE_PX), Image.Resampling.NEAREST if crisp else Image.Resampling.LANCZOS)
