"""Files that are no PyTorch weights: each is refused with a sentence of its own, which says what it is and what to
do.
"""

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from robust_core.errors import WeightsUnavailable
from robust_core.models.checkpoints import read_checkpoint
from tests.models.weight_files import saved, some_state

NOISE = np.random.default_rng(0).bytes(5000)


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("weights/model.pth"))
    return stream.getvalue()


def image(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, kind)
    return stream.getvalue()


def array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    return stream.getvalue()


def encrypted(content: bytes) -> bytes:
    """The bit that says so, in the local header and in the directory."""
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    changed = bytearray(content)
    changed[local + 6] |= 1
    changed[central + 8] |= 1
    return bytes(changed)


INDEX = json.dumps({"metadata": {"total_size": 9}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}).encode()
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4985873\n"
BUCKET = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)
SAFETENSORS_HEADER = b'{"a":{"dtype":"F32","shape":[999],"data_offsets":[0,3996]}}'
ONNX = b"\x08\x07\x12\x07pytorch\x1a\x032.1"
TFLITE = b"\x1c\0\0\0TFL3" + NOISE
LINE_OF_ZIP = "a zip archive that is cut short or damaged; download the file itself again."

# Name, content, and what the sentence says after the name.
WRONG = {
    "empty.pth": (b"", "is empty (0 bytes); download the file itself again."),
    "lfs.pth": (LFS, "is a Git LFS pointer, which only says where the weights are; fetch them with git lfs pull."),
    "lfs.safetensors": (LFS, "is a Git LFS pointer"),
    "dvc.pth": (b"outs:\n- md5: a3\n  path: model.pth\n", "is a DVC pointer"),
    "html.pth": (
        b"<!DOCTYPE html><title>Quota exceeded</title>",
        "is a web page (HTML), perhaps a login or a quota notice; open it in a browser",
    ),
    "page.bin": (b"\xef\xbb\xbf\n  <HTML lang=en>", "is a web page (HTML)"),
    "bucket.pth": (BUCKET, "is an error page of a storage server (XML); see what it says"),
    "openvino.xml": (b'<?xml version="1.0"?><net name="x" version="11">', "is an OpenVINO network (XML)"),
    "other.xml": (b'<?xml version="1.0"?><rss/>', "is an XML file"),
    "pytorch_model.bin.index.json": (
        INDEX,
        "is the index of a sharded checkpoint, which only says which part holds which tensor; load the model",
    ),
    "index.pth": (INDEX, "is the index of a sharded checkpoint"),
    "config.json": (b'{\n  "architectures": ["ResNet"]}', "is a JSON file, such as a model's configuration"),
    "model.json": (b'{"format": "layers-model", "modelTopology": {}}', "is a model for TensorFlow.js (JSON)"),
    "colab.ipynb": (b'{"cells": [], "nbformat": 4}', "is a notebook (JSON)"),
    "text.pth": (
        b"Permission denied:\n please log in",
        'is a text file that begins with "Permission denied: please log in";',
    ),
    "text8.pth": (
        "größer\n".encode() * 999,
        'is a text file that begins with "größer größer größer größer größer größer"'[:60],
    ),
    "photo.pth": (image("JPEG"), "is an image (JPEG); import a weight file, such as .pth or .safetensors."),
    "photo.png": (image("PNG"), "is an image (PNG)"),
    "photo.webp": (image("WEBP"), "is an image (WebP)"),
    "paper.pth": (b"%PDF-1.7\n" + NOISE, "is a PDF document"),
    "sound.wav": (b"RIFF\x24\0\0\0WAVEfmt " + NOISE, "is a sound file (WAV)"),
    "gzip.pth": (
        gzip.compress(zipped({"a/b": b""})),
        "is compressed with gzip around a zip archive, perhaps PyTorch's; unpack it and import the file inside.",
    ),
    "gzip_sound.pth": (
        gzip.compress(b"RIFF\x24\0\0\0WAVEfmt "),
        "is compressed with gzip around a sound file (WAV); unpack it",
    ),
    "model.tar.gz": (gzip.compress(tarred()), "is compressed with gzip around a tar archive; unpack it"),
    "gzip_cut.pth": (b"\x1f\x8b" + NOISE, "is compressed with gzip and damaged"),
    "bzip2.pth": (bz2.compress(LFS), "is compressed with bzip2 around a Git LFS pointer"),
    "xz.pth": (lzma.compress(image("PNG")), "is compressed with xz around an image (PNG)"),
    "zstd.pth": (b"\x28\xb5\x2f\xfd" + NOISE, "is compressed with zstd; unpack it"),
    "7z.pth": (b"7z\xbc\xaf\x27\x1c" + NOISE, "is a 7z archive; unpack it"),
    "rar.pth": (b"Rar!\x1a\x07\x01\0" + NOISE, "is a RAR archive; unpack it"),
    "really.pth.tar": (
        tarred(),
        "is a tar archive; unpack it and import the file inside; what PyTorch calls .pth.tar is seldom one.",
    ),
    "folder.zip": (
        zipped({"photos/a.txt": b"", "photos/b.txt": b""}),
        "is a zip archive of 2 files, none of them weights",
    ),
    "weights.zip": (
        zipped({"x/readme": b"", "x/model.pth": b""}),
        "is a zip archive with weights inside; unpack it and import the file inside.",
    ),
    "encrypted.pth": (encrypted(zipped({"a/data.pkl": b"xx"})), "is an encrypted zip archive; unpack it"),
    "cut.pth": (zipped({"a/data.pkl": NOISE})[:-30], f"is {LINE_OF_ZIP}"),
    "magic.pth": (b"PK\x03\x04" + NOISE, f"is {LINE_OF_ZIP}"),
    "nothing.zip": (zipped({}), "is a zip archive without files"),
    "exported.pt2": (
        zipped({"m/archive_format": b"pt2", "m/models/model.json": b""}),
        "is a program of torch.export (.pt2)",
    ),
    "served.mar": (zipped({"MAR-INF/MANIFEST.json": b""}), "is a TorchServe archive"),
    "keras.keras": (
        zipped({"metadata.json": b"", "config.json": b"", "model.weights.h5": b""}),
        "is a Keras model; convert its weights",
    ),
    "saved_model.zip": (
        zipped({"m/saved_model.pb": b"", "m/variables/variables.index": b""}),
        "is a TensorFlow SavedModel, zipped",
    ),
    "arrays.npz": (
        zipped({"conv.npy": array(), "fc.npy": array()}),
        "is an archive of NumPy arrays (.npz); convert them with torch.from_numpy",
    ),
    "slides.pptx": (zipped({"[Content_Types].xml": b""}), "is an Office document"),
    "array.npy": (array(), "is a NumPy array (.npy)"),
    "keras.h5": (b"\x89HDF\r\n\x1a\n" + NOISE, "is an HDF5 file, as Keras saves weights (.h5)"),
    "mobile.tflite": (TFLITE, "is a TensorFlow Lite model"),
    "model.onnx": (ONNX, "is an ONNX model; convert its weights"),
    "onnx.pth": (ONNX, "is an ONNX model"),
    "llama.gguf": (b"GGUF\x03\0\0\0" + NOISE, "is a GGUF file of llama.cpp"),
    "flax_model.msgpack": (b"\x81\xa6params\x81\xa5Dense" + NOISE, "is a Flax checkpoint (msgpack)"),
    "model.ckpt.index": (b"\0\x12\x02" + NOISE, "is a TensorFlow checkpoint"),
    "model.ckpt-1.data-00000-of-00001": (NOISE, "is a TensorFlow checkpoint"),
    "saved_model.pb": (b"\x08\x01\x12\xf3" + NOISE, "is a TensorFlow graph or SavedModel"),
    "darknet.weights": (b"\0\0\0\0\x02\0\0\0" + NOISE, "is a Darknet weight file"),
    "model.caffemodel": (b"\x0a\x07ResNet-" + NOISE, "is a Caffe model"),
    "params.params": (b"\x12\x01\0\0\0\0\0\0" + NOISE, "is an MXNet parameter file"),
    "mobile.pte": (b"\x1c\0\0\0ET12" + NOISE, "is an ExecuTorch program"),
    "program.so": (b"\x7fELF\x02" + NOISE, "is a compiled program"),
    "._model.pth": (
        b"\0\x05\x16\x07\0\x02\0\0Mac OS X" + NOISE,
        "is macOS's companion of a file (._); import the file whose name has no ._",
    ),
    "zeros.pth": (
        bytes(9000),
        "is a file of zero bytes only, as a download leaves that reserved its place and never came; download",
    ),
    "arrays.pkl": (
        pickle.dumps({"conv": np.zeros(3)}, 2),
        "is a Python pickle, not a PyTorch file; load it with Python where you trust it",
    ),
    "python2.pkl": (b"(dp0\nS'a'\np1\nI1\ns.", "is a Python pickle, not a PyTorch file"),
    "cut.safetensors": (
        len(SAFETENSORS_HEADER).to_bytes(8, "little") + SAFETENSORS_HEADER[:30],
        "is a safetensors file that is cut short",
    ),
    "noise.pth": (
        NOISE,
        f"is no PyTorch file and of no kind known here (it begins with the bytes {NOISE[:8].hex(' ')}); import a "
        "weight file",
    ),
}


@pytest.mark.parametrize(("name", "content", "words"), [(name, *row) for name, row in WRONG.items()], ids=WRONG)
def test_every_wrong_file_has_its_own_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WeightsUnavailable) as caught:
        read_checkpoint(path)
    assert str(caught.value).startswith(f"{name} {words}")
    assert str(caught.value).endswith(".")


def test_a_torchscript_archive_says_how_to_save_its_weights(tmp_path):
    path = tmp_path / "script.pt"
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path)
    with pytest.raises(WeightsUnavailable) as caught:
        read_checkpoint(path)
    assert str(caught.value) == (
        "script.pt is a TorchScript archive (torch.jit.save), which is code; where you trust it, save its weights "
        "alone: "
        'torch.save(torch.jit.load("script.pt").state_dict(), "weights.pth").'
    )


@pytest.mark.parametrize("legacy", [True, False])
def test_a_torch_file_in_gzip_is_known_inside_it(tmp_path, legacy):
    path = tmp_path / "weights.pth.gz"
    path.write_bytes(gzip.compress(saved(tmp_path, some_state(), _use_new_zipfile_serialization=not legacy)))
    with pytest.raises(
        WeightsUnavailable, match="compressed with gzip around .* unpack it and import the file inside."
    ):
        read_checkpoint(path)


def test_a_small_file_that_inflates_to_much_is_only_begun(tmp_path):
    """Only the first 4 KB of what is inside are looked at."""
    path = tmp_path / "bomb.gz"
    compressor = io.BytesIO()
    with gzip.GzipFile(fileobj=compressor, mode="wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    path.write_bytes(compressor.getvalue())
    with pytest.raises(WeightsUnavailable, match="compressed with gzip around a file of zero bytes only"):
        read_checkpoint(path)
