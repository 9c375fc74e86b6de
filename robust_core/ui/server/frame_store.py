"""Frame sequences for the browser: the frames of one strip as differences, compressed, fetched once from the address
that their hash is.

A message that held the frames would be put together anew at every rerun, and be half as long again.
"""

import gzip
import hashlib
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from robust_core.ui.server import script_turns

FOLDER = "/assets/frames/"
COMPRESSION = 4  # level 6 takes four times as long and saves a fifteenth of the bytes
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}  # a frame sequence may be of somebody's upload


@dataclass(frozen=True, eq=False)
class FrameSequence:
    """Frames of `height_px` by `width_px`, to be had at `path` for as long as somebody holds this.

    content    in gzip, the first frame and then each frame less the one before it, modulo 256; 8-bit RGB, row by row
    """

    path: str
    height_px: int
    width_px: int
    content: bytes

    @property
    def address(self) -> dict[str, str | int]:
        """What a component needs to fetch it, as JSON."""
        return {"path": self.path, "height_px": self.height_px, "width_px": self.width_px}


_SEQUENCES: WeakValueDictionary[str, FrameSequence] = WeakValueDictionary()
_OF_OWNERS: WeakKeyDictionary[object, tuple[FrameSequence, ...]] = WeakKeyDictionary()


def frame_sequence_of(frames: np.ndarray) -> FrameSequence:
    """The FrameSequence of `frames` (F,H,W,3) uint8, no pixel changed."""
    _, height_px, width_px, _ = frames.shape
    with script_turns.aside():
        differences = np.diff(frames, axis=0, prepend=np.zeros_like(frames[:1]))
        content = gzip.compress(differences.tobytes(), COMPRESSION, mtime=0)
        path = FOLDER + hashlib.sha256(f"{height_px}x{width_px}".encode() + content).hexdigest()
    return _SEQUENCES.setdefault(path, FrameSequence(path, height_px, width_px, content))


def sequences_of(owner: object, *names: str) -> tuple[FrameSequence, ...]:
    """The FrameSequences of the frames that `owner` has under these names, made once and kept for as long as it is."""
    if owner not in _OF_OWNERS:
        _OF_OWNERS[owner] = tuple(frame_sequence_of(getattr(owner, name)) for name in names)
    return _OF_OWNERS[owner]


def _serve(request) -> Response:
    sequence = _SEQUENCES.get(FOLDER + request.path_params["name"])
    if sequence is None:
        return Response(status_code=404)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            sequence.content, media_type="application/octet-stream", headers={**HEADERS, "Content-Encoding": "gzip"}
        )
    return Response(gzip.decompress(sequence.content), media_type="application/octet-stream", headers=HEADERS)


def sequences_route() -> Route:
    """The route that serves every FrameSequence's path."""
    return Route(FOLDER + "{name}", _serve)
