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
from robust_core.events import Progress, mapped
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.predictions import ModelPredictions, predict_images
from robust_core.ui import jobs

PART = 32  # images


@dataclass(frozen=True, eq=False)
class WholeSet:
    """The question to every model about all `images`."""

    specs: Sequence[ModelSpec]
    images: Sequence[LabelledImage]
    condition: Condition
    centre_crop_only: bool

    def start(self, slot: str, spec: ModelSpec, images: Sequence[LabelledImage], before: int | None = None) -> Job:
        """The job of one model for some of the images, `before` of all predictions being there already; None leaves the
        others out of its progress.
        """
        work = partial(
            predict_images, spec.key, images, centre_crop_only=self.centre_crop_only, condition=self.condition
        )
        if before is not None:
            work = partial(_counting_all, work, before, len(self.specs) * len(self.images))
        return jobs.start(
            slot, ("answer", spec.key, spec.weights.sha256, self.centre_crop_only, self._asked, _digests(images)), work
        )

    def identity(self) -> tuple:
        """What a request for all predictions was about."""
        return tuple(spec.key for spec in self.specs), self.centre_crop_only, self._asked, _digests(self.images)

    @property
    def _asked(self) -> Condition | None:
        # a clean image is the same whatever the corruption
        return None if self.condition.severity == 0 else self.condition


def predict_all(whole: WholeSet, prefix: str) -> dict[str, ModelPredictions] | None:
    """The predictions by model once all are there, in jobs whose slots begin with `prefix`; until then a button, the
    progress or a reason.
    """
    if st.session_state.get("predict_all") != whole.identity():
        jobs.keep_only(prefix, ())
        st.button(
            f"Predict all {len(whole.images)} images",
            key="predict_all_now",
            icon=":material/play_arrow:",
            on_click=_ask,
            args=(whole.identity(),),
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
        spec.key: _together([job.result for slot, job in running.items() if slot.startswith(f"{prefix}{spec.key}:")])
        for spec in whole.specs
    }


def _ask(identity: tuple) -> None:
    st.session_state["predict_all"] = identity


def _counting_all(
    work: Callable[[], Generator[Progress, None, ModelPredictions]], before: int, total: int
) -> Generator[Progress, None, ModelPredictions]:
    """The same work, with progress among all predictions of the set."""
    return mapped(work(), lambda event: replace(event, done=before + event.done, total=total, unit="predictions"))


def _together(parts: Sequence[ModelPredictions]) -> ModelPredictions:
    return replace(
        parts[0],
        predictions=tuple(chain.from_iterable(part.predictions for part in parts)),
        load_seconds=sum(part.load_seconds for part in parts),
        forward_seconds=sum(part.forward_seconds for part in parts),
    )


def _digests(images: Sequence[LabelledImage]) -> tuple[str, ...]:
    return tuple(image.digest for image in images)


def _parts(images: Sequence[LabelledImage]) -> Iterator[Sequence[LabelledImage]]:
    return (images[first : first + PART] for first in range(0, len(images), PART))
