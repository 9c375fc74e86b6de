"""Small files that unpack to much, and what refusing each of them costs; run by test_bombs.py in a process of its
own.
"""

import json
import os
import pickle
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from robust_core.errors import WeightsUnavailable
from robust_core.models.checkpoints import read_checkpoint

MEBIBYTE = 1 << 20
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + pickle.dumps(1001, 2) + pickle.dumps({}, 2)


def zipped(path: Path, entries: Mapping[str, bytes | int]) -> None:
    """An archive of PyTorch's, deflated; a number stands for so many MiB of one kind of step."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in ({"a/version": b"3\n"} | dict(entries)).items():
            with archive.open(name, "w", force_zip64=True) as file:
                for chunk in (
                    [b"\x80\x02", *[b"N0" * (MEBIBYTE // 2)] * content, b"}."]
                    if isinstance(content, int)
                    else [content]
                ):
                    file.write(chunk)


def safetensors(path: Path, header: bytes, length: int | None = None, size: int | None = None) -> None:
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header) if length is None else length) + header)
        file.truncate(size or file.tell())


def many_tensors(count: int) -> bytes:
    return (
        b"{"
        + b",".join(b'"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}' % index for index in range(count))
        + b"}"
    )


def many_entries(path: Path, count: int) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"\x80\x02}.")
        for index in range(count):
            archive.writestr(f"a/data/{index}{'x' * 200}", b"")


def copies(path: Path) -> None:
    """Each step copies a text of 8 MB."""
    text = b"X" + (8 * MEBIBYTE).to_bytes(4, "little") + b"a" * (8 * MEBIBYTE) + b"q\x000]"
    path.write_bytes(
        LEGACY
        + b"\x80\x02"
        + text
        + b"c_codecs\nencode\nh\x00X\x05\x00\x00\x00utf-8\x86Ra" * 400
        + b"."
        + pickle.dumps([], 2)
    )


BOMBS: dict[str, Callable[[Path], object]] = {
    "pickle.pth": lambda path: zipped(path, {"a/data.pkl": 500}),
    "version.pth": lambda path: zipped(path, {"a/data.pkl": b"\x80\x02}.", "a/.data/version": 500}),
    "tensor.pth": lambda path: zipped(path, {"a/data.pkl": b"\x80\x02}.", "a/data/0": 500}),
    "entries.pth": lambda path: many_entries(path, 40_000),
    "steps.pth": lambda path: zipped(path, {"a/data.pkl": b"\x80\x02]" + b"]a" * 5_000_000 + b"."}),
    "legacy_steps.pth": lambda path: path.write_bytes(
        LEGACY + b"\x80\x02]" + b"]a" * 5_000_000 + b"." + pickle.dumps([], 2)
    ),
    "legacy_long.pth": lambda path: path.write_bytes(
        LEGACY + b"\x80\x02X" + (64 * MEBIBYTE).to_bytes(4, "little") + bytes(64 * MEBIBYTE) + b"."
    ),
    "copies.pth": copies,
    "header.safetensors": lambda path: safetensors(path, many_tensors(1_500_000)),
    "hole.safetensors": lambda path: safetensors(path, b"{", length=1 << 30, size=(1 << 30) + 18),
    "tensors.safetensors": lambda path: safetensors(path, many_tensors(70_000)),
    "deep.safetensors": lambda path: safetensors(path, b'{"__metadata__":' + b"[" * 1_000_000),
}


def cost(path: Path) -> dict[str, object]:
    """What refusing `path` says, takes in seconds, and adds to the largest memory in bytes, in a child of this
    process.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        before, began, said = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic(), "opened"
        try:
            read_checkpoint(path)
        except WeightsUnavailable as error:
            said = str(error)
        seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(writing, json.dumps({"said": said, "seconds": seconds, "bytes": 1024 * (after - before)}).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        return json.load(file)


def main(folder: Path) -> None:
    costs = {}
    for name, make in BOMBS.items():
        make(folder / name)
        costs[name] = cost(folder / name) | {"file_bytes": (folder / name).stat().st_size}
        (folder / name).unlink()
    print(json.dumps(costs))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
