"""What happens around every request: an id, a log line, and a last answer."""

import logging
import re
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keystone.logs import request_id
from keystone.problems import problem

HEADER = "X-Request-Id"
ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
OTHER_ROUTE = "unrouted"

logger = logging.getLogger(__name__)


class RequestJournal:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        started = perf_counter()
        status = 0
        own_id = _accepted_or_new(Headers(scope=scope).get(HEADER))

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = own_id
            await send(message)

        request_id.set(own_id)
        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            logger.exception("unexpected failure")
            if not status:
                answer = problem(500, f"An unexpected failure, logged as request {own_id}.")
                await answer(scope, receive, send_with_id)
        _note(scope, status, perf_counter() - started)


def _note(scope: Scope, status: int, seconds: float) -> None:
    """The route is the template, never the path: ids belong in no log."""
    fields = {
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path", OTHER_ROUTE),
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    logger.info("request", extra={"fields": fields})


def _accepted_or_new(received: str | None) -> str:
    return received if received and ACCEPTED_ID.fullmatch(received) else uuid4().hex
