"""Disks and folders that take nothing, as the calls of the operating system report it: root may write everywhere, so
tests cannot just ask for it.
"""

import errno
import io
import os
from pathlib import Path

import pytest

WRITING = set("wax+")


def refuse_writing(patched: pytest.MonkeyPatch, folder: Path, number: int = errno.EROFS) -> None:
    """Every attempt to write, make, rename or delete anything below `folder` fails with the error `number`; reading
    goes on.
    """

    def refuse(path: object) -> None:
        if Path(os.fspath(path)).is_relative_to(folder):
            raise OSError(number, os.strerror(number), str(path))

    def guarded(call, writes=lambda *arguments, **options: True):
        def guard(path, *arguments, **options):
            if not isinstance(path, int) and writes(*arguments, **options):
                refuse(path)
            return call(path, *arguments, **options)

        return guard

    for name in ("mkdir", "unlink", "rename", "replace", "truncate"):
        patched.setattr(os, name, guarded(getattr(os, name)))
    patched.setattr(
        os, "open", guarded(os.open, lambda flags, *_, **__: flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    )
    patched.setattr(io, "open", guarded(io.open, lambda mode="r", *_, **__: WRITING & set(mode)))


def files_in(folder: Path) -> list[str]:
    """The names of all files below `folder`, but for the empty ones that locks leave behind on purpose."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
