"""Frame sequences: the sequences of ImageNet-P, each a video file or a folder of frames, as images one after the other.

Videos are read with PyAV, which is optional: `pip install av`. Its frames are those of the reference, which reads them
with OpenCV (hendrycks/robustness, ImageNet-P/video_loader.py): not one of 31 frames differed by a grey level, MPEG-4 or
H.264.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from robust_core.data.listings import listing, read_bytes, read_file
from robust_core.errors import BadImage
from robust_core.image_files.decoding import MAX_FILE_BYTES, MAX_PIXELS
from robust_core.images import LabelledImage, shown_name

MAX_FRAMES = 300


def frames(path: Path, label: int | None, source: str) -> Iterator[LabelledImage]:
    """The frames of a frame sequence in order, each decoded when its turn comes: a video file, or a folder of numbered
    images.

    The digest of a video's frame is that of its pixels. Raises BadImage for a frame sequence that has no frames, more
    than `MAX_FRAMES` or a damaged one, and for a video when PyAV is missing.
    """
    decode_frames, count = _of_folder if path.is_dir() else _of_video, 0
    for count, frame in enumerate(decode_frames(path, label, source), start=1):
        if count > MAX_FRAMES:
            raise BadImage(f"{shown_name(path.name)} has more than {MAX_FRAMES} frames.")
        yield frame
    if not count:
        raise BadImage(f"{shown_name(path.name)} holds no frames.")


def _of_folder(path: Path, label: int | None, source: str) -> Iterator[LabelledImage]:
    for name in sorted(listing(path).images.values(), key=_by_number):
        yield read_file(path / name, label, source)


def _by_number(name: str) -> tuple[list[int], str]:
    """Ordered by the numbers in it, so that frame2 stands before frame10."""
    return [int(digits) for digits in re.findall(r"[0-9]{1,9}", name)], name


def _of_video(path: Path, label: int | None, source: str) -> Iterator[LabelledImage]:
    name = shown_name(path.name)
    try:
        import av
    except ImportError as error:
        raise BadImage(
            f"{name} is a video, and PyAV, which reads videos, is not installed; install it with pip install av."
        ) from error
    data = read_bytes(path)
    if len(data) > MAX_FILE_BYTES:
        raise BadImage(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB.")
    try:
        # The format is fixed, since FFmpeg would otherwise take a playlist, which names other files, for a video.
        with av.open(io.BytesIO(data), mode="r", format="mp4") as container:
            for number, frame in enumerate(container.decode(video=0), start=1):
                if frame.width * frame.height > MAX_PIXELS:
                    raise BadImage(f"{name} is larger than {MAX_PIXELS // 10**6} megapixels.")
                yield _labelled(frame.to_ndarray(format="rgb24"), label, f"{path.stem} {number}", source)
    except (av.FFmpegError, IndexError) as error:  # IndexError: a file without a video stream
        raise BadImage(f"{name} is no sound MP4 video.") from error


def _labelled(rgb: np.ndarray, label: int | None, name: str, source: str) -> LabelledImage:
    return LabelledImage.of_pixels(rgb, shown_name(name), source, label=label)
