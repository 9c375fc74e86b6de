import os
from dataclasses import replace
from pathlib import Path

import pytest

from robust_core.data import real_labels
from robust_core.errors import BadInput, NotFinite
from robust_core.events import result_of
from robust_core.labels import CLASSES, IMAGENET_A, own_label_space
from robust_core.models import pool as pool_module
from robust_core.models.catalogue import get_spec
from robust_core.models.pool import ModelPool
from robust_core.studies import folder_accuracy
from robust_core.studies.predictions import among
from tests.benchmark.trees import drawings, write_by_wnid
from tests.made_images import make_image
from tests.models.rows import tiny_spec
from tests.studies.test_predictions import CPU, predict


@pytest.fixture
def spec(tiny_model):
    return tiny_model


def write_folder(folder, labels):
    from PIL import Image

    for number, label in enumerate(labels):
        path = folder / CLASSES[label].wnid / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_image(number).rgb).save(path)


def test_a_folder_is_checked_against_its_wnids(spec, tmp_path):
    predicted = [prediction.top(5) for prediction in predict(spec, [make_image(seed) for seed in range(3)]).predictions]
    right, second, never = (
        predicted[0][0][0],
        predicted[1][1][0],
        next(i for i in range(1000) if i not in dict(predicted[2])),
    )
    write_folder(tmp_path / "images", [right, second, never])
    accuracy = result_of(folder_accuracy.run(spec, tmp_path / "images"))
    assert (accuracy.n, accuracy.top1.estimate, accuracy.top5.estimate) == (
        3,
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
    )


def test_a_folder_is_recognised_and_scored_by_its_protocol(spec, tmp_path):
    """The images of ImageNet-A are scored among its 200 classes."""
    predicted = predict(spec, [make_image(0)])
    best = among(predicted, IMAGENET_A).predictions[0].label
    write_folder(tmp_path / "imagenet_a", [best])
    (tmp_path / "imagenet_a" / "@eaDir").mkdir()
    accuracy = result_of(folder_accuracy.run(spec, tmp_path / "imagenet_a"))
    assert (accuracy.n, accuracy.top1.estimate) == (1, 1.0)
    assert accuracy.images == (
        "ImageNet-A: 1 image of 1 class.",
        "Left out: 1 hidden or system entry.",
        "The best of its 200 classes decides.",
    )


def test_validation_images_are_also_judged_by_their_real_labels(spec, tmp_path, monkeypatch):
    """By their names: image 1 has no ReaL label, 2 has 795 and 970, 3 has 230 and 231; of the last nothing is known."""
    predicted = [prediction.label for prediction in predict(spec, [make_image(seed) for seed in range(4)]).predictions]
    write_folder(tmp_path / "val", predicted)
    names = [*(f"ILSVRC2012_val_{number:08}.PNG" for number in (1, 2, 3)), "photo.png"]
    for path in (tmp_path / "val").rglob("*.png"):
        path.rename(path.with_name(names[int(path.stem)]))
    found = {1: (), 2: (predicted[1], 3), 3: (230 if predicted[2] != 230 else 231,)}
    monkeypatch.setattr(real_labels, "real_labels", found.__getitem__)
    accuracy = result_of(folder_accuracy.run(spec, tmp_path / "val"))
    assert (accuracy.n, accuracy.top1.estimate) == (4, 1.0)
    assert (accuracy.real.n, accuracy.real.estimate) == (2, 0.5)


def test_other_images_have_no_real_accuracy(spec, tmp_path):
    write_folder(tmp_path / "val", [0])
    assert result_of(folder_accuracy.run(spec, tmp_path / "val")).real is None


def test_every_damaged_image_of_a_folder_is_named(spec, tmp_path, monkeypatch):
    write_folder(tmp_path / "val", [0] * 20)
    for number in (3, 7, 11, 12, 13, 14, 18):
        (tmp_path / "val" / CLASSES[0].wnid / f"{number}.png").write_bytes(b"no image")
    with pytest.raises(BadInput) as raised:
        result_of(folder_accuracy.run(spec, tmp_path))
    sentence = str(raised.value)
    assert sentence.startswith("val/n01440764/11.png is not a whole ")
    assert sentence.count("val/n01440764/") == 5
    assert sentence.endswith("2 more cannot be read either.")


def test_an_empty_folder_is_refused(spec, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BadInput, match="no images"):
        result_of(folder_accuracy.run(spec, tmp_path / "nothing"))


REAL = [
    # weights, architecture, top-1 and top-5 of 160 images, measured with this code on 2026-11-22, CPU, float32
    ("squeezenet1_0_deepcompression-23354a22.pth", "squeezenet1_0", 103, 139),
    ("mobilenet_v2_tfslim_qat.safetensors", "mobilenet_v2", 136, 157),
]


@pytest.mark.skipif(
    "ROBUST_LAB_TEST_DATA" not in os.environ, reason="ROBUST_LAB_TEST_DATA names no folder with real weights"
)
@pytest.mark.parametrize(("file", "architecture", "top1", "top5"), REAL)
def test_real_weights_predict_160_real_images(tmp_path, monkeypatch, file, architecture, top1, top5):
    """A kernel that rounds differently may move an image that stands on the edge; more than two would be a mistake."""
    from robust_core.models.imports import import_file

    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    pool = ModelPool(CPU, 10**9)
    monkeypatch.setattr(pool_module, "shared_pool", lambda: pool)
    data = Path(os.environ["ROBUST_LAB_TEST_DATA"])
    import_file(data / "weights" / file, architecture, "real", "Real")
    accuracy = result_of(folder_accuracy.run(get_spec("real"), data / "images" / "imagenet_samples"))
    assert accuracy.n == 160
    assert abs(round(accuracy.top1.estimate * 160) - top1) <= 2
    assert abs(round(accuracy.top5.estimate * 160) - top5) <= 2


def test_a_model_with_infinite_logits_is_right_about_no_folder(overflowing, tmp_path):
    write_folder(tmp_path / "val", [0])  # class 0 is what the first of many NaN looks like
    with pytest.raises(NotFinite):
        result_of(folder_accuracy.run(overflowing, tmp_path / "val"))


def test_a_folder_of_other_classes_than_the_models_is_refused_and_not_scored(tmp_path):
    """Bare indices would compare a flower's with a fish's."""
    flowers = own_label_space("flowers", ["daisy", "rose"])
    spec = replace(tiny_spec(tmp_path / "weights"), label_space=flowers)
    write_by_wnid(tmp_path / "val", drawings(1))
    with pytest.raises(
        BadInput, match=r"of the folder's classes are none of those of flowers, which this model predicts: "
    ):
        result_of(folder_accuracy.run(spec, tmp_path / "val"))
