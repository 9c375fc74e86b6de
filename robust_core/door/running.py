"""How the functions of the door drive a study: to its end, with a bar, with a callable, in silence; or not at all, for
who wants the events.
"""

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Literal, TypeVar

from robust_core.door.whole_numbers import whole
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, result_of

Result = TypeVar("Result")
Events = Generator[Any, None, Result]
BatchSize = int | Literal["auto"]
ShowProgress = bool | Callable[[int, int | None], object]


class _AsEvents:
    """In place of `progress`: hand the generator out instead of driving it."""

    def __repr__(self) -> str:
        return "as events"


AS_EVENTS: Any = _AsEvents()


def drive(work: Events[Result], progress: ShowProgress, batch_size: BatchSize = "auto", title: str = "") -> Result:
    """Run `work` to its end and return its result, with at most `batch_size` images at once.

    `progress` is True for a bar, False for none, or is called with what is done and the total, None where that is
    unknown. Raises BadInput for anything else.
    """
    most = None if isinstance(batch_size, str) and batch_size == "auto" else whole("batch_size", batch_size, 1)
    if not (progress is AS_EVENTS or isinstance(progress, bool) or callable(progress)):
        raise BadInput(f"progress must be True, False or a callable of what is done and the total; got {progress!r}.")
    from robust_core.models.batches import in_batches_of

    limited = in_batches_of(most, work)
    if progress is AS_EVENTS:
        return limited  # type: ignore[return-value]  # `stream` alone asks for it, and says what comes
    if progress is True:
        return _with_bar(limited, title)
    report = progress or (lambda done, total: None)
    return result_of(limited, lambda event: report(event.done, event.total))


def progress_of(work: Events[Result]) -> Events[Result]:
    """The same work with its Progress alone, without what else it yields."""
    return mapped(work, lambda event: event if isinstance(event, Progress) else None)


def of_all(parts: list[tuple[str, Events[Result]]]) -> Events[list[Result]]:
    """The results of several pieces of work, one after the other; their progress names the piece and counts on through
    all of them.
    """
    results = []
    for number, (name, part) in enumerate(parts):
        results.append((yield from mapped(part, partial(_within, number, len(parts), name))))
    return results


def _within(number: int, parts: int, name: str, event: Any) -> Any:
    if not isinstance(event, Progress):
        return event
    note = f"{name}: {event.note}" if event.note else name
    if not event.total:
        return Progress(event.done, event.total, event.unit, note)
    return Progress(number * event.total + event.done, parts * event.total, event.unit, note)


def _with_bar(work: Events[Result], title: str) -> Result:
    from tqdm.auto import tqdm

    with tqdm(desc=title, leave=False) as bar:

        def show(event: Progress) -> None:
            bar.total, bar.n, bar.unit = event.total, event.done, event.unit or "it"
            bar.set_description(f"{title}, {event.note}" if event.note else title)

        return result_of(work, show)
