"""A request written into a report comes back with the same key, for every kind, and nothing else comes out."""

import base64
import json
from dataclasses import fields, replace

import numpy as np
import pytest

import robust_core as rc
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, RobustError
from robust_core.images import LabelledImage, decode
from robust_core.models.catalogue import get_spec
from robust_core.recordings.field_checks import CHECKS
from robust_core.recordings.requests import CLASSES, Images, options_of, request_of
from robust_core.recordings.studies import STUDIES
from robust_core.report.plain import request_to_plain
from robust_core.report.room import Room
from robust_core.studies.predictions import PredictionsRequest
from tests.door.test_code import ONE, REQUESTS
from tests.made_images import make_image

BUILDS = {name: build for name, build in REQUESTS.items() if type(build()) in STUDIES}


def plain_of(request, room=None):
    return json.loads(json.dumps(request_to_plain(request, room or Room())))


def test_every_study_that_can_be_run_again_is_tried():
    assert {type(build()) for build in BUILDS.values()} == set(STUDIES)


@pytest.mark.parametrize("name", BUILDS)
def test_a_request_comes_back(name):
    request = BUILDS[name]()
    back = request_of(plain_of(request), Images(None))
    assert type(back) is type(request)
    apart = ("images", "unknown", "norm_images")  # a drawn set is told by its images then, and no longer by its ids
    assert {key: one for key, one in back.identity.items() if key not in apart} == {
        key: one for key, one in request.identity.items() if key not in apart
    }
    for field in apart:
        if isinstance(one := getattr(request, field, None), ImageSet):
            assert getattr(back, field).digest == one.digest
            assert (getattr(back, field).title, getattr(back, field).rule) == (one.title, one.rule)


def upload(tmp_path, seed=1):
    from PIL import Image

    path = tmp_path / f"{seed}.png"
    Image.fromarray(make_image(seed, 3, (64, 64)).rgb).save(path)
    return decode(path.read_bytes(), path.name)


def asking(image, label=None):
    return PredictionsRequest(ONE, ImageSet.of([replace(image, label=label, centre_crop_only=True)]))


def test_an_upload_comes_from_the_report_itself(tmp_path):
    request = asking(upload(tmp_path), 3)
    back = request_of(plain_of(request), Images(None))
    assert back.key == request.key
    assert back.images.digest == request.images.digest


def test_an_upload_that_did_not_fit_comes_from_a_folder_by_its_digest(tmp_path):
    request, room = asking(upload(tmp_path)), Room(characters=10)
    plain = plain_of(request, room)
    with pytest.raises(BadInput, match=r"1\.png .* is not here; name the folder .* --images"):
        request_of(plain, Images(None))
    upload(tmp_path, 2)
    (tmp_path / "1.png").rename(tmp_path / "other name.png")
    assert request_of(plain, Images(tmp_path)).key == request.key
    (tmp_path / "other name.png").unlink()
    with pytest.raises(BadInput, match="is not here"):
        request_of(plain, Images(tmp_path))


def test_an_image_whose_pixels_are_others_is_refused(tmp_path):
    plain = plain_of(asking(upload(tmp_path)))
    record = record_of(plain)
    other = plain_of(asking(upload(tmp_path, 2)))
    record["pixels"] = record_of(other)["pixels"]
    with pytest.raises(BadInput, match="its pixels differ"):
        request_of(plain, Images(None))


def test_an_image_of_the_project_is_named_by_its_id_and_holds_no_pixels():
    plain = plain_of(asking(rc.load_images(["foolbox/03"])[0]))
    assert record_of(plain)["id"] == "foolbox/03"
    assert "pixels" not in record_of(plain)


def record_of(plain):
    return plain["fields"]["images"]["image_set"]["images"][0]


def test_no_path_is_in_a_report(tmp_path):
    folder = tmp_path / "secret" / "n01440764"
    folder.mkdir(parents=True)
    upload(folder)
    request = PredictionsRequest((get_spec("efficientnet_lite0"),), rc.load_images(tmp_path / "secret"))
    assert str(tmp_path) not in json.dumps(request_to_plain(request, Room()))


def damaged(change):
    plain = plain_of(asking(LabelledImage.of_pixels(np.zeros((64, 64, 3), np.uint8), "a", "")))
    change(plain)
    return plain


def nested(depth):
    return {"list": nested(depth - 1)} if depth else 0


CHANGES = {
    "another class": lambda plain: plain.update({"class": "Popen"}),
    "a class of this program that is no request": lambda plain: plain.update({"class": "ModelPool"}),
    "a class that is no text": lambda plain: plain.update({"class": ["PredictionsRequest"]}),
    "no fields": lambda plain: plain.pop("fields"),
    "an unknown field": lambda plain: plain["fields"].update(more=1),
    "a missing field": lambda plain: plain["fields"].pop("images"),
    "a field that is not given": lambda plain: plain["fields"]["condition"]["fields"].update(frost="x"),
    "a value of another kind": lambda plain: plain["fields"].update(images=3),
    "models that are texts": lambda plain: plain["fields"].update(models=["a"]),
    "models that are images": lambda plain: plain["fields"].update(models=[{"image": record_of(plain)}]),
    "no models": lambda plain: plain["fields"].update(models=[]),
    "images that are a condition": lambda plain: plain["fields"].update(images=plain["fields"]["condition"]),
    "a condition that is a text": lambda plain: plain["fields"].update(condition="fog"),
    "a model that is a list": lambda plain: plain["fields"].update(models=[{"model": []}]),
    "an unknown model": lambda plain: plain["fields"].update(models=[{"model": "mars_net"}]),
    "an unknown form": lambda plain: plain["fields"].update(condition={"pickle": "x"}),
    "a deep one": lambda plain: plain["fields"].update(condition=[[[[[[[[[[[[[[1]]]]]]]]]]]]]]),
    "no images": lambda plain: plain["fields"]["images"]["image_set"].update(images=[]),
    "an id that is a path": lambda plain: record_of(plain).update(id="../../etc/passwd", pixels=""),
    "pixels that are none": lambda plain: record_of(plain).update(pixels="%%%"),
    "pixels of no image": lambda plain: record_of(plain).update(pixels=base64.b64encode(b"MZ").decode()),
    "a label that is a text": lambda plain: record_of(plain).update(label="3"),
    "a label below 0": lambda plain: record_of(plain).update(label=-1),
    "unknown classes": lambda plain: record_of(plain).update(classes="mars"),
    "classes that are numbers": lambda plain: record_of(plain).update(classes={"title": "t", "names": [1]}),
    "a severity out of range": lambda plain: plain["fields"]["condition"]["fields"].update(severity=9),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_damaged_is_a_sentence(name):
    with pytest.raises(RobustError) as raised:
        request_of(damaged(CHANGES[name]), Images(None))
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize("plain", [None, 3, "x", [], {}, {"a": 1, "b": 2}, {"model": "mini_resnext"}])
def test_what_is_no_request_is_a_sentence(plain):
    with pytest.raises(BadInput, match="damaged"):
        request_of(plain, Images(None))


@pytest.mark.parametrize("plain", [None, [], {"mapping": [[1, 2, 3]]}, {"mapping": {"a": 1}}])
def test_options_are_a_mapping(plain):
    with pytest.raises(BadInput, match="damaged"):
        options_of(plain)


def test_every_field_of_every_request_is_checked():
    assert {one.name for kind in STUDIES for one in fields(kind)} == {*CHECKS}


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("value", ["mars", -1, [[1]]])
def test_no_field_takes_a_value_of_another_kind(name, value):
    plain = plain_of(BUILDS[name]())
    for field in set(plain["fields"]) - {"protocol"}:
        with pytest.raises(RobustError):
            request_of({**plain, "fields": {**plain["fields"], field: value}}, Images(None))


def test_a_method_takes_its_own_parameters_alone():
    plain = plain_of(BUILDS["maps"]())
    for methods in (["grad_cam"], [["mars", []]], [["grad_cam", [["x", 1]]]], [["smoothgrad", [["samples", "x"]]]]):
        with pytest.raises(RobustError):
            request_of({**plain, "fields": {**plain["fields"], "methods": methods}}, Images(None))


def test_only_requests_and_their_parts_come_out():
    parts = {
        "AttackConfig",
        "Box",
        "Condition",
        "ObjectEdit",
        "SmoothedSearch",
        "SyntheticUnknown",
        "Target",
        "ThreatModel",
    }
    assert {*CLASSES} - {one.__name__ for one in STUDIES} == parts
