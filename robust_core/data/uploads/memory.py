"""The images of one session, in memory for as long as the session refers to them; bounded for each session and for the
process.
"""

import gc
import threading
import weakref
from collections.abc import Container

import psutil

from robust_core.images import LabelledImage

# Every pixel stays: each model resizes the whole image by its own rule, bit for bit as its publisher does, and
# corruptions come before that. So bytes are bounded: four images of the 40 megapixels that one may have, or 166
# megapixels, in a session; 400 megapixels in all.
MAX_SESSION_BYTES = 500 * 10**6
MAX_PROCESS_BYTES = min(1200 * 10**6, psutil.virtual_memory().total // 4)

_lock = threading.Lock()
_sessions: "weakref.WeakSet[Held]" = weakref.WeakSet()


class Held:
    """Decoded images by digest, in the order in which they came; safe for scripts and workers at once."""

    def __init__(self) -> None:
        self._images: dict[str, LabelledImage] = {}
        self._bytes = 0
        with _lock:
            _sessions.add(self)

    def __len__(self) -> int:
        return len(self._images)

    @property
    def bytes(self) -> int:
        """What the pixels take."""
        return self._bytes

    def get(self, digest: str) -> LabelledImage | None:
        """The image whose file has this digest, or None."""
        return self._images.get(digest)

    def add(self, image: LabelledImage) -> str | None:
        """Keep `image`; returns why not where there is no room.

        Where the process has none, the oldest images of whichever session holds most make room, unless that would be
        this one.
        """
        with _lock:
            before = self._images.get(image.digest)
            more_bytes = image.rgb.nbytes - (before.rgb.nbytes if before else 0)
            if self._bytes + more_bytes > MAX_SESSION_BYTES:
                return (
                    f"was left out, since the pixels of a session's images may take {MAX_SESSION_BYTES / 1e9:g} GB "
                    "of memory"
                )
            if not self._make_room(more_bytes):
                return "was left out, since this server has no memory left for uploads"
            self._images[image.digest] = image
            self._bytes += more_bytes
            return None

    def keep_only(self, digests: Container[str]) -> None:
        """Let go of all other images."""
        with _lock:
            for digest in [digest for digest in self._images if digest not in digests]:
                self._drop(digest)

    def _make_room(self, more_bytes: int) -> bool:
        if _bytes_of_all() + more_bytes > MAX_PROCESS_BYTES:
            gc.collect()  # sessions that are over refer to themselves, and so linger
        while _bytes_of_all() + more_bytes > MAX_PROCESS_BYTES:
            largest = max(_sessions, key=lambda session: session._bytes)
            if largest is self or largest._bytes <= self._bytes + more_bytes:
                return False
            largest._drop(next(iter(largest._images)))
        return True

    def _drop(self, digest: str) -> None:
        self._bytes -= self._images.pop(digest).rgb.nbytes


def _bytes_of_all() -> int:
    return sum(session._bytes for session in _sessions)
