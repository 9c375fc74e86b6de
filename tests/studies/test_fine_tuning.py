"""Fine-tuning on halves of the images: forecast first, the model untouched, refusals in a sentence."""

import numpy as np
import pytest
import torch

import robust_core as rc
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.intervals import wilson
from robust_core.models.catalogue import get_spec
from robust_core.models.pool import shared_pool
from robust_core.studies import fine_tuning
from robust_core.studies.downstream_labels import DownstreamLabels
from robust_core.studies.fine_tuned_models import FineTuningForecast
from robust_core.studies.fine_tuning import FineTuningRequest, forecasts, halved
from tests.outcomes import events_and_result

SPEC = get_spec("mini_resnext_at0")


@pytest.fixture(scope="module")
def images():
    return rc.downstream_task("new_surfaces", n=6)


@pytest.fixture(scope="module")
def outcome(images):
    with shared_pool().use(SPEC.key) as model:
        before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
        found = events_and_result(fine_tuning.run(FineTuningRequest((SPEC,), images, steps=6)))
        after = model.network.state_dict()
        assert all(torch.equal(tensor, after[name]) for name, tensor in before.items()), "bit for bit"
        assert not any(parameter.requires_grad for parameter in model.network.parameters())
    return found


def test_the_forecast_comes_before_the_first_step(outcome):
    events, _ = outcome
    kinds = ["forecast" if isinstance(event, FineTuningForecast) else event.note for event in events]
    first_step = next(place for place, kind in enumerate(kinds) if "loss" in kind)
    assert kinds.index("forecast") < first_step
    (forecast,) = fine_tuning.forecasts_so_far(events)
    assert forecast.seconds > 0
    assert str(forecast).startswith(f"{SPEC.title}: 6 steps take about")


def test_rows_are_the_probe_and_the_looks_on_the_way_with_wilsons_interval(outcome):
    _, found = outcome
    (one,) = found.by_model
    rows = found.frame.to_dict("records")
    assert [row["mode"] for row in rows] == ["fixed-feature", *["full-network"] * 6]
    assert [row["step"] for row in rows[1:]] == [0, 1, 2, 4, 5, 6]
    assert {(row["n"], row["n_train"], row["chance_percent"]) for row in rows} == {(30, 30, 10)}
    for row, predicted in zip(rows[1:], one.predicted.values(), strict=True):
        interval = wilson(int((predicted == found.labels).sum()), 30)
        assert row["low_percent"] == pytest.approx(100 * interval.low)
    assert len(one.losses) == 6
    assert -1 <= found.gain(one).low <= found.gain(one).high <= 1
    assert "after 6 steps" in found.sentences()[0]
    assert found.figure().data


def test_each_class_is_halved():
    found = DownstreamLabels(np.array([0] * 7 + [1] * 6), ("a", "b"))
    train = halved(found, seed=0)
    assert (train[:7].sum(), train[7:].sum()) == (4, 3)
    assert not np.array_equal(train, halved(found, seed=1))


def test_forecasts_alone_train_nothing(images):
    found = result_of(forecasts(FineTuningRequest((SPEC,), images, steps=1_000)))
    assert [(one.spec, one.steps) for one in found] == [(SPEC, 1_000)]


def test_what_takes_too_long_without_a_gpu_is_refused_unless_insisted_on(images, monkeypatch):
    monkeypatch.setattr(fine_tuning, "LONGEST_CPU_SECONDS", 0)
    with pytest.raises(BadInput, match="long without a GPU"):
        rc.fine_tune(SPEC.key, images, steps=2, progress=False)
    assert rc.fine_tune(SPEC.key, images, steps=2, insist=True, progress=False).by_model
    monkeypatch.setattr(fine_tuning, "LARGEST_ON_CPU", 1)
    with pytest.raises(BadInput, match="there is no GPU"):
        rc.fine_tune(SPEC.key, images, steps=2, progress=False)


def test_insisting_is_no_part_of_the_question(images):
    assert FineTuningRequest((SPEC,), images, insist=True) == FineTuningRequest((SPEC,), images)


@pytest.mark.parametrize("options", [{"steps": 0}, {"learning_rate": 0}, {"train_batch_size": 1}])
def test_numbers_out_of_range_are_refused(images, options):
    with pytest.raises(BadInput, match="must be a"):
        rc.fine_tune(SPEC.key, images, progress=False, **options)
