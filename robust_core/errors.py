"""The errors that this package raises on purpose, and nothing else.

RobustError                 a sentence for the user: what was wrong, and what to do
├── BadInput                an argument outside what is accepted (also a ValueError)
│   ├── BadImage            a file that cannot become an image
│   └── UnknownName         a key that is in no table; names the nearest ones
├── WeightsUnavailable      weights that are not there, or cannot be had or trusted
├── DataUnavailable         a data set that cannot be had or is not the published one
├── DeviceOutOfMemory       a model or a batch that does not fit, even when halved
├── ClusterUnavailable      a Ray cluster that does not answer, has no room, or loses what works for it
├── NotFinite               a model that computes NaN or infinity, which no number may come from
└── QueueFull               too much work is waiting already

Pages catch `RobustError` and show its sentence. Anything else is a bug and may crash loudly.
"""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_LISTED = 12  # keys of a table, where none is near


class RobustError(Exception):
    """The base: `str(error)` is one sentence that can be shown to a user."""


class BadInput(RobustError, ValueError):
    """An argument outside what is accepted; the sentence says what was expected and what came."""


class BadImage(BadInput):
    """A file that cannot become an image; the sentence names the file and says why."""


class UnknownName(BadInput):
    """A key that is in no table; the sentence names the nearest keys that are."""

    def __init__(self, kind: str, name: str, known: Iterable[str]):
        known = list(known)
        spelled = {key.casefold(): key for key in reversed(known)}
        near = [spelled[one] for one in get_close_matches(str(name).casefold(), spelled, n=3, cutoff=0.5)]
        self.kind, self.name, self.near = kind, name, near
        expected = ""
        if near:
            expected = f"; the nearest are {', '.join(near)}"
        elif 0 < len(known) <= MOST_LISTED:
            expected = f"; expected one of {', '.join(known)}"
        super().__init__(f"There is no {kind} called {name!r}{expected}.")


class WeightsUnavailable(RobustError):
    """Weights that are missing, refused, cut short, altered or not loadable; the sentence says what to do."""


class DataUnavailable(RobustError):
    """A published data set that does not come, or is not what was published; the sentence says what to do."""


class DeviceOutOfMemory(RobustError):
    """The device ran out of memory although the pool was emptied and the batch halved."""


class ClusterUnavailable(RobustError):
    """A Ray cluster that does not answer, has no room or lost the same unit repeatedly; the sentence says which."""


class NotFinite(RobustError):
    """A model computed NaN or infinite values; the sentence names the model, and nothing that came from them counts."""


class QueueFull(RobustError):
    """More work is waiting than the queue accepts."""
