"""Where the object of an image is: boxes drawn by hand for the photos that come with the project, and a guess for all
others.
"""

from robust_core.edits.boxes import Box
from robust_core.images import LabelledImage

# Left, upper, right and lower edge in percent of width and height.
BY_HAND: dict[str, tuple[float, float, float, float]] = {
    "foolbox/00": (23, 10, 60, 90),
    "foolbox/01": (26, 33, 71, 98),
    "foolbox/02": (36, 48, 62, 97),
    "foolbox/03": (5, 23, 89, 99),
    "foolbox/04": (37, 3, 63, 30),
    "foolbox/05": (18, 7, 99, 34),
    "foolbox/06": (19, 24, 84, 67),
    "foolbox/07": (7, 28, 99, 77),
    "foolbox/08": (51, 35, 100, 91),
    "foolbox/09": (7, 14, 91, 97),
    "foolbox/10": (11, 9, 92, 95),
    "foolbox/11": (0, 16, 100, 69),
    "foolbox/12": (1, 5, 46, 95),
    "foolbox/13": (0, 8, 97, 93),
    "foolbox/14": (34, 31, 51, 59),
    "foolbox/15": (40, 36, 67, 95),
    "foolbox/16": (16, 0, 82, 80),
    "foolbox/17": (0, 22, 100, 72),
    "foolbox/18": (21, 6, 81, 91),
    "foolbox/19": (24, 26, 86, 80),
}
CENTRAL = (8.0, 8.0, 92.0, 92.0)


def proposed_box(image: LabelledImage) -> Box:
    """The box drawn by hand where there is one, else the central 84% of width and height: a guess, to be looked at."""
    height, width, _ = image.rgb.shape
    return Box.of_percent(BY_HAND.get(image.sample_id, CENTRAL), width, height)


def has_known_box(image: LabelledImage) -> bool:
    """Whether somebody has looked where its object is."""
    return image.sample_id in BY_HAND
