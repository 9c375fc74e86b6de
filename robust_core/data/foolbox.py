"""The labelled ImageNet images inside the Foolbox package, found without importing it, which would take
seconds.
"""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

from robust_core.data.collection import Collection, Sample
from robust_core.data.listings import named_below, read_file
from robust_core.errors import UnknownName
from robust_core.images import LabelledImage
from robust_core.labels import CLASSES


@cache
def _images() -> tuple[Path, ...]:
    """The package's images; asked for at every rerun of a page, and an installed package stays as it is."""
    package = find_spec("foolbox")
    if package is None or package.origin is None:
        return ()
    return tuple(sorted((Path(package.origin).parent / "data").glob("imagenet_*_*.jpg")))


class Foolbox:
    """The files foolbox/data/imagenet_NN_LABEL.jpg, where LABEL is the class index, as a collection without conditions;
    asked as `Folder` is.
    """

    sequences = False
    row = None
    places: Mapping[str | None, str] = {None: ""}

    collection = Collection(
        key="foolbox",
        title="Photographs from Foolbox",
        source="the twenty labelled ImageNet images inside the Foolbox package (its repository is under the MIT "
        "licence)",
        labelled=True,
        label_subset="imagenet",
        centre_crop_only=False,
        as_reference=True,
    )

    @property
    def title(self) -> str:
        """The collection's."""
        return self.collection.title

    @cached_property
    def root(self) -> Path:
        """The folder of the images; raises IndexError when Foolbox is not installed."""
        return _images()[0].parent

    def by_id(self) -> dict[str, tuple[Path, int]]:
        """Path and class index by sample id; empty when Foolbox is not installed."""
        files = {}
        for path in _images():
            _, number, label = path.stem.split("_")
            files[f"{self.collection.key}/{number}"] = (path, int(label))
        return files

    def classes(self, condition: str | None) -> tuple[int, ...]:
        """The class indices, ascending."""
        return tuple(sorted({label for _, label in self.by_id().values()}))

    def samples(self, condition: str | None, label: int | None) -> Iterator[Sample]:
        """The images in their numbered order; only those of class `label` when it is given."""
        for sample_id, _, its_label in self.files(condition, label):
            yield Sample(sample_id, f"{CLASSES[its_label].name} ({sample_id[-2:]})", its_label)

    def files(self, condition: str | None, label: int | None = None) -> Iterator[tuple[str, Path, int]]:
        """The id, the path and the class of every image, or only of those of class `label`."""
        return (
            (sample_id, path, its_label)
            for sample_id, (path, its_label) in self.by_id().items()
            if label in (None, its_label)
        )

    def frames_of(self, path: Path, label: int) -> Iterator[LabelledImage]:
        """The image in a file."""
        with named_below(path.parent, path):
            yield read_file(path, label, self.collection.source)

    def left_out(self, condition: str | None) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def read(self, sample_id: str) -> LabelledImage:
        """The image with this id; raises UnknownName when there is none."""
        found = self.by_id()
        if sample_id not in found:
            raise UnknownName("image", sample_id, found)
        return next(self.frames_of(*found[sample_id]))

    def frames(self, sample_id: str) -> Iterator[LabelledImage]:
        """The image as a frame sequence of one frame; raises UnknownName when there is none."""
        yield self.read(sample_id)
