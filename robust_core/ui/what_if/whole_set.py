"""Predictions for a set of images: at once for a few; for many the one that is looked at, and the others on demand,
part by part.

Only one part is in the queue at a time, so that the image that is looked at never waits for the whole set.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import streamlit as st

from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.events import Progress, mapped
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.recordings.store import Recording
from robust_core.studies.predictions import ModelPredictions, Predictions, PredictionsRequest, run
from robust_core.ui import jobs, recorded

PART = 32  # images


@dataclass(frozen=True, eq=False)
class WholeSet:
    """The question to every model about all `images`; `classes` are the only ones in the running, None for all."""

    specs: Sequence[ModelSpec]
    images: Sequence[LabelledImage]
    condition: Condition
    classes: tuple[int, ...] | None = None

    @property
    def image_set(self) -> ImageSet:
        """The images as a study takes them."""
        return replace(ImageSet.of(self.images, st.session_state.get("source", "")), classes=self.classes)

    def request(self, specs: Sequence[ModelSpec], images: Sequence[LabelledImage]) -> PredictionsRequest:
        """The question about some of the images to some of the models."""
        return PredictionsRequest(tuple(specs), ImageSet.of(images), self.condition)

    def start(self, slot: str, spec: ModelSpec, images: Sequence[LabelledImage], before: int | None = None) -> Job:
        """The job of one model for some of the images, `before` of all predictions being there already; None leaves the
        others out of its progress.
        """
        request = self.request([spec], images)
        work = partial(run, request)
        if before is not None:
            work = partial(_counting_all, work, before, len(self.specs) * len(self.images))
        return jobs.start(slot, request.key, work)

    def recorded(self, images: Sequence[LabelledImage]) -> dict[str, Recording]:
        """What was recorded for some of the images, by model; it stands on the page until the models have answered."""
        found = {spec.key: recorded.find(self.request([spec], images)) for spec in self.specs}
        return {key: one for key, one in found.items() if one}

    @property
    def key(self) -> tuple[str, str, str]:
        """What all predictions are about."""
        return self.request(self.specs, self.images).key


def predict_all(whole: WholeSet, prefix: str) -> dict[str, ModelPredictions] | None:
    """The predictions by model once all are there, in jobs whose slots begin with `prefix`; until then a button, the
    progress or a reason.
    """
    if st.session_state.get("predict_all") != whole.key:
        jobs.keep_only(prefix, ())
        st.button(
            f"Predict all {len(whole.images)} images",
            key="predict_all_now",
            icon=":material/play_arrow:",
            on_click=_ask,
            args=(whole.key,),
        )
        return None
    running: dict[str, Job] = {}
    before = 0
    for spec in whole.specs:
        for number, images in enumerate(_parts(whole.images)):
            slot = f"{prefix}{spec.key}:{number}"
            running[slot] = whole.start(slot, spec, images, before)
            before += len(images)
            if running[slot].state is not State.DONE:
                jobs.keep_only(prefix, running)
                jobs.show_progress(slot, running[slot])
                return None
    jobs.keep_only(prefix, running)
    return {
        spec.key: _together(
            [job.result.only for slot, job in running.items() if slot.startswith(f"{prefix}{spec.key}:")]
        )
        for spec in whole.specs
    }


def _ask(key: tuple[str, str, str]) -> None:
    st.session_state["predict_all"] = key


def _counting_all(
    work: Callable[[], Generator[Progress, None, Predictions]], before: int, total: int
) -> Generator[Progress, None, Predictions]:
    """The same work, with progress among all predictions of the set."""
    return mapped(work(), lambda event: replace(event, done=before + event.done, total=total, unit="predictions"))


def _together(parts: Sequence[ModelPredictions]) -> ModelPredictions:
    return replace(
        parts[0],
        predictions=tuple(chain.from_iterable(part.predictions for part in parts)),
        load_seconds=sum(part.load_seconds for part in parts),
        forward_seconds=sum(part.forward_seconds for part in parts),
    )


def _parts(images: Sequence[LabelledImage]) -> Iterator[Sequence[LabelledImage]]:
    return (images[first : first + PART] for first in range(0, len(images), PART))
