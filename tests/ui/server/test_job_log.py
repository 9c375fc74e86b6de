import logging

import pytest

from robust_core.data.image_set import ImageSet
from robust_core.models.catalogue import get_spec
from robust_core.studies.predictions import PredictionsRequest
from robust_core.ui.server.job_log import logged
from tests.made_images import make_image

KEY = PredictionsRequest((get_spec("resnet50"), get_spec("mini_resnext")), ImageSet.of([make_image(0)])).key


def work():
    yield "an event"
    return "the result"


def failing():
    yield "an event"
    raise ValueError


def line_of(caplog):
    (record,) = caplog.records
    return record.getMessage()


@pytest.fixture(autouse=True)
def info(caplog):
    caplog.set_level(logging.INFO, "robust_core")


def test_a_job_that_is_done_leaves_a_line_and_is_otherwise_the_same(caplog):
    running = logged(KEY, work, "device")()
    assert next(running) == "an event"
    assert not caplog.records
    with pytest.raises(StopIteration, match="the result"):
        next(running)
    assert line_of(caplog).startswith("predictions, resnet50 and mini_resnext: done after 0.0")
    assert line_of(caplog).endswith(" s on cpu")


def test_a_failure_and_a_cancelled_job_say_so(caplog):
    with pytest.raises(ValueError):
        list(logged(("download", "resnet50"), failing, "download")())
    assert line_of(caplog).startswith("download, resnet50: failed after ")
    assert line_of(caplog).endswith(" s")
    caplog.clear()
    running = logged(("images_under", "ab12"), work, "device")()
    next(running)
    running.close()
    assert line_of(caplog).startswith("images_under, ab12: cancelled after ")
