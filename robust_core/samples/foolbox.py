"""The labelled ImageNet photographs inside the Foolbox package, found without importing it, which would take seconds."""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from robust_core.errors import UnknownName
from robust_core.images import LabelledImage
from robust_core.labels import CLASSES
from robust_core.samples.collection import Collection, Sample
from robust_core.samples.files import read_file


@cache
def _photographs() -> tuple[Path, ...]:
    """The package's photographs; asked for at every rerun of a page, and an installed package stays as it is."""
    package = find_spec("foolbox")
    if package is None or package.origin is None:
        return ()
    return tuple(sorted((Path(package.origin).parent / "data").glob("imagenet_*_*.jpg")))


class Foolbox:
    """The files foolbox/data/imagenet_NN_LABEL.jpg, where LABEL is the class index, as a collection without conditions."""

    collection = Collection(
        key="foolbox",
        title="Photographs from Foolbox",
        source="the twenty labelled ImageNet photographs inside the Foolbox package (its repository is under the MIT licence)",
        labelled=True,
        label_subset="imagenet",
        centre_crop_only=False,
        as_reference=True,
    )

    def files(self) -> dict[str, tuple[Path, int]]:
        """Path and class index by sample id; empty when Foolbox is not installed."""
        files = {}
        for path in _photographs():
            _, number, label = path.stem.split("_")
            files[f"{self.collection.key}/{number}"] = (path, int(label))
        return files

    def classes(self, condition: None) -> tuple[int, ...]:
        """The class indices, ascending."""
        return tuple(sorted({label for _, label in self.files().values()}))

    def samples(self, condition: None, label: int | None) -> Iterator[Sample]:
        """The photographs in their numbered order; only those of class `label` when it is given."""
        for sample_id, (_, its_label) in self.files().items():
            if label in (None, its_label):
                yield Sample(sample_id, f"{CLASSES[its_label].name} ({sample_id[-2:]})", its_label)

    def left_out(self, condition: None) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def read(self, sample_id: str) -> LabelledImage:
        """The photograph with this id; raises UnknownName when there is none."""
        files = self.files()
        if sample_id not in files:
            raise UnknownName("picture", sample_id, files)
        path, label = files[sample_id]
        return read_file(path, label, self.collection.source)

    def frames(self, sample_id: str) -> Iterator[LabelledImage]:
        """The photograph as a film of one frame; raises UnknownName when there is none."""
        yield self.read(sample_id)
