"""Distance against queries where the distance is known, and what its table, figure and report say."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.query_search import marks
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.intervals import median_bounds
from robust_core.recordings import codec
from robust_core.report import write
from robust_core.studies import query_curve
from robust_core.studies.query_curve import QueryCurveRequest, QueryStep, steps_so_far
from robust_core.studies.query_frames import MOST_FRAMES, frame_queries
from tests.attacks.networks import constant, shifted
from tests.outcomes import events_and_result
from tests.studies.test_smallest_change import even, image_set
from tests.tiny import VALUES

LEVELS = (128, 130, 132, 134, 126, 124, 140)  # the last is wrong when clean
BOUNDARY = 135.5


def attacks(*keys, norm="l2", queries=80, seed=0):
    return tuple(AttackConfig.of(key, norm, None, queries, seed) for key in keys)


def asked(spec, its=None, **options):
    its = its or attacks("cgba", "hop_skip_jump")
    return QueryCurveRequest((spec,), image_set(even(*LEVELS), [0] * len(LEVELS)), its, **options)


@pytest.fixture(scope="module")
def curve():
    model = shifted(8 / 255)  # class 1 where the mean is above 135.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query_curve, "using", lambda spec: nullcontext(model))
        return events_and_result(query_curve.run(asked(model.spec, frames_of=(0, 6))))


def test_distances_fall_towards_the_known_ones(curve):
    _, result = curve
    known = [math.sqrt(VALUES) * (BOUNDARY - level) / 255 for level in LEVELS[:-1]]
    for one in result.all():
        first, last = one.steps[0], one.steps[-1]
        assert (last.distance[:-1] >= torch.tensor(known) * (1 - 1e-4)).all()
        assert (last.distance <= first.distance).all()
        assert last.distance[-1] == 0
        assert last.median < min(step.median for step in one.steps if step.queries <= 20) / 2
        assert one.passes <= len(LEVELS) * 81


def test_the_table_has_a_row_for_each_attack_and_number_of_queries(curve):
    _, result = curve
    frame = result.frame
    assert frame.groupby("attack")["queries"].apply(list).to_dict() == {
        "CGBA": [*marks(80)],
        "HopSkipJump": [*marks(80)],
    }
    assert (frame["n"] == len(LEVELS) - 1).all()
    last = frame[frame["queries"] == 80].iloc[0]
    right = sorted(next(result.all()).steps[-1].distance[:-1].tolist())
    assert last["median_distance_pixel_units"] == pytest.approx(right[2])
    assert (last["low_pixel_units"], last["high_pixel_units"]) == pytest.approx(median_bounds(right))
    assert last["broken_percent"] == 100
    assert "80 queries" in last["protocol"]


def test_the_events_are_the_curve_so_far(curve):
    events, result = curve
    so_far = steps_so_far(events)
    for one in result.all():
        seen = [step for step in so_far[one.config] if step.queries]
        assert {step.queries: step.median for step in seen} == {step.queries: step.median for step in one.steps}
    done = [event.done for event in events if isinstance(event, Progress) and event.unit == "queries"]
    assert done == sorted(done)
    assert len(LEVELS) * 160 / 2 < done[-1] <= len(LEVELS) * 160


def test_frames_go_from_the_clean_image_to_the_nearest_that_fools(curve):
    _, result = curve
    for one in result.all():
        assert set(one.frames) == {0, 6}
        frames = one.frames[0]
        assert frames.queries == frame_queries(marks(80))
        assert (frames.attacked[0] == LEVELS[0]).all()
        assert math.isinf(frames.distance[0])
        assert frames.distance[-1] == pytest.approx(float(one.steps[-1].distance[0]))
        assert frames.label[0] == 0
        assert frames.label[-1] == 1
        change, factors = frames.change, frames.factors
        assert (change[0] == 128).all()
        assert np.abs(change[-1].astype(int) - 128).max() >= 64
        assert len(factors) == len(frames.queries)


@pytest.mark.parametrize("queries", [1, 5, 80, 100_000])
def test_frames_are_few_and_reach_the_end(queries):
    chosen = frame_queries(marks(queries))
    assert len(chosen) <= MOST_FRAMES
    assert (chosen[0], chosen[-1]) == (0, queries)


def test_a_figure_a_report_and_a_recording_hold_it(curve):
    _, result = curve
    figure = result.figure()
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert [trace.name for trace in figure.data if trace.name] == ["shifted, CGBA", "shifted, HopSkipJump"]
    assert "Distance against queries" in write(result)
    assert len(result.report_images()) == 2 * 4
    assert any("upper bound" in one for one in result.sentences())
    step = QueryStep(attacks("cgba")[0], 3, torch.tensor([1.0, math.inf]))
    assert codec.from_bytes(codec.to_bytes(step)).right == step.right


def test_what_is_never_fooled_has_no_distance_and_is_counted(model_of):
    _, result = events_and_result(query_curve.run(asked(model_of(constant()), attacks("cgba", queries=10))))
    frame = result.frame
    assert frame["median_distance_pixel_units"].isna().all()
    assert (frame["broken_percent"] == 0).all()
    assert (frame["n"] == len(LEVELS)).all()
    result.figure()
    write(result)


def test_a_median_counts_what_is_not_broken():
    config = attacks("cgba")[0]
    step = QueryStep(config, 5, torch.tensor([0.0, 3.0, 1.0, math.inf, 2.0, math.inf]))
    assert step.right == (1.0, 2.0, 3.0, math.inf, math.inf)
    assert step.median == 3.0
    assert step.median_bounds == (0.0, math.inf)
    assert step.broken.estimate == pytest.approx(3 / 5)
    nothing = QueryStep(config, 5, torch.tensor([0.0]))
    assert math.isnan(nothing.median)
    assert nothing.broken is None


def test_the_same_seed_is_the_same_curve_and_another_is_not(model_of):
    spec = model_of(shifted(8 / 255))
    first, again, other = (
        events_and_result(query_curve.run(asked(spec, attacks("cgba", queries=60, seed=seed))))[1].frame
        for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first["median_distance_pixel_units"].equals(other["median_distance_pixel_units"])


def test_what_does_not_fit_is_refused(model_of):
    spec = model_of(constant())
    wrong = [
        (),
        attacks("cgba") * 2,
        (AttackConfig.of("pgd", "l2", 0.5),),
        attacks("ddn"),
        attacks("cgba", queries=100_001),
        attacks("cgba") + attacks("hop_skip_jump", norm="linf"),
    ]
    for its in wrong:
        with pytest.raises(BadInput):
            QueryCurveRequest((spec,), image_set(even(128), [0]), its)
    with pytest.raises(BadInput, match="Frames"):
        asked(spec, frames_of=(7,))
    with pytest.raises(BadInput):
        QueryCurveRequest((spec,), image_set(even(128), [0])[:0], attacks("cgba"))
