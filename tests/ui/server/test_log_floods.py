"""Lines that a stranger repeats are thinned out, and no others."""

import inspect
import logging
from asyncio import selector_events
from importlib import import_module
from types import SimpleNamespace

import pytest
from streamlit.web.server.starlette import starlette_websocket
from uvicorn.protocols.http import h11_impl
from uvicorn.protocols.websockets import websockets_sansio_impl

from robust_core.ui.server.log_floods import KINDS, OnceInAWhile


def test_a_flood_of_one_line_is_one_line_a_minute_and_no_traceback():
    log, kept = logging.getLogger("tests.flood"), []
    log.propagate = False
    log.addHandler(SimpleNamespace(level=0, handle=kept.append))
    log.addFilter(OnceInAWhile("socket.accept() out of"))
    for _ in range(1000):
        try:
            raise OSError("Too many open files")
        except OSError:
            log.exception("socket.accept() out of system resource")
    log.error("something else")
    log.error("something else")
    assert [record.msg for record in kept] == ["socket.accept() out of system resource"] + ["something else"] * 2
    assert kept[0].exc_info is None


@pytest.mark.parametrize(("logger", "beginning"), [(name, one) for name in KINDS for one in KINDS[name]])
def test_the_libraries_still_use_these_words(logger, beginning):
    sources = (selector_events, h11_impl, websockets_sansio_impl, starlette_websocket)
    assert any(beginning in inspect.getsource(module) for module in sources)


def test_streamlit_logs_under_this_name():
    name = next(name for name in KINDS if name.startswith("streamlit"))
    assert import_module(name)._LOGGER is logging.getLogger(name)
