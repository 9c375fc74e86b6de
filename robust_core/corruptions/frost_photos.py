"""Where the photos of frost lie, and which these are: they belong to the identity and the protocol of what is computed
with them.

The reference's five have no stated author or licence, so they are not part of this project. They are read where they
lie: in the folder frost/ of the user's data, or in an installed imagecorruptions package. Importing this costs no
PyTorch.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from robust_core.settings import data_dir

# The reference draws among these five and never reaches its sixth. The second and third photo are the same image.
PHOTOS = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")
REFERENCE_SHA256 = "c146cff9eab2397f71c47ee7c727e2f8a36cf7445b8daf1dad63a0ce34140861"


@dataclass(frozen=True)
class FrostSource:
    """Where frost comes from: `title` in words, the `folder` of the photos, and the SHA-256 of their bytes, one after
    the other; the last two are None for the procedure.
    """

    title: str
    folder: Path | None = None
    photos_sha256: str | None = None

    @property
    def protocol(self) -> str:
        """What it is wherever it lies, in words: the photos of the reference, others, or the procedure."""
        if self.photos_sha256 is None:
            return PROCEDURAL_FROST.title
        if self.is_reference:
            return "frost photos of ImageNet-C"
        return f"frost photos of one's own, SHA-256 {self.photos_sha256[:12]}"

    @property
    def is_reference(self) -> bool:
        """Whether these are the five photos that ImageNet-C was made with."""
        return self.photos_sha256 == REFERENCE_SHA256


PROCEDURAL_FROST = FrostSource("procedural frost")


def frost_source() -> FrostSource:
    """What `frost` is made of now; PROCEDURAL_FROST where there are no photos."""
    data, package = data_dir(), find_spec("imagecorruptions")
    candidates = [("frost photos of the data folder", data / "frost")] if data else []
    if package and package.submodule_search_locations:  # found but not imported: the import fails on some machines
        candidates.append(("frost photos of imagecorruptions", Path(package.submodule_search_locations[0]) / "frost"))
    for title, folder in candidates:
        files = [folder / photo for photo in PHOTOS]
        if all(file.is_file() for file in files):
            return FrostSource(title, folder, _sha256(tuple((file, file.stat().st_mtime_ns) for file in files)))
    return PROCEDURAL_FROST


@lru_cache(maxsize=4)
def _sha256(files: tuple[tuple[Path, int], ...]) -> str:
    """Of the bytes of all files, which are read again when one of them changes."""
    digest = hashlib.sha256()
    for file, _ in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
