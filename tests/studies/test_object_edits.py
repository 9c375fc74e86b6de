"""Edits asked of a network that measures the object's area: what it must answer is known from the masks."""

import numpy as np
import pytest
import torch
from PIL import Image

import robust_core as rc
from robust_core import data
from robust_core.data.image_set import ImageSet
from robust_core.data.sample_boxes import BY_HAND, proposed_box
from robust_core.edits.cutout import cut_out
from robust_core.edits.object_edit import KINDS, PHOTO_BACKGROUNDS, UNEDITED, ObjectEdit
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.intervals import wilson
from robust_core.models.catalogue import get_spec
from robust_core.studies import object_edits
from robust_core.studies.object_edits import FIELDS, ObjectEditsRequest
from tests.edits.photos import BOX, disc_photo
from tests.outcomes import events_and_result

SPECS = tuple(map(get_spec, ("mini_resnext", "mini_resnext_wsl")))
EDITS = (ObjectEdit(zoom=0.4), ObjectEdit(hue_degrees=180))


@pytest.fixture(scope="module")
def images():
    return rc.draw_images("mini", 12)


@pytest.fixture(scope="module")
def outcome(images):
    return events_and_result(object_edits.run(ObjectEditsRequest(SPECS, images, EDITS)))


def test_unedited_is_what_the_models_predict_for_the_images(outcome, images):
    _, found = outcome
    known = rc.predict([spec.key for spec in SPECS], images, progress=False).frame.query("rank == 1")
    truth = [image.label for image in images]
    for one in found.by_model:
        predicted = known[known["model"] == one.spec.name]["class_index"].to_numpy()
        assert one.correct[0].tolist() == (predicted == truth).tolist()


def test_a_row_counts_what_is_right_and_of_it_what_was_right_before(outcome):
    _, found = outcome
    frame = found.frame
    assert frame["edit"].tolist() == 2 * ["not edited", "size × 0.4", "hue + 180°"]
    for one in found.by_model:
        rows = frame[frame["model"] == one.spec.name].to_dict("records")
        for row, right in zip(rows, one.correct, strict=True):
            interval, kept = wilson(int(right.sum()), 12), int((one.correct[0] & right).sum())
            assert row["n"] == 12
            assert row["n_right_unedited"] == one.correct[0].sum()
            assert (row["accuracy_percent"], row["low_percent"], row["high_percent"]) == pytest.approx(
                (100 * interval.estimate, 100 * interval.low, 100 * interval.high)
            )
            assert row["kept_percent"] == pytest.approx(100 * kept / one.correct[0].sum())
        assert rows[0]["kept_percent"] == 100
    assert frame["protocol"].str.contains("drawn again").all()
    assert frame["mean_probability"].between(0, 1).all()


def test_an_edit_is_the_same_as_predicting_the_edited_image(outcome, images):
    _, found = outcome
    edited = ImageSet.of([data.synthetic.read_edited(image.sample_id, EDITS[0]) for image in images])
    known = rc.predict("mini_resnext", edited, progress=False).frame.query("rank == 1")
    truth = np.array([image.label for image in images])
    assert found.by_model[0].correct[1].tolist() == (known["class_index"].to_numpy() == truth).tolist()


def test_progress_counts_every_image_under_every_edit(outcome):
    events, _ = outcome
    assert all(isinstance(event, Progress) for event in events)
    assert [(event.done, event.total) for event in events] == [(0, 36), (12, 36), (24, 36)]


def test_models_apart_are_models_together(outcome, images):
    _, together = outcome
    apart = [events_and_result(object_edits.run(ObjectEditsRequest((spec,), images, EDITS)))[1] for spec in SPECS]
    assert apart[0].can_join(apart[1])
    assert apart[0].joined(apart[1:]).frame.equals(together.frame)


def test_the_places_of_a_kind_are_in_its_order(images):
    request = ObjectEditsRequest(SPECS[:1], images, (*EDITS, *reversed(KINDS["size"].edits)))
    assert request.edits[: len(KINDS["size"].edits)] == (
        UNEDITED,
        *(edit for edit in KINDS["size"].edits if edit != UNEDITED),
    )
    _, found = events_and_result(object_edits.run(request))
    sizes = [found.edits[place].zoom for place in found.along(KINDS["size"].edits)]
    assert sizes == [edit.zoom for edit in KINDS["size"].edits]


def test_the_rows_name_every_field_of_an_edit(outcome):
    _, found = outcome
    for row in found.frame.to_dict("records"):
        assert str(ObjectEdit(**{name: row[name] for name in FIELDS})) == row["edit"]


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda images: ObjectEditsRequest(SPECS, images, ()), "at least one edit"),
        (lambda images: ObjectEditsRequest(SPECS, images, (UNEDITED,)), "at least one edit"),
        (
            lambda images: ObjectEditsRequest((get_spec("efficientnet_lite0"),), images, EDITS),
            "Photos need a box around each one's object",
        ),
        (lambda images: ObjectEditsRequest(SPECS, images[:0], EDITS), "image"),
    ],
)
def test_what_cannot_be_asked_is_refused(build, sentence, images):
    with pytest.raises(BadInput, match=sentence):
        build(images)


@pytest.mark.parametrize("sample", ["mini/test/3", "foolbox/03"])
def test_an_image_that_cannot_be_drawn_again_is_refused_by_its_name(sample):
    image = data.read(sample)
    request = ObjectEditsRequest(SPECS, ImageSet.of([image]), EDITS)
    with pytest.raises(BadInput, match="no scene of Mini that can be drawn again"):
        events_and_result(object_edits.run(request))


class Redness(torch.nn.Module):
    """Sure of "disc" as far as more than `share` of the image is redder than green."""

    def __init__(self, share: float):
        super().__init__()
        self.share = torch.nn.Parameter(torch.tensor(share))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        red = (pixels[:, 0] - pixels[:, 1] > 0.2).float().mean((1, 2))
        return torch.stack([torch.zeros_like(red), 200 * (red - self.share)], 1)


def wrapped(net, name):
    return rc.wrap(net, preprocess=None, classes=["none", "disc"], name=name, device="cpu")


@pytest.fixture(scope="module")
def photos():
    """Three photos of a disc that takes 11.6% of them."""
    return rc.load_images([disc_photo(seed)[0] for seed in range(3)], labels=[1, 1, 1], classes=["none", "disc"])


def test_of_photos_what_a_network_of_areas_answers_is_known(photos):
    wanted = {
        ObjectEdit(zoom=0.5): 0,  # 2.9% are left
        ObjectEdit(zoom=0.9): 1,  # 9.4%
        ObjectEdit(hue_degrees=180): 0,
        ObjectEdit(background="grey"): 1,
        ObjectEdit(right_percent=10, rotation_degrees=45): 1,
        ObjectEdit(right_percent=100): 0,
    }
    found = rc.edit_objects(wrapped(Redness(0.08), "area"), photos, list(wanted), boxes=[BOX] * 3, progress=False)
    (one,) = found.by_model
    assert one.n == 3
    assert one.control_keeps.all()
    for edit, right in wanted.items():
        (place,) = found.along([edit])
        assert one.accuracy(place).estimate == right, edit
        assert one.change(place).estimate == right - 1
    rows = found.frame.set_index("edit")
    assert rows.index[:2].tolist() == ["original", "cut out and pasted back"]
    assert rows.loc["size × 0.5", ["change_percent", "kept_percent", "n", "n_control_kept"]].tolist() == [-100, 0, 3, 3]
    assert rows["protocol"].str.contains("GrabCut").all()
    assert "keeps all 3 predictions" in found.sentences()[1]


def test_where_the_cut_itself_changes_the_answer_the_result_says_so(photos):
    """A network whose threshold lies between what the cut leaves of the red and what there was."""
    cuts = [cut_out(disc_photo(seed)[0], BOX) for seed in range(3)]
    areas = [[(1.0 * rgb[..., 0] - rgb[..., 1] > 51).mean() for rgb in (cut.rgb, cut.edited(UNEDITED))] for cut in cuts]
    assert all(before > after for before, after in areas)
    before, after = min(one for one, _ in areas), max(one for _, one in areas)
    assert before > after
    net = wrapped(Redness((before + after) / 2), "rim")
    found = rc.edit_objects(net, photos, ObjectEdit(zoom=1.3), boxes=[BOX] * 3, progress=False)
    (one,) = found.by_model
    assert not one.control_keeps.any()
    assert (one.original_accuracy.estimate, one.accuracy(0).estimate, one.accuracy(1).estimate) == (1, 0, 1)
    assert one.change(1).estimate == 1, "counted from the control"
    assert "the cut itself changes the answer on 3 of 3 photos" in found.sentences()[1]


def test_a_photo_that_cannot_be_cut_is_left_out_and_named(photos):
    blank = np.zeros_like(disc_photo()[0])
    images = rc.load_images([disc_photo()[0], blank], labels=None)
    net = wrapped(Redness(0.08), "area")
    found = rc.edit_objects(net, images, ObjectEdit(zoom=0.5), boxes=[BOX, BOX], progress=False)
    assert found.by_model[0].n == 1
    assert found.by_model[0].followed.tolist() == [1], "without a label: the class predicted for the original"
    assert found.sentences()[-1].startswith("Left out: ")
    with pytest.raises(BadInput, match="GrabCut"):
        rc.edit_objects(net, images[1:], ObjectEdit(zoom=0.5), boxes=BOX, progress=False)


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        ([BOX] * 2, "a box for each of the 3 photos; got 2"),
        ({"x.png": BOX}, "There is no box for .* and 2 more; expected one for each of the 3 photos"),
        ("no/such/file.csv", "file.csv cannot be read"),
        (5, "Expected boxes as"),
        ([(1, 2, 3, 4, 5)] * 3, "four numbers of pixels"),
        ([(0, 0, 500, 20)] * 3, "None of the photos could be cut. .*does not lie in the image"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(photos, boxes, sentence):
    with pytest.raises(BadInput, match=sentence):
        rc.edit_objects(wrapped(Redness(0.1), "area"), photos, ObjectEdit(zoom=0.5), boxes=boxes, progress=False)


def test_a_background_of_the_other_world_is_refused(photos):
    with pytest.raises(BadInput, match="photos have are grey, .*; got clutter"):
        rc.edit_objects("mini_resnext", photos, ObjectEdit(background="clutter"), boxes=[BOX] * 3, progress=False)
    with pytest.raises(BadInput, match="scenes of Mini have are flat"):
        rc.edit_objects("mini_resnext", rc.draw_images("mini", 2), ObjectEdit(background="checks"), progress=False)


def test_a_table_of_boxes_places_each_photo_by_its_file(tmp_path):
    for seed in range(2):
        Image.fromarray(disc_photo(seed)[0]).save(tmp_path / f"{seed}.png")
    (tmp_path / "boxes.csv").write_text(f"file,x0,y0,x1,y1\n1.png,{BOX}\n0.png,50,30,170,150\n")
    images = rc.load_images(tmp_path, labels=None)
    net = wrapped(Redness(0.08), "area")
    found = rc.edit_objects(net, images, "background", boxes=tmp_path / "boxes.csv", progress=False)
    assert [tuple(box.values()) for box in found.provenance.request["boxes"]] == [
        (50, 30, 170, 150),
        (58, 32, 162, 136),
    ]
    assert found.frame["edit"].tolist()[2:] == [f"background: {kind}" for kind in PHOTO_BACKGROUNDS]


def test_the_photos_of_the_project_have_their_boxes():
    photos = rc.load_images("foolbox")
    assert set(BY_HAND) == {image.sample_id for image in photos}
    for image in photos:
        height, width, _ = image.rgb.shape
        proposed_box(image).check_in(width, height)
