"""Edits asked of a network that measures the object's area: what it must answer is known from the masks."""

import numpy as np
import pytest

import robust_core as rc
from robust_core import data
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.intervals import wilson
from robust_core.edits.object_edit import KINDS, UNEDITED, ObjectEdit
from robust_core.models.catalogue import get_spec
from robust_core.studies import object_edits
from robust_core.studies.object_edits import FIELDS, ObjectEditsRequest
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
    sizes = [found.edits[place].zoom for place in found.places(KINDS["size"])]
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
            "Mini alone, whose classes EfficientNet-Lite0 does not know",
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
