"""Folders of made-up images for the tests."""

from pathlib import Path

from PIL import Image

TENCH, STINGRAY, DALMATIAN = "n01440764", "n01498041", "n02110341"


def put(path: Path, grey: int) -> None:
    """An image of one grey level, by which a test knows it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (32, 32), grey).save(path, "PNG")
