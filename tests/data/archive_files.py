"""Archives made from scratch for the tests: honest ones and hostile ones."""

import io
import random
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

IMAGE_BYTES = 5000


def image(seed: int) -> bytes:
    """A small PNG, with noise behind its end, so that it does not shrink in an archive."""
    buffer = io.BytesIO()
    Image.new("L", (32, 32), seed).save(buffer, "PNG")
    return buffer.getvalue() + random.Random(seed).randbytes(IMAGE_BYTES - len(buffer.getvalue()))


def tar(files: Mapping[str, bytes], *odd: tarfile.TarInfo, mode: str = "w") -> bytes:
    """A tar of `files`, and then of the `odd` members, which have no content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in odd:
            archive.addfile(info)
    return buffer.getvalue()


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A link to `target`, or a device or pipe."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED, mode: int = 0o100644) -> bytes:
    """A zip of `files`, all with the Unix `mode`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, compression
            archive.writestr(info, data)
    return buffer.getvalue()


def content(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its path there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
