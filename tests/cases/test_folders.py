"""Data folders as they lie on disks: what a NAS or a Mac adds is passed over, and every published layout is run."""

import pytest

from robust_core.benchmark.stored_runs import finished
from robust_core.labels import IMAGENET_A
from tests.benchmark.trees import V2_FOLDER, drawings, write_by_number, write_by_wnid
from tests.data.folders import TENCH, put


@pytest.fixture
def model(ready) -> str:
    """The key of a tiny model whose weights are there."""
    return ready[0].key


COMMANDS = {
    "models check --model {key} --images {data}/val": " of 2 [",
    "attack --model {key} --images {data}/val --steps 1 --eps 1/255": "in % of n = 2 after",
    "attribute --model {key} --images {data}/val --method saliency": "medians over 2 images",
    "benchmark run --model {key} --experiment imagenet --workers 0 --data {data}": "%, n = 2",
}


@pytest.mark.parametrize(("line", "counted"), COMMANDS.items(), ids=lambda text: text.split(" --")[0])
def test_system_folders_beside_the_classes_are_passed_over_by_every_command(call, model, tmp_path, line, counted):
    write_by_wnid(tmp_path / "data" / "val", drawings(2))
    for folder in ("@eaDir", "__MACOSX", "lost+found"):
        put(tmp_path / "data" / "val" / folder / TENCH / "thumbnail.JPEG", 128)
    code, out, _ = call(line.format(key=model, data=tmp_path / "data"))
    assert code == 0
    assert counted in out
    assert "Left out: 3 hidden or system entries." in out


LAYOUTS = {  # experiment, images, how they usually lie, how else
    "ImageNet-C in a folder for each group": (
        "imagenet_c",
        drawings(2),
        (write_by_wnid, "imagenet-c/defocus_blur/3"),
        (write_by_wnid, "imagenet-c/blur/defocus_blur/3"),
    ),
    "ImageNet-C with an underscore": (
        "imagenet_c",
        drawings(2),
        (write_by_wnid, "imagenet-c/fog/1"),
        (write_by_wnid, "imagenet_c/fog/1"),
    ),
    "ImageNet-A with an underscore": (
        "imagenet_a",
        drawings(2, IMAGENET_A),
        (write_by_wnid, "imagenet-a"),
        (write_by_wnid, "imagenet_a"),
    ),
    "ImageNet-V2 by WordNet id": (
        "imagenet_v2_matched",
        drawings(2),
        (write_by_number, V2_FOLDER),
        (write_by_wnid, V2_FOLDER),
    ),
}


@pytest.mark.parametrize(("experiment", "images", "usual", "other"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_in_use_gives_the_numbers_of_the_usual_one(call, model, tmp_path, experiment, images, usual, other):
    results = []
    for name, (write, folder) in {"usual": usual, "other": other}.items():
        write(tmp_path / name / folder, images)
        line = f"benchmark run --model {model} --experiment {experiment} --workers 0"
        code, out, _ = call(line, "--data", tmp_path / name, "--store", tmp_path / f"{name} runs")
        assert code == 0
        assert "1 of 1 units are here, 1 computed now" in out
        (run,) = finished(tmp_path / f"{name} runs")
        results.append([(row.benchmark, row.condition, row.metric, row.value, row.n) for row in run.results()])
    assert results[0] == results[1]
    assert {n for *_, n in results[0]} == {2}
