import os
import subprocess
import sys
from csv import DictReader
from pathlib import Path

import pytest

from robust_core.data import foolbox
from robust_core.data.foolbox import Foolbox
from robust_core.errors import UnknownName

TEST_DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
installed = pytest.mark.skipif(not Foolbox().by_id(), reason="Foolbox is not installed")


@installed
def test_the_twenty_images_have_readable_ids_and_titles():
    samples = list(Foolbox().samples(None, None))
    assert [sample.id for sample in samples] == [f"foolbox/{number:02d}" for number in range(20)]
    assert samples[0].title == "bull mastiff (00)"
    assert samples[0].label == 243
    assert len({sample.title for sample in samples}) == 20


@installed
def test_samples_of_one_class_are_those_of_all_with_its_label():
    everything = list(Foolbox().samples(None, None))
    for label in Foolbox().classes(None):
        assert list(Foolbox().samples(None, label)) == [sample for sample in everything if sample.label == label]
    assert len(Foolbox().classes(None)) == 19  # two of the images show jeeps


@installed
def test_every_image_is_sound():
    for sample in Foolbox().samples(None, None):
        image = Foolbox().read(sample.id)
        assert image.label == sample.label
        assert min(image.rgb.shape[:2]) >= 224
        assert "Foolbox" in image.source


@installed
def test_an_unknown_image_is_refused():
    with pytest.raises(UnknownName, match=r"no image called 'foolbox/20'"):
        Foolbox().read("foolbox/20")


@installed
def test_foolbox_itself_is_not_imported():
    code = "import sys; from robust_core.data import read; read('foolbox/03'); sys.exit('foolbox' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_package_there_are_no_images(monkeypatch):
    monkeypatch.setattr(foolbox, "_images", tuple)
    assert Foolbox().by_id() == {}


@installed
@pytest.mark.skipif(not TEST_DATA, reason="ROBUST_LAB_TEST_DATA names no folder")
def test_labels_and_bytes_agree_with_the_test_data():
    with (Path(TEST_DATA) / "images" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in DictReader(file) if row["set"] == "foolbox20"]
    known = {row["sha256"]: int(row["class_index"]) for row in rows}
    images = [Foolbox().read(sample.id) for sample in Foolbox().samples(None, None)]
    assert {image.digest: image.label for image in images} == known
