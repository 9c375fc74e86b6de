"""Severity × eps: its edges are the corruption alone and the attack alone, as other studies measure them."""

from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from robust_core.attacks import table
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.scoring import ANY_STEP_SO_FAR
from robust_core.corruptions.condition import Condition
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.studies import attack_curve, corruption_grid, severity_plane
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.severity_plane import PlaneCell, SeverityPlaneRequest, cells_so_far
from tests.attacks.threats import threat
from tests.outcomes import events_and_result
from tests.studies.test_attack_curve import image_set
from tests.tiny import as_model, convolutional

SIDE_PX, STEPS = 32, 4
EPS = (1 / 255, 3 / 255)
CONDITIONS = tuple(Condition("gaussian_noise", severity, 3) for severity in (2, 5))
ATTACKS = tuple(AttackConfig.of("pgd", "linf", eps, STEPS) for eps in EPS)
IMAGES = image_set([None] * 18)  # more than a batch of corruptions


@pytest.fixture(scope="module")
def network():
    """A curved network on the largest of 4 × 4 pixels, whose predictions noise and attacks change for some images."""
    body = nn.Sequential(nn.MaxPool2d(4), nn.InstanceNorm2d(3), convolutional(classes=16).network.body)
    model = as_model(body, "pooled")
    model.spec = replace(model.spec, preprocess=replace(model.spec.preprocess, resize=36, crop=SIDE_PX))
    return model


def run(spec, **changes):
    request = SeverityPlaneRequest((spec,), IMAGES, CONDITIONS, ATTACKS)
    return events_and_result(severity_plane.run(replace(request, **changes)))


def correct(plane):
    return {(cell.condition.severity, cell.eps): cell.correct for cell in plane.cells}


def test_the_edges_are_the_corruption_alone_and_the_attack_alone(held, network):
    spec = held(network)
    _, result = run(spec)
    (plane,) = result.planes
    found = correct(plane)
    (counts,) = result_of(corruption_grid.run(CorruptionGridRequest((spec,), IMAGES, CONDITIONS))).counts
    for row, severity in enumerate((0, 2, 5)):
        assert found[severity, 0.0].tolist() == counts.correct[row].tolist()
    threats = tuple(threat(eps=eps, step_size=2.5 * eps / STEPS, steps=STEPS) for eps in EPS)
    curve = result_of(attack_curve.run(AttackCurveRequest((spec,), IMAGES, threats)))
    for trajectory in curve.trajectories["pooled"]:
        last = attack_curve.accuracies(trajectory.steps, ANY_STEP_SO_FAR)[-1]
        assert found[0, trajectory.threat.eps].mean() == last.estimate
    shares = [one.mean() for one in found.values()]
    assert min(shares) < found[5, 0.0].mean() < 1, "a plane without a slope shows nothing"


def test_corrupting_then_attacking_only_takes_away(held, network):
    _, result = run(held(network))
    found = correct(result.planes[0])
    for severity in (0, 2, 5):
        for eps in EPS:
            assert not (found[severity, eps] & ~found[severity, 0.0]).any()


def test_the_ball_is_around_the_corrupted_image(held, network):
    """The cell is what the attack does to images that are given as corrupted, with the labels of the clean ones."""
    from robust_core.attacks.search import attack
    from robust_core.images import stack, to_pixels

    spec = held(network)
    _, result = run(spec)
    clean = stack([to_pixels(image, spec.preprocess) for image in IMAGES])
    labels = network.logits(clean).argmax(1).tolist()
    attacked = result_of(attack(network, CONDITIONS[1].apply(clean), labels, ATTACKS[1]))
    assert correct(result.planes[0])[5, EPS[1]].tolist() == (~attacked.broken).tolist()


def test_the_table_has_every_cell_with_its_interval_and_protocol(held, network):
    events, result = run(held(network))
    frame = result.frame
    assert frame[["severity", "eps"]].drop_duplicates().shape[0] == len(frame) == 9
    assert set(frame["n"]) == {18}
    assert (frame["low_percent"] <= frame["accuracy_percent"]).all()
    assert (frame["accuracy_percent"] <= frame["high_percent"]).all()
    last = frame.iloc[-1]
    assert "around the corrupted image" in last["protocol"]
    assert frame.iloc[0]["corruption"] == frame.iloc[0]["attack"] == "none"
    assert len(result.figure().data) == 1
    assert np.shape(result.figure().data[0].z) == (3, 3)
    assert tuple(cells_so_far(events)) == result.planes[0].cells
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert all(isinstance(event, Progress | PlaneCell) for event in events)


def test_planes_of_several_models_join(held, network):
    first = held(network)
    other = as_model(network.network.body, "other")
    other.spec = replace(other.spec, preprocess=network.spec.preprocess)
    second = held(other)
    one, two = (run(spec, conditions=CONDITIONS[:1], attacks=ATTACKS[:1])[1] for spec in (first, second))
    assert one.can_join(two)
    assert list(one.joined([two]).frame["model"].unique()) == ["pooled", "other"]


def test_what_is_no_plane_is_refused(network, monkeypatch):
    usual = SeverityPlaneRequest((network.spec,), IMAGES, CONDITIONS, ATTACKS)
    for conditions in ((), CONDITIONS[:1] * 2, (replace(CONDITIONS[0], severity=0),)):
        with pytest.raises(BadInput, match="severities"):
            replace(usual, conditions=conditions)
    for other in ({"corruption": "fog"}, {"seed": 1}):
        with pytest.raises(BadInput, match="one corruption"):
            replace(usual, conditions=(CONDITIONS[0], replace(CONDITIONS[1], **other)))
    for attacks in ((), ATTACKS[:1] * 2):
        with pytest.raises(BadInput, match="each once"):
            replace(usual, attacks=attacks)
    with pytest.raises(BadInput, match="several attacks"):
        replace(usual, attacks=(ATTACKS[0], replace(ATTACKS[1], steps=9)))
    with pytest.raises(BadInput, match="no images"):
        replace(usual, images=IMAGES[:0])
    monkeypatch.setitem(table.ATTACKS, "least", replace(table.ATTACKS["pgd"], key="least", minimal=True))
    with pytest.raises(BadInput, match="smallest change"):
        replace(usual, attacks=(AttackConfig.of("least", "linf"),))
