"""Puts the office together: routes, key, faults, log of requests. Called by `serving` and tests."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from rehearsal.office import (
    appointments,
    contact,
    control,
    customers,
    operations,
    orders,
    products,
)
from rehearsal.office.access import Parts, require_key
from rehearsal.office.connections import reset
from rehearsal.office.database import open_database
from rehearsal.office.faults import FaultBook, FaultyTransport
from rehearsal.office.once import Writes
from rehearsal.office.problems import Problem, answer_http_error, answer_invalid, answer_problem
from rehearsal.office.settings import OfficeSettings

DESCRIPTION = """
Stands in for the customer's own API in rehearsals: real HTTP on real SQLite, invented data.
Every write takes an `Idempotency-Key`; a repeat gets the first answer.
"""

log = structlog.get_logger()


class Health(BaseModel):
    """The office is ready: its file is open and seeded."""

    status: str = "ready"


def build(settings: OfficeSettings) -> FastAPI:
    """The office as an ASGI application; its database opens when the application starts."""
    book = FaultBook()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_database(settings.database, today=settings.today) as database:
            app.state.parts = Parts(database, Writes(database), book, settings.today)
            yield
            book.clear()

    app = FastAPI(
        title="Rehearsal office",
        summary="A stand-in for the customer's back office",
        description=DESCRIPTION,
        version="1",
        lifespan=lifespan,
    )
    keyed = [Depends(_checker(settings))]
    for area in (orders, customers, contact, appointments, products, operations, control):
        app.include_router(area.router, dependencies=keyed)
    app.add_api_route("/health", _health, tags=["readiness"])
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_middleware(RequestLog)
    app.add_middleware(FaultyTransport, book=book, reset=reset)
    return app


class RequestLog:
    """Logs each request by its route's template: paths and queries hold personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def note(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = scope.get("route")
            log.info(
                "office.request",
                method=scope["method"],
                route=getattr(route, "path_format", "unmatched"),
                status=status,
                duration_ms=round((time.monotonic() - began) * 1000, 1),
            )


def _checker(settings: OfficeSettings) -> Callable[..., None]:
    return require_key(settings.key.get_secret_value())


async def _health() -> Health:
    return Health()
