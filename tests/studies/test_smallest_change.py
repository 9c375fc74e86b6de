"""The smallest change on networks of which it is known, and against Foolbox called directly."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from foolbox import PyTorchModel
from foolbox.attacks import DDNAttack, L2FMNAttack, LInfFMNAttack

from robust_core.attacks.table import ATTACKS
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput, UnknownName
from robust_core.events import Progress
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.studies import smallest_change
from robust_core.studies.breakability import ALONE, RANKED, UNBROKEN, WRONG, breakability
from robust_core.studies.found_changes import WRONG_WHEN_CLEAN, length
from robust_core.studies.smallest_change import SmallestChangeRequest
from tests.attacks.networks import constant, shifted
from tests.outcomes import events_and_result
from tests.tiny import SIDE_PX, convolutional, images

GREY = 128 / 255  # of an 8-bit image


def image_set(pixels, labels):
    levels = (pixels * 255).round().byte().permute(0, 2, 3, 1).numpy()
    each = zip(levels, labels, strict=True)
    made = [LabelledImage.of_pixels(rgb, f"image {place}", "", label_space=MINI) for place, (rgb, _) in enumerate(each)]
    return ImageSet.of([replace(one, label=label) for one, label in zip(made, labels, strict=True)])


def even(*levels):
    return torch.stack([torch.full((3, SIDE_PX, SIDE_PX), level / 255) for level in levels])


def found_in(spec, pixels, labels, **options):
    request = SmallestChangeRequest((spec,), image_set(pixels, labels), **options)
    return events_and_result(smallest_change.run(request))


def test_the_distance_is_the_known_one_and_its_table_says_so(model_of):
    spec = model_of(shifted(8 / 255))  # class 1 where the mean is above 135.5
    events, result = found_in(spec, even(128, 130, 134, 140), [0, 0, 0, 0], steps=60)
    rows = result.frame
    known = [7.5, 5.5, 1.5, 0]
    assert rows["eps_255ths"].to_list() == pytest.approx(known, rel=0.03)
    assert rows["found_by"].to_list()[3] == WRONG_WHEN_CLEAN
    assert {*rows["found_by"].to_list()[:3]} <= {*ATTACKS}
    assert rows["survives_8_bits"].to_list()[0], "7.5 of 255 round to 8"
    assert rows["predicted"].to_list() == [MINI.names[1]] * 4
    assert (rows["n"] == 4).all()
    done = [event.done for event in events if isinstance(event, Progress) and event.unit == "steps"]
    assert done == sorted(done)
    (median,) = result.median_frame["median_eps_255ths"]
    assert median == pytest.approx(5.5, rel=0.03)
    assert result.median_frame["n"].to_list() == [3]


def test_the_curve_falls_at_every_distance_and_no_sooner(model_of):
    spec = model_of(shifted(8 / 255))
    _, result = found_in(spec, even(128, 130, 134, 140), [0, 0, 0, 0], steps=40)
    (one,) = result.found
    curve = result.curve_frame
    assert curve["accuracy_percent"].to_list() == [75, 50, 25, 0]
    assert curve["n"].to_list() == [4] * 4
    for eps, left in one.curve():
        assert left.estimate == float((one.distance.double() > eps).double().mean())
        assert left.low <= left.estimate <= left.high
    assert one.accuracy_at(math.nextafter(one.curve()[1][0], 0)).estimate == 0.75
    assert len(result.figure().data) == 2, "a curve and its band"


def test_what_is_never_broken_is_said_to_be_so(model_of, tmp_path):
    _, result = found_in(model_of(constant()), even(100, 120), [0, 1], steps=5)
    assert result.frame["eps"].isna().to_list() == [True, False]
    assert "Smallest change" in result.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert result.frame["found_by"].to_list() == ["", WRONG_WHEN_CLEAN]
    assert result.median_frame["never_broken"].to_list() == [1]
    assert result.curve_frame["accuracy_percent"].to_list() == [50]


@pytest.mark.parametrize("norm", smallest_change.NORMS)
def test_the_union_is_never_longer_than_any_of_its_searches(model_of, norm):
    model = convolutional()
    labels = model.logits(images(5)).argmax(1).tolist()
    spec = model_of(model)
    _, result = found_in(spec, images(5), labels, norm=norm, steps=20)
    (one,) = result.found
    assert {*one.by_attack} == {config.attack for config in result.configs}
    for distances in one.by_attack.values():
        assert (one.distance <= distances).all()
    for place, key in enumerate(one.found_by):
        assert one.by_attack[key][place] == one.distance[place]


@pytest.mark.parametrize(
    ("norm", "attack", "distance"),
    [("linf", LInfFMNAttack, math.inf), ("l2", L2FMNAttack, 2), ("l2", DDNAttack, 2)],
    ids=["FMN, L∞", "FMN, L2", "DDN"],
)
def test_on_no_image_is_it_longer_than_what_foolbox_itself_finds(model_of, norm, attack, distance):
    model, pixels, steps = convolutional(), images(6), 25
    labels = model.logits(pixels).argmax(1)
    theirs, _, success = attack(steps=steps)(PyTorchModel(model.network, (0, 1)), pixels, labels, epsilons=None)
    lengths = (theirs - pixels).flatten(1).norm(p=distance, dim=1).masked_fill(~success, math.inf)
    _, result = found_in(model_of(model), pixels, labels.tolist(), norm=norm, steps=steps)
    assert success.any()
    assert (result.found[0].distance <= lengths * (1 + 1e-5)).all()


def test_a_kept_change_is_the_change(model_of):
    _, result = found_in(model_of(shifted(8 / 255)), even(128, 130), [0, 0], steps=40, changes_of=(1,))
    (one,) = result.found
    assert list(one.changes) == [1]
    clean = np.full((SIDE_PX, SIDE_PX, 3), 130, np.uint8)
    assert abs(int(one.changes[1].on(clean).astype(int).mean()) - 135.5) <= 1
    (shown,) = result.report_images()
    assert "enlarged" in shown.caption


def test_the_request_refuses_what_makes_no_sense(model_of):
    spec, few = model_of(constant()), image_set(even(100), [0])
    for wrong in ({"norm": "l1"}, {"norm": "mars"}):
        with pytest.raises(UnknownName):
            SmallestChangeRequest((spec,), few, **wrong)
    for wrong in ({"steps": 0}, {"steps": 10**6}, {"seed": -1}, {"changes_of": (1,)}):
        with pytest.raises(BadInput):
            SmallestChangeRequest((spec,), few, **wrong)
    with pytest.raises(BadInput):
        SmallestChangeRequest((spec,), few[:0])
    kept = SmallestChangeRequest((spec,), few, changes_of=(0,))
    assert kept.key == SmallestChangeRequest((spec,), few).key, "what is kept changes no number"


def test_an_image_is_ranked_among_others_without_itself(model_of):
    spec = model_of(shifted(8 / 255))
    _, others = found_in(spec, even(128, 130, 132, 134, 140), [0] * 5, steps=40)
    name = spec.name
    ranked = breakability(others, 2, others, name)  # 3.5 among 7.5, 5.5 and 1.5
    assert (ranked.standing, ranked.easier.n, ranked.left_out) == (RANKED, 3, 1)
    assert ranked.easier.estimate == pytest.approx(1 / 3)
    assert breakability(others, 4, others, name).standing == WRONG
    _, alone = found_in(spec, even(129), [0], steps=40)
    assert breakability(alone, 0, alone, name).standing == ALONE
    _, never = found_in(model_of(constant()), even(129), [0], steps=3)
    unbroken = replace(never, found=(replace(never.found[0], spec=spec),))
    assert breakability(unbroken, 0, others, name).standing == UNBROKEN
    against = breakability(others, 0, unbroken, name)
    assert (against.never_broken, against.easier.estimate) == (1, 0), "what never broke takes more"


def test_lengths_read_well():
    assert [length("linf", 0.5 / 255), length("l2", 0.123456), length("linf", math.inf)] == [
        "0.5/255",
        "0.123",
        "none found",
    ]
