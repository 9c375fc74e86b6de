"""What a page's jobs have come to, for the browser: it looks here, and the page's script runs only when there is
something to draw.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from weakref import WeakValueDictionary

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robust_core.jobs import Job, queue
from robust_core.plots.charts import as_json

FOLDER = "/assets/jobs/"
HEADERS = {"Cache-Control": "no-store"}
CLOCK_SECONDS = 5  # after which a job that waits says anew for about how long
QUEUES = ("device", "download", "images")


@dataclass(eq=False)
class Watch:
    """The jobs of one session by slot, to be looked at under `path` for as long as somebody holds this.

    live    what a component draws of them by itself, as JSON, with `over` when the page has to run; it is called on
            another thread than the page's script
    """

    slots: Mapping[str, Job]
    live: Callable[[], dict] | None = None
    path: str = field(default_factory=lambda: FOLDER + secrets.token_urlsafe(16))

    def __post_init__(self) -> None:
        _WATCHES[self.path] = self

    @property
    def standing(self) -> str:
        """Another text whenever a slot holds another job, or one has ended."""
        return _mark((slot, job.key, job.active) for slot, job in dict(self.slots).items())

    @property
    def progress(self) -> str:
        """Another text whenever an unfinished job has come further, or nearer to its turn."""
        active = [job for job in dict(self.slots).values() if job.active]
        places = [sum(queue(name).place(job) for name in QUEUES) for job in active]
        clock = monotonic() // CLOCK_SECONDS if any(places) else 0
        return _mark([clock, *((job.key, job.state, len(job.events)) for job in active), *enumerate(places)])


_WATCHES: WeakValueDictionary[str, Watch] = WeakValueDictionary()


def _mark(parts) -> str:
    return format(hash(frozenset(parts)), "x")


def _serve(request) -> Response:
    watch = _WATCHES.get(FOLDER + request.path_params["name"])
    if watch is None:
        return Response(status_code=404)
    live = watch.live
    found = {"standing": watch.standing, "progress": watch.progress, "live": live and as_json(live())}
    return JSONResponse(found, headers=HEADERS)


def watches_route() -> Route:
    """The route that serves every Watch's path."""
    return Route(FOLDER + "{name}", _serve)
