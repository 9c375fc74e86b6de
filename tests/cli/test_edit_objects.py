"""`edit-objects`: the numbers of `rc.edit_objects`, as lines and as CSV."""

import re

import pytest
from PIL import Image

import robust_core as rc
from robust_core.cli import main
from tests.cli.tables import read_rows
from tests.edits.photos import BOX, disc_photo

pytestmark = pytest.mark.usefixtures("empty_cache")
COMMAND = ("edit-objects", "--model", "mini_resnext", "--n", "8")


def test_it_prints_what_the_front_door_measures(capsys, tmp_path):
    file = tmp_path / "numbers.csv"
    assert main([*COMMAND, "--edit", "size", "--seed", "2", "--out", str(file)]) == 0
    found = rc.edit_objects("mini_resnext", rc.draw_images("mini", 8, seed=2), "size", progress=False).frame
    rows = read_rows(file)
    assert [row["edit"] for row in rows] == found["edit"].tolist()
    assert [float(row["accuracy_percent"]) for row in rows] == pytest.approx(found["accuracy_percent"].tolist())
    printed = capsys.readouterr().out
    assert re.search(r"^mini_resnext +size × 0\.4 +8 ", printed, re.MULTILINE)
    assert "95% Wilson intervals" in printed


def test_photos_come_with_their_boxes_and_the_control_is_said(capsys, tmp_path):
    for seed in range(2):
        Image.fromarray(disc_photo(seed)[0]).save(tmp_path / f"{seed}.png")
    (tmp_path / "boxes.csv").write_text(f"file,x0,y0,x1,y1\n0.png,{BOX}\n1.png,{BOX}\n")
    options = ("--images", str(tmp_path), "--boxes", str(tmp_path / "boxes.csv"), "--edit", "background")
    assert main(["edit-objects", "--model", "efficientnet_lite0", *options]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^efficientnet_lite0 +original +2 ", printed, re.MULTILINE)
    assert re.search(r"^efficientnet_lite0 +cut out and pasted back +2 ", printed, re.MULTILINE)
    assert re.search("keeps all 2 predictions|the cut itself changes the answer on", printed)


def test_a_line_of_the_table_that_cannot_be_read_is_named(capsys, tmp_path):
    Image.fromarray(disc_photo()[0]).save(tmp_path / "0.png")
    table = tmp_path / "boxes.csv"
    table.write_text("file,x0,y0,x1,y1\n0.png,1,2,three,4\n")
    options = ("--images", str(tmp_path), "--boxes", str(table))
    assert main(["edit-objects", "--model", "efficientnet_lite0", *options]) != 0
    assert "boxes.csv, line 2: Expected a box as four numbers" in capsys.readouterr().err
    assert main(["edit-objects", "--model", "efficientnet_lite0", "--boxes", str(table)]) != 0
    assert "name it with --images" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--edit", "sizes"), "size"), (("--model", "efficientnet_lite0"), "Photos need a box")],
)
def test_what_does_not_fit_is_said(arguments, sentence, capsys):
    assert main([*COMMAND, *arguments]) != 0
    assert sentence in capsys.readouterr().err
