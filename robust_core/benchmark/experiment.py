"""What an experiment is: which images, under which conditions, asked what, counted how, and by whose protocol."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from robust_core.benchmark.summaries import Summary
from robust_core.benchmark.tasks import Task
from robust_core.data import datasets
from robust_core.data.datasets import DataSet
from robust_core.edits.object_edit import UNEDITED, ObjectEdit
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.results import BenchmarkCondition

USUAL = "Shorter side to 256 px (bilinear), centre 224 px"
NOT_RESIZED = "Not resized"
SYNTHETIC = "Drawn at the model's size"
ALONE = (BenchmarkCondition(),)
BLUR_PX, CUE = "blur_px", "cue"  # words of conditions


def edited(edit: ObjectEdit) -> BenchmarkCondition:
    """The condition that says what an edit changes, by the names of its fields."""
    return BenchmarkCondition.of(
        **{name: value for name, value in asdict(edit).items() if value != getattr(UNEDITED, name)}
    )


def edit_of(words: Mapping[str, str]) -> ObjectEdit:
    """The edit that the words of a condition say; none where they say nothing."""
    return replace(UNEDITED, **{name: type(getattr(UNEDITED, name))(value) for name, value in words.items()})


@dataclass(frozen=True)
class Split:
    """The first `count` images of a split of Mini; `filtered` takes those that make up mini-A."""

    name: str
    count: int
    filtered: bool = False


@dataclass(frozen=True)
class Conflicts:
    """The cue-conflict stimuli of the experiment's world, each of Mini's blurred where a condition says by how much."""


@dataclass(frozen=True)
class Scenes:
    """`count` scenes of Mini, each drawn again as a condition says: its object edited, or a cue taken away."""

    count: int


@dataclass(frozen=True)
class Quirk:
    """Something that the published code does and its paper does not say, as a `sentence`; a run can leave it out.

    `kept` and `left_out` are the words for the protocol in either case.
    """

    key: str
    sentence: str
    kept: str
    left_out: str


@dataclass(frozen=True)
class Experiment:
    """One row. `conditions` are those that its images come under, `ALONE` of an experiment without any.

    `benchmark` is the name under which results are filed, the published one where the protocol is the published one; so
    is `protocol`, which goes without saying how images are prepared when that is `implied`. `unit_images` are
    predicted between two writes to the disk.
    """

    key: str
    title: str
    label_space: LabelSpace
    benchmark: str
    images: DataSet | Split | Conflicts | Scenes
    conditions: tuple[BenchmarkCondition, ...]
    task: Task
    summary: Summary
    protocol: str
    unit_images: int
    implied: str = ""
    quirks: tuple[Quirk, ...] = ()
    version: int = 1

    @property
    def takes_other_images(self) -> bool:
        """Whether it says something about any labelled images that lie as its own do, and is no test of one published
        set.
        """
        return self.images in (datasets.VAL, datasets.IMAGENET_C, datasets.IMAGENET_P)

    @property
    def corrupts_live(self) -> bool:
        """Whether its images are corrupted as they are drawn, and not read from a stored set."""
        return isinstance(self.images, Split) and any("corruption" in one.words for one in self.conditions)

    @property
    def substitute(self) -> str | None:
        """The other model that this experiment needs, if any."""
        return getattr(self.task, "substitute", None)

    def preprocessing(self, spec: ModelSpec) -> str:
        """What becomes of an image before the model sees it, in words."""
        if isinstance(self.images, Split | Scenes):
            return SYNTHETIC
        if isinstance(self.images, Conflicts) or self.images.centre_crop_only:
            return NOT_RESIZED
        chosen = spec.preprocess
        return (
            f"Shorter side to {chosen.resize} px ({chosen.interpolation}), centre {chosen.crop} px"
            if chosen.resize and chosen.crop
            else str(chosen)
        )
