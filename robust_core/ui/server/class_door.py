"""A class's own door: a small page for phones, and the addresses it talks to; no script of Streamlit's runs for a
student.

GET  /class                        where the code is typed
GET  /class/CODE                   the page
POST /class/CODE/join              a seat, kept in a cookie that scripts cannot read
GET  /class/CODE/view              what the seat sees, again whenever the lecturer moves on (server-sent events)
POST /class/CODE/vote              one vote
GET  /class/CODE/shown/SCENE/PART  the image of a bet on the scene that is on
GET  /class/CODE/image/SCENE/PLACE  an image that the scene shows beside its bet
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from string import Template
from typing import Any
from weakref import WeakKeyDictionary

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from robust_core import settings
from robust_core.errors import BadInput, RobustError
from robust_core.lesson.classroom import Classroom
from robust_core.lesson.classrooms import CLASSROOMS
from robust_core.lesson.shown_images import content_of, image_of
from robust_core.lesson.student_view import seen_by
from robust_core.ui.server.messages import Pace
from robust_core.ui.server.proxies import household

FOLDER = "/class"
FILES = Path(__file__).parents[1] / "class_page"
SENT = {"class.js": "text/javascript", "class.css": "text/css"}
MAX_BYTES = 2_000  # of what a phone sends
BURST, PER_SECOND, MOST_WAITS = 30, 5, 20  # votes of one seat: a slider that is dragged sends no more
BEAT_SECONDS = 15  # so that a proxy does not think that nobody is there
VIEWS_EACH = 3  # open at once for one seat
SEAT = "seat"
NO_CLASS = "There is no such class. It has ended, the code is another, or the server was restarted, which ends a class."
NO_STORE = {"Cache-Control": "no-store"}
_PACES: WeakKeyDictionary[Classroom, dict[str, Pace]] = WeakKeyDictionary()
_COMING: WeakKeyDictionary[Classroom, Counter[str]] = WeakKeyDictionary()
_VIEWS: WeakKeyDictionary[Classroom, Counter[str]] = WeakKeyDictionary()


def class_routes() -> list[Route]:
    """All addresses of the door."""
    return [
        Route(FOLDER, _page),
        Route(FOLDER + "/files/{name}", _file),
        Route(FOLDER + "/{code}", _page),
        Route(FOLDER + "/{code}/join", _join, methods=["POST"]),
        Route(FOLDER + "/{code}/view", _view),
        Route(FOLDER + "/{code}/vote", _vote, methods=["POST"]),
        Route(FOLDER + "/{code}/shown/{scene}/{part:int}", _shown),
        Route(FOLDER + "/{code}/image/{scene}/{place:int}", _scene_image),
    ]


async def _page(request: Request) -> Response:
    before, _, _ = request.url.path.partition(FOLDER)  # where the app does not lie at the server's root
    page = Template((FILES / "index.html").read_text()).substitute(base=f"{before}{FOLDER}/")
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in SENT:
        return Response(status_code=404)
    return FileResponse(FILES / name, media_type=SENT[name], headers={"Cache-Control": "no-cache"})


async def _join(request: Request) -> Response:
    room = _room(request)
    if room is None:
        return _refusal(NO_CLASS, 404)
    try:
        said = await _said(request)
        seat = _seated(room, request, said.get("name", ""))
    except BadInput as error:
        return _refusal(str(error), 400)
    response = JSONResponse(seen_by(room, seat), headers=NO_STORE)
    path = request.url.path.removesuffix("/join")
    response.set_cookie(SEAT, seat, path=path, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return response


async def _vote(request: Request) -> Response:
    room, seat = _room(request), request.cookies.get(SEAT, "")
    if room is None:
        return _refusal(NO_CLASS, 404)
    if not room.sits(seat):
        return _refusal("Join the class first.", 403)
    pace = _PACES.setdefault(room, {}).setdefault(seat, Pace(BURST, PER_SECOND))
    if pace.waits > MOST_WAITS:
        return _refusal("That is too fast; wait a moment.", 429)
    await pace.wait()
    try:
        said = await _said(request)
        counted = room.vote(seat, str(said.get("scene", "")), said.get("part", 0), said.get("vote"))
    except BadInput as error:
        return _refusal(str(error), 409)
    return JSONResponse({"counted": counted}, headers=NO_STORE)


async def _view(request: Request) -> Response:
    room, seat = _room(request), request.cookies.get(SEAT, "")
    if room is None:
        return _refusal(NO_CLASS, 404)
    if not room.sits(seat):
        return _refusal("Join the class first.", 403)
    views = _VIEWS.setdefault(room, Counter())
    if views[seat] >= VIEWS_EACH:
        return _refusal("This seat is open in several tabs already; close one.", 429)
    headers = NO_STORE | {"X-Accel-Buffering": "no"}
    return StreamingResponse(_events(room, seat, views), media_type="text/event-stream", headers=headers)


async def _events(room: Classroom, seat: str, views: Counter[str]) -> AsyncIterator[str]:
    """The view now and after every move, with a beat in between; it ends with the class."""
    moved, loop = asyncio.Event(), asyncio.get_running_loop()
    listener = _woken(loop, moved)
    room.listeners.add(listener)
    views[seat] += 1
    try:
        while True:
            moved.clear()
            shown = room.moved
            view = seen_by(room, seat)
            yield f"data: {json.dumps(view)}\n\n"
            if view["over"]:  # as it was told: the class may have ended since
                return
            while room.moved == shown:
                try:
                    await asyncio.wait_for(moved.wait(), BEAT_SECONDS)
                    moved.clear()
                except TimeoutError:
                    yield ": still here\n\n"
    finally:
        views[seat] -= 1
        room.listeners.discard(listener)


def _woken(loop: asyncio.AbstractEventLoop, moved: asyncio.Event) -> Callable[[], None]:
    """Called by any thread, wakes the loop's own."""
    return lambda: loop.call_soon_threadsafe(moved.set)


async def _shown(request: Request) -> Response:
    room, seat = _room(request), request.cookies.get(SEAT, "")
    if room is None or not room.sits(seat):
        return Response(status_code=404)
    scene, part = room.scene, request.path_params["part"]
    if request.path_params["scene"] != scene.key or not 0 <= part < scene.bet.parts:
        return Response(status_code=404)
    try:
        content = await to_thread.run_sync(image_of, scene.bet, part)
    except RobustError:
        content = None
    return _image(content)


async def _scene_image(request: Request) -> Response:
    room, seat = _room(request), request.cookies.get(SEAT, "")
    if room is None or not room.sits(seat) or request.path_params["scene"] != room.scene.key:
        return Response(status_code=404)
    shown = room.images_shown.get(request.path_params["place"])
    return _image(None if shown is None else await to_thread.run_sync(content_of, shown))


def _image(content: bytes | None) -> Response:
    if content is None:
        return Response(status_code=404)
    return Response(content, media_type="image/webp", headers=NO_STORE)


def _room(request: Request) -> Classroom | None:
    return CLASSROOMS.find(request.path_params["code"])


def _seated(room: Classroom, request: Request, name: object) -> str:
    """The seat of the cookie, or a new one where this address has not too many already; raises BadInput."""
    seat = request.cookies.get(SEAT, "")
    if not isinstance(name, str):
        raise BadInput("A name is text.")
    coming = _COMING.setdefault(room, Counter())
    address = household(request.client.host if request.client else "")
    if not room.sits(seat) and coming[address] >= settings.visitors_each():
        raise BadInput(f"{settings.visitors_each()} have come from this address, which is the most.")
    found = room.join(seat, name)
    coming[address] += found != seat
    return found


async def _said(request: Request) -> dict[str, Any]:
    """The JSON object that a phone sends; raises BadInput for anything else."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise BadInput("Expected JSON.")  # which no form of another site can send
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise BadInput(f"At most {MAX_BYTES:,} bytes are read; more came.")
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadInput("Expected JSON.") from error
    if not isinstance(said, dict):
        raise BadInput("Expected a JSON object.")
    return said


def _refusal(sentence: str, status: int) -> Response:
    return JSONResponse({"error": sentence}, status, headers=NO_STORE)
