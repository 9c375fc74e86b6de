import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from robust_core.corruptions import BENCHMARK_15, C_BAR_10, CORRUPTIONS, IMAGENET_C_19
from robust_core.corruptions.apply import SAMPLERS_AND_CORES

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
FACTS = Path(DATA or ".").parent / "facts" / "more" / "imagenet_c_bar_settings.csv"


def test_order_of_the_reference():
    assert BENCHMARK_15 == (
        "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur", "zoom_blur",
        "snow", "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate", "jpeg_compression",
    )  # fmt: skip
    assert IMAGENET_C_19[15:] == ("speckle_noise", "gaussian_blur", "spatter", "saturate")
    assert tuple(CORRUPTIONS) == (*IMAGENET_C_19, *C_BAR_10)


def test_imagenet_c_bar_has_the_levels_of_its_reference():
    """augmentation-corruption @ba4d5a5e, imagenet_c_bar/imagenet_c_bar.csv."""
    assert {name: CORRUPTIONS[name].settings for name in C_BAR_10} == {
        "caustic_refraction": (2.35, 3.2, 4.9, 6.6, 9.15),
        "inverse_sparkles": (1, 2, 4, 9, 10),
        "sparkles": (1, 2, 3, 5, 6),
        "perlin_noise": (4.6, 5.2, 5.8, 7.6, 8.8),
        "blue_noise_sample": (0.8, 1.6, 2.4, 4, 5.6),
        "plasma_noise": (4.75, 7, 8.5, 9.25, 10),
        "checkerboard_cutout": (2, 3, 4, 5, 6),
        "cocentric_sine_waves": (3, 5, 8, 9, 10),
        "single_frequency_greyscale": (1, 1.5, 2, 4.5, 5),
        "brownish_noise": (1, 2, 3, 4, 5),
    }


@pytest.mark.skipif(not FACTS.is_file(), reason="needs the facts beside ROBUST_LAB_TEST_DATA")
def test_imagenet_c_bar_has_the_levels_and_the_order_of_the_published_file():
    rows = list(csv.DictReader(FACTS.read_text("utf-8").splitlines()))
    assert [row["corruption"] for row in rows] == list(C_BAR_10)
    for row in rows:
        levels = tuple(float(row[f"severity_{severity}"]) for severity in range(1, 6))
        assert levels == CORRUPTIONS[row["corruption"]].settings


@pytest.mark.parametrize("row", CORRUPTIONS.values(), ids=lambda row: row.name)
def test_every_row_is_complete(row):
    assert CORRUPTIONS[row.name] is row
    assert row.title
    assert row.source
    assert row.group in ("noise", "blur", "weather", "digital", "extra", "c-bar")
    assert len(row.settings) == 5 == len(set(row.settings))
    if len(row.parameters) > 1:
        assert {len(settings) for settings in row.settings} == {len(row.parameters)}


def test_every_row_is_computed():
    assert list(SAMPLERS_AND_CORES) == list(CORRUPTIONS)


def test_zoom_lists_have_the_reference_lengths_and_ends():
    factors = CORRUPTIONS["zoom_blur"].settings
    assert [len(one) for one in factors] == [12, 16, 11, 13, 11]
    assert [one[-1] for one in factors] == [1.11, 1.15, 1.2, 1.24, 1.3]
    assert {one[0] for one in factors} == {1.0}


def test_listing_the_corruptions_costs_no_import_of_torch():
    code = "import sys, robust_core.corruptions; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
