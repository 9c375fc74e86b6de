"""What a model is, as data: architecture, weight file, preprocessing and what is published about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from robust_core.images import Preprocess
from robust_core.labels import LabelSpace

if TYPE_CHECKING:  # a table of models must not cost an import of torch
    from torch import Tensor, nn

Nonlinear = Literal["relu", "relu6", "other"]
STORED_PX = 224  # of ImageNet-C, ImageNet-P and the cue-conflict stimuli
WRAPPED = "Wrapped"  # the family of networks that are in no table


@dataclass(frozen=True)
class WeightFile:
    """Where weights come from; what nobody published is None.

    `url` is an address, a path inside the project, or a path inside the installed Python `package`. `sha256` is the
    whole hash or the prefix in the file's name; `bytes` is exact or rounded by the publisher to 0.001 MiB. `kept_as` is
    the name of the file on this machine where the last part of the address tells it from no other.
    """

    url: str
    sha256: str | None
    bytes: int | None
    licence: str
    source: str
    package: str | None = None
    kept_as: str | None = None

    @property
    def name(self) -> str:
        """The file's own name: the last part of its address, unless it is `kept_as` another."""
        return self.kept_as or self.url.split("?")[0].rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Published:
    """ImageNet validation accuracy as the publisher states it, in percent."""

    top1_percent: float
    top5_percent: float | None
    source: str


@dataclass(frozen=True)
class Architecture:
    """A network without weights: `build()` makes it on the current device, `build(num_classes=K)` with another head.

    `cam_layer` is the last layer whose output still has places in the image: channels over places (B, C, H, W), or with
    `tokens` a sequence of them (B, N, C); "" where no layer has any. A network of `fixed_size` takes images of its
    input size alone.

    `nonlinear` says what is not linear in it: modules of ReLU and max pooling alone, of ReLU6 too, or anything "other",
    also a function that no module computes; `nonlinear_note` says in words what else that is, where it was looked for.

    `bfloat16` says that attacks whose gradients are computed in bfloat16 left no image more than in float32, as the
    strength table of tests/bench/RESULTS.md has it.
    """

    name: str
    build: "Callable[..., nn.Module]" = field(compare=False)  # made anew whenever a record is read
    parameters: int
    cam_layer: str
    tokens: bool = False
    fixed_size: bool = False
    nonlinear: Nonlinear = "other"
    nonlinear_note: str = field(default="", compare=False)
    bfloat16: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class ModelSpec:
    """One row of the model table; every field is stated, nothing defaults."""

    key: str
    title: str
    family: str
    training_data: str
    architecture: Architecture
    weights: WeightFile
    preprocess: Preprocess
    label_space: LabelSpace
    repair: "Callable[[Mapping], Mapping[str, Tensor]]"
    published: Published | None
    note: str

    @property
    def name(self) -> str:
        """What results call the model: its key, or the title of a network that is in no table."""
        return self.title if self.is_wrapped else self.key

    @property
    def is_wrapped(self) -> bool:
        """Whether it is somebody's own network, which is known to this process alone."""
        return self.family == WRAPPED

    @property
    def cam_layer(self) -> str:
        """The layer that class activation maps read."""
        return self.architecture.cam_layer

    def preprocess_for(self, centre_crop_only: bool) -> Preprocess:
        """How an image becomes this model's input; one that is `centre_crop_only` is not resized.

        A network of a larger input size gets such an image as it is stored, unless it takes its own size alone.
        """
        if not centre_crop_only:
            return self.preprocess
        crop = self.preprocess.crop
        if crop is not None and not self.architecture.fixed_size:
            crop = min(crop, STORED_PX)
        return replace(self.preprocess, resize=None, crop=crop)

    @property
    def identity(self) -> dict[str, Any]:
        """Which network it is, as plain values."""
        return {
            "model": self.name,
            "architecture": self.architecture.name,
            "weights_sha256": self.weights.sha256,
            "preprocessing": str(self.preprocess),
            "classes": self.label_space.title,
        }

    @property
    def memory_bytes(self) -> int:
        """Memory that the float32 parameters take once loaded."""
        return 4 * self.architecture.parameters
