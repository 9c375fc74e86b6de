"""What a file is that holds no PyTorch weights, told by its first bytes or by its name, and what to do with it."""

import bz2
import lzma
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipInfo

from robust_core.models import archives

HEAD_BYTES = 4096
LONGEST_EXCERPT = 40

AGAIN = "download the file itself again"
UNPACK = "unpack it and import the file inside"
EXPORT = "convert its weights to a PyTorch state_dict first and save that, best as .safetensors"
SAVE_STATE = (
    'load the model where it was made and save its weights alone: torch.save(model.state_dict(), "weights.pth")'
)
NO_WEIGHTS = "import a weight file, such as .pth or .safetensors"


@dataclass(frozen=True)
class FileKind:
    """A file `is` this when its first bytes match `begins` and its name matches `named`, both regular expressions;
    `advice` says what to do.
    """

    what: str
    advice: str
    begins: bytes = b""
    named: str = ""


# The first row that matches counts.
_KINDS = (
    FileKind(
        "a Git LFS pointer, which only says where the weights are",
        "fetch them with git lfs pull",
        rb"version https://git-lfs",
    ),
    FileKind(
        "a DVC pointer, which only says where the weights are", "fetch them with dvc pull", rb"(md5: \w+\n)?outs:\s"
    ),
    FileKind("an error page of a storage server (XML)", f"see what it says, then {AGAIN}", rb"\s*(<\?xml.*?)?<Error\b"),
    FileKind("an OpenVINO network (XML)", EXPORT, rb"\s*(<\?xml.*?)?<net\b"),
    FileKind(
        "a web page (HTML), perhaps a login or a quota notice",
        f"open it in a browser, then {AGAIN}",
        rb"(?i)(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)?<(!doctype|html|head)\b",
    ),
    FileKind("an XML file", NO_WEIGHTS, rb"(\xef\xbb\xbf)?\s*<\?xml"),
    FileKind(
        "the index of a sharded checkpoint, which only says which part holds which tensor",
        "load the model from all its parts and save it as one file",
        rb'\s*\{.*"weight_map"',
    ),
    FileKind(
        "the index of a sharded checkpoint",
        "load the model from all its parts and save it as one file",
        rb"\s*\{",
        r"\.index\.json",
    ),
    FileKind("a model for TensorFlow.js (JSON)", EXPORT, rb'\s*\{.*"modelTopology"'),
    FileKind("a notebook (JSON)", NO_WEIGHTS, rb'\s*\{.*"(cells|nbformat)"'),
    FileKind(
        "a JSON file, such as a model's configuration", NO_WEIGHTS, rb"(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\"\[{\d])"
    ),
    FileKind("a sound file (WAV)", NO_WEIGHTS, rb"RIFF.{4}WAVE"),
    FileKind("an image (WebP)", NO_WEIGHTS, rb"RIFF.{4}WEBP"),
    FileKind("a video (AVI)", NO_WEIGHTS, rb"RIFF.{4}AVI "),
    FileKind("an image (JPEG)", NO_WEIGHTS, rb"\xff\xd8\xff"),
    FileKind("an image (PNG)", NO_WEIGHTS, rb"\x89PNG\r\n"),
    FileKind("an image (GIF)", NO_WEIGHTS, rb"GIF8[79]a"),
    FileKind("an image (TIFF)", NO_WEIGHTS, rb"II\*\0|MM\0\*"),
    FileKind("an image (BMP)", NO_WEIGHTS, rb"BM.{4}\0{4}"),
    FileKind("an image (HEIF or AVIF)", NO_WEIGHTS, rb".{4}ftyp(hei|mif|msf|avi|hev)"),
    FileKind("a video (MP4)", NO_WEIGHTS, rb".{4}ftyp"),
    FileKind("a sound file", NO_WEIGHTS, rb"ID3|OggS|fLaC|\xff[\xfb\xf3\xf2]"),
    FileKind("a PDF document", NO_WEIGHTS, rb"%PDF"),
    FileKind("compressed with gzip", UNPACK, rb"\x1f\x8b"),
    FileKind("compressed with bzip2", UNPACK, rb"BZh[1-9]"),
    FileKind("compressed with xz", UNPACK, rb"\xfd7zXZ\0"),
    FileKind("compressed with zstd", UNPACK, rb"[\x22-\x28]\xb5\x2f\xfd"),
    FileKind("compressed with lz4", UNPACK, rb"\x04\x22\x4d\x18"),
    FileKind("a 7z archive", UNPACK, rb"7z\xbc\xaf\x27\x1c"),
    FileKind("a RAR archive", UNPACK, rb"Rar!\x1a\x07"),
    FileKind("a tar archive", f"{UNPACK}; what PyTorch calls .pth.tar is seldom one", rb".{257}ustar"),
    FileKind("a zip archive without files", AGAIN, rb"PK\x05\x06"),
    FileKind("a zip archive that is cut short or damaged", AGAIN, rb"PK\x03\x04"),
    FileKind("a NumPy array (.npy)", "convert its arrays with torch.from_numpy and save a state_dict", rb"\x93NUMPY"),
    FileKind("an HDF5 file, as Keras saves weights (.h5)", EXPORT, rb"\x89HDF\r\n\x1a\n"),
    FileKind("a TensorFlow Lite model", EXPORT, rb".{4}TFL3"),
    FileKind("an ExecuTorch program", SAVE_STATE, rb".{4}ET\d\d"),
    FileKind("an ONNX Runtime model", EXPORT, rb".{4}ORTM"),
    FileKind("a GGUF file of llama.cpp", EXPORT, rb"GGUF"),
    FileKind("a GGML file of llama.cpp", EXPORT, rb"lmgg|tjgg|fmgg|algg"),
    FileKind("an MXNet parameter file", EXPORT, rb"\x12\x01\0{6}"),
    FileKind("a MATLAB file", EXPORT, rb"MATLAB \d"),
    FileKind("an SQLite database", NO_WEIGHTS, rb"SQLite format 3\0"),
    FileKind("a Parquet table", NO_WEIGHTS, rb"PAR1"),
    FileKind("an Arrow table", NO_WEIGHTS, rb"ARROW1"),
    FileKind("a compiled program", NO_WEIGHTS, rb"\x7fELF|MZ.{58}|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe"),
    FileKind("macOS's companion of a file (._)", "import the file whose name has no ._ before it", rb"\0\x05\x16\x07"),
    FileKind("a TensorRT engine", SAVE_STATE, rb"ftrt|ptrt"),
    FileKind("a TensorFlow checkpoint", EXPORT, named=r"\.index$|\.data-\d+-of-\d+$"),
    FileKind("a TensorFlow graph or SavedModel", EXPORT, rb"[\x08\x0a]", r"\.pb$"),
    FileKind("a Caffe model", EXPORT, rb"\x0a", r"\.caffemodel$"),
    FileKind("a Core ML model", EXPORT, rb"\x08", r"\.mlmodel$"),
    FileKind("a Darknet weight file", EXPORT, named=r"\.weights$"),
    FileKind(
        "an ONNX model",
        EXPORT,
        rb"\x08[\x01-\x20](\x12.(pytorch|onnx|tf2onnx|keras|skl|paddle|\w+\x1a)|[\x12\x1a\x22\x3a\x42])",
    ),
    FileKind("a Flax checkpoint (msgpack)", EXPORT, rb"[\x81-\x8f\xde\xdf].{0,4}?[\xa1-\xbf][\w./]{2}"),
    FileKind("a safetensors file that is cut short", AGAIN, rb".{4}\0{4}\{"),
    FileKind(
        "a Python pickle, not a PyTorch file",
        "load it with Python where you trust it, and save a state_dict of tensors with torch.save",
        rb"\x80[\x02-\x05]|\((dp|lp)\d+\n|c[\w.]+\n\w+\n",
    ),
    FileKind(
        "a file of zero bytes only, as a download leaves that reserved its place and never came", AGAIN, rb"\0{64}\0*\Z"
    ),
)

# The same for what a zip archive holds: `begins` is looked for in the names of its files, one a line.
_ARCHIVES = (
    FileKind(
        "a TorchScript archive (torch.jit.save), which is code",
        'where you trust it, save its weights alone: torch.save(torch.jit.load("FILE").state_dict(), "weights.pth")',
        rb"(?m)^[^/\n]+/(constants\.pkl|bytecode\.pkl|code/)",
    ),
    FileKind(
        "a program of torch.export (.pt2)",
        SAVE_STATE,
        rb"serialized_exported_program|archive_format|models/model\.json",
    ),
    FileKind("a TorchServe archive", UNPACK, rb"MAR-INF/"),
    FileKind("a Keras model", EXPORT, rb"model\.weights\.h5"),
    FileKind("a TensorFlow SavedModel, zipped", EXPORT, rb"saved_model\.pb"),
    FileKind(
        "an archive of NumPy arrays (.npz)",
        "convert them with torch.from_numpy and save a state_dict",
        rb"\A([^\n]*\.npy\n)+\Z",
    ),
    FileKind("an Office document", NO_WEIGHTS, rb"\[Content_Types\]\.xml"),
    FileKind("a zip archive with weights inside", UNPACK, rb"(?m)\.(pth|pt|bin|ckpt|safetensors|tar|pkl)$"),
)

_DECOMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "compressed with gzip": lambda head: zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES),
    "compressed with bzip2": lambda head: bz2.BZ2Decompressor().decompress(head, HEAD_BYTES),
    "compressed with xz": lambda head: lzma.LZMADecompressor(memlimit=128 << 20).decompress(head, HEAD_BYTES),
}


def what_it_is(path: Path) -> str:
    """One sentence: what the file at `path` is, since it holds no PyTorch weights, and what to do; raises OSError."""
    head = head_of(path)
    if not head:
        return f"{path.name} is empty (0 bytes); {AGAIN}."
    if head.startswith(b"PK\x03\x04"):
        return _what_archive(path)
    kind = _kind(head, path.name)
    if kind is None:
        return f"{path.name} is {_unknown(head)}; {NO_WEIGHTS}."
    return f"{path.name} is {kind.what}{_inside(kind, head)}; {kind.advice}."


def head_of(path: Path) -> bytes:
    """The first bytes of the file at `path`; raises OSError."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _kind(head: bytes, name: str) -> FileKind | None:
    """The first row that fits; a row of names alone counts for binary files only."""
    rows = (row for row in _KINDS if re.match(row.begins, head, re.DOTALL) and re.search(row.named, name))
    return next(rows, None)


def _what_archive(path: Path) -> str:
    try:
        held = archives.entries(path)
    except (BadZipFile, archives.TooLarge, ValueError, NotImplementedError):
        return f"{path.name} is a zip archive that is cut short or damaged; {AGAIN}."
    if any(entry.flag_bits & 1 for entry in held):
        return f"{path.name} is an encrypted zip archive; {UNPACK}."
    kind = _archive_kind(held)
    return f"{path.name} is {kind.what}; {kind.advice.replace('FILE', path.name)}."


def _archive_kind(held: Sequence[ZipInfo]) -> FileKind:
    names = "".join(f"{entry.filename}\n" for entry in held).encode()
    known = next((row for row in _ARCHIVES if re.search(row.begins, names)), None)
    return known or FileKind(f"a zip archive of {len(held)} files, none of them weights", NO_WEIGHTS)


def _inside(kind: FileKind, head: bytes) -> str:
    """What a compressed file holds, as far as its beginning tells."""
    if kind.what not in _DECOMPRESSORS:
        return ""
    try:
        content = _DECOMPRESSORS[kind.what](head)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        return " and damaged"
    if content.startswith(b"PK\x03\x04"):
        return " around a zip archive, perhaps PyTorch's"
    inner = _kind(content, "")
    return f" around {inner.what}" if inner else ""


def _unknown(head: bytes) -> str:
    try:
        words = " ".join(getincrementaldecoder("utf-8")().decode(head).split())  # the last character may be cut
    except UnicodeDecodeError:
        words = ""
    if words and words.isprintable():
        return f'a text file that begins with "{words[:LONGEST_EXCERPT]}"'
    return f"no PyTorch file and of no kind known here (it begins with the bytes {head[:8].hex(' ')})"
