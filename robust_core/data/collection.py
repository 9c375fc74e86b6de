"""What a collection of images and one of its samples are, as data."""

from dataclasses import dataclass
from typing import Literal

from robust_core.errors import UnknownName
from robust_core.labels import IMAGENET, IMAGENET_A, IMAGENET_R, LabelSpace

SUBSETS = {"imagenet_a": IMAGENET_A, "imagenet_r": IMAGENET_R}
"""The classes among which a protocol looks for the prediction, by a collection's label_subset; all where it is none of
these."""


@dataclass(frozen=True)
class Collection:
    """A set of images of one origin, in words for people and for its protocol.

    `label_subset` names the classes among which the protocol looks for the prediction. `centre_crop_only` says that the
    images are stored at the size of a model's input, so that resizing would change the benchmark. `as_reference` says
    that files are read as the benchmarks' loaders read them (images.decode_as_reference). `conditions` are the
    "<corruption>/<severity>" of ImageNet-C or the perturbations of ImageNet-P; a collection without any is asked for
    with the condition None. Labels are classes of `label_space`.
    """

    key: str
    title: str
    source: str
    labelled: bool
    label_subset: Literal["imagenet", "imagenet_a", "imagenet_r"]
    centre_crop_only: bool
    as_reference: bool
    conditions: tuple[str, ...] = ()
    label_space: LabelSpace = IMAGENET

    def check_condition(self, condition: str | None) -> None:
        """Raise UnknownName unless this collection has `condition`."""
        if condition not in (self.conditions or (None,)):
            raise UnknownName(f"condition of {self.title}", str(condition), self.conditions)

    def id_within(self, sample_id: str, condition: str | None) -> str:
        """The id of a sample without the collection and the condition, by which it is selected."""
        return sample_id.removeprefix("/".join(filter(None, (self.key, condition))) + "/")


@dataclass(frozen=True)
class Sample:
    """One image or frame sequence of a collection that has not been read yet; `label` is a class of the collection's
    label space, or None.
    """

    id: str
    title: str
    label: int | None
