"""How the functions of the door drive a study: to its end, with a bar, with a callable, in silence; or not at all, for
who wants the events.
"""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from robust_core.checks import whole
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of

if TYPE_CHECKING:
    from robust_core.door.models import Chosen

Result = TypeVar("Result")
Events = Generator[Any, None, Result]
BatchSize = int | Literal["auto"]
ShowProgress = bool | Callable[[int, int | None], object]


class _AsEvents:
    """In place of `progress`: hand the generator out instead of driving it."""

    def __repr__(self) -> str:
        return "as events"


AS_EVENTS: Any = _AsEvents()


def drive(work: Events[Result], progress: ShowProgress, batch_size: BatchSize, title: str, models: "Chosen") -> Result:
    """Run `work` to its end and return its result, with at most `batch_size` images at once; `models` are held for as
    long as it runs.

    `progress` is True for a bar, False for none, or is called with what is done and the total, None where that is
    unknown. Raises BadInput for anything else.
    """
    most = None if isinstance(batch_size, str) and batch_size == "auto" else whole("batch_size", batch_size, 1)
    if not (progress is AS_EVENTS or isinstance(progress, bool) or callable(progress)):
        raise BadInput(f"progress must be True, False or a callable of what is done and the total; got {progress!r}.")
    from robust_core.models.batches import in_batches_of

    limited = _holding(models, in_batches_of(most, work))
    if progress is AS_EVENTS:
        return limited  # type: ignore[return-value]  # `stream` alone asks for it, and says what comes
    if progress is True:
        return _with_bar(limited, title)
    report = progress or (lambda done, total: None)
    return result_of(limited, lambda event: report(event.done, event.total))


def _holding(models: "Chosen", work: Events[Result]) -> Events[Result]:
    """The same work; a model that the caller made in passing lives until it ends."""
    return (yield from work)


def _with_bar(work: Events[Result], title: str) -> Result:
    from tqdm.auto import tqdm

    with tqdm(desc=title, leave=False) as bar:

        def show(event: Progress) -> None:
            bar.total, bar.n, bar.unit = event.total, event.done, event.unit or "it"
            bar.set_description(f"{title}, {event.note}" if event.note else title)

        return result_of(work, show)
