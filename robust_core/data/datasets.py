"""The data sets that are known by name: what their folders are called, how they lie, and what their protocols ask for.

Where the protocols come from: ImageNet-C and -P, hendrycks/robustness, ImageNet-C/test.py and ImageNet-P/test.py;
ImageNet-A, hendrycks/natural-adv-examples, eval.py; ImageNet-R, 200 classes (timm, data/_info/imagenet_r_indices.txt);
cue-conflict, eminorhan/resnext-wsl, evaluate_shapebias.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from robust_core.data.layouts import (
    BY_CATEGORY,
    BY_CORRUPTION,
    BY_LIST,
    BY_NUMBER,
    BY_WNID,
    GROUPED,
    SEQUENCES,
    Layout,
)


@dataclass(frozen=True)
class DataSet:
    """One row: `folders` are the names under which it is found, the first the one that it is fetched into.

    `layout` is the published one; `accepted` are all that are read, in the order in which they are tried, where there
    are others.
    """

    folders: tuple[str, ...]
    layout: Layout
    title: str
    source: str
    label_subset: Literal["imagenet", "imagenet_a", "imagenet_r"]
    centre_crop_only: bool
    accepted: tuple[Layout, ...] = ()

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """All that are read, in the order in which they are tried."""
        return self.accepted or (self.layout,)

    @property
    def pattern(self) -> str:
        """Its layouts in words, the published one first."""
        return ", or ".join(dict.fromkeys(layout.pattern for layout in (self.layout, *self.layouts)))


VAL = DataSet(
    folders=("val", "imagenet-val", "ilsvrc2012-val", "ilsvrc2012-img-val"),
    accepted=(BY_WNID, BY_LIST),
    layout=BY_WNID,
    title="ImageNet validation set",
    source="ImageNet validation set (ILSVRC 2012), under ImageNet's terms of use",
    label_subset="imagenet",
    centre_crop_only=False,
)

IMAGENET_A = DataSet(
    folders=("imagenet-a",),
    layout=BY_WNID,
    title="ImageNet-A",
    source="ImageNet-A (hendrycks/natural-adv-examples), whose protocol compares its 200 classes only",
    label_subset="imagenet_a",
    centre_crop_only=False,
)

IMAGENET_C = DataSet(
    folders=("imagenet-c",),
    accepted=(GROUPED,),
    layout=BY_CORRUPTION,
    title="ImageNet-C",
    source="ImageNet-C (hendrycks/robustness), stored at 224 px and cropped without resizing",
    label_subset="imagenet",
    centre_crop_only=True,
)

IMAGENET_P = DataSet(
    folders=("imagenet-p",),
    layout=SEQUENCES,
    title="ImageNet-P",
    source="ImageNet-P (hendrycks/robustness), stored as videos at 224 px and not resized",
    label_subset="imagenet",
    centre_crop_only=True,
)

IMAGENET_R = DataSet(
    folders=("imagenet-r",),
    layout=BY_WNID,
    title="ImageNet-R",
    source="ImageNet-R (hendrycks/robustness), whose protocol compares its 200 classes only",
    label_subset="imagenet_r",
    centre_crop_only=False,
)


IMAGENET_SKETCH = DataSet(
    folders=("imagenet-sketch", "sketch"),
    layout=BY_WNID,
    title="ImageNet-Sketch",
    source="ImageNet-Sketch, sketches of the 1,000 classes",
    label_subset="imagenet",
    centre_crop_only=False,
)

CUE_CONFLICT = DataSet(
    folders=("cue-conflict", "cueconflict_images", "style-transfer-preprocessed-512"),
    layout=BY_CATEGORY,
    title="Cue-conflict stimuli",
    source="cue-conflict stimuli (rgeirhos/texture-vs-shape, CC BY 4.0), stored at 224 px and not resized",
    label_subset="imagenet",
    centre_crop_only=True,
)


def _imagenet_v2(variant: str, *folders: str) -> DataSet:
    return DataSet(
        folders=folders,
        layout=BY_NUMBER,
        title=f"ImageNet-V2 ({variant})",
        source=f"ImageNet-V2 ({variant}), whose published folders are named by class number",
        accepted=(BY_NUMBER, BY_WNID),
        label_subset="imagenet",
        centre_crop_only=False,
    )


# Three test sets, not one: each chose its images by a rule of its own.
IMAGENET_V2_MATCHED = _imagenet_v2(
    "matched frequency", "imagenetv2-matched-frequency-format-val", "imagenetv2-matched-frequency"
)
IMAGENET_V2_THRESHOLD = _imagenet_v2("threshold 0.7", "imagenetv2-threshold0.7-format-val", "imagenetv2-threshold0.7")
IMAGENET_V2_TOP = _imagenet_v2("top images", "imagenetv2-top-images-format-val", "imagenetv2-top-images")
IMAGENET_V2 = _imagenet_v2("variant unknown", "imagenet-v2", "imagenetv2")

DATA_SETS = (
    *(VAL, IMAGENET_A, IMAGENET_C, IMAGENET_P, IMAGENET_R, IMAGENET_SKETCH, CUE_CONFLICT),
    *(IMAGENET_V2_MATCHED, IMAGENET_V2_THRESHOLD, IMAGENET_V2_TOP, IMAGENET_V2),
)


# Folders that say nothing about whose validation set lies below them.
_AROUND_VAL = {
    "imagenet",
    "imagenet1k",
    "imagenet2012",
    "ilsvrc",
    "ilsvrc2012",
    "ilsvrc2015",
    "data",
    "datasets",
    "clsloc",
    "val",
}


def data_set_called(folder: str) -> DataSet | None:
    """The data set whose folder has this name, upper or lower case, with -, _ or neither; None for any other name."""
    return next((row for row in DATA_SETS if _plain(folder) in map(_plain, row.folders)), None)


def data_sets_at(names: Sequence[str]) -> tuple[DataSet, ...]:
    """The data sets that a folder may hold by its path, of which `names` are the parts that count: the one named last,
    then ImageNet's.

    A part may be named together with the one above it, as in imagenet/c. A folder "val" within another data set is a
    part of that one, and "val" below any other name, such as imagenette/val, is not the validation set of ImageNet.
    """
    found = []
    for above, name in reversed(list(zip(("", *names), names, strict=False))):
        found += [row for row in (data_set_called(name), data_set_called(above + name)) if row not in (None, VAL)]
    is_val = VAL in (data_set_called(names[-1]), data_set_called("".join(names[-2:]))) and _AROUND_VAL.issuperset(
        map(_plain, names[1:-1])
    )
    return (*found[:1], *([VAL] if is_val else []))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
