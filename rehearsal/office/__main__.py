"""`python -m rehearsal.office`: serves the stand-in for the customer's API until told to end."""

import logging
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer
import uvicorn
from pydantic import ValidationError

from rehearsal.office.app import build
from rehearsal.office.connections import KnownTransport
from rehearsal.office.settings import OfficeSettings

CANNOT_START = 2
CLOSING_TIMEOUT_S = 2


def main(
    port: Annotated[int | None, typer.Option(help="TCP port to listen on.")] = None,
    database: Annotated[Path | None, typer.Option(help="SQLite file; made if missing.")] = None,
    key: Annotated[str | None, typer.Option(help="Bearer key that clients must send.")] = None,
) -> None:
    """Serve the rehearsal's back office. Options win over FRONTDESK_REHEARSAL_OFFICE_*."""
    _log_to_stderr()
    given = {"port": port, "database": database, "key": key}
    try:
        settings = OfficeSettings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
        _stop(f"The office's settings do not fit: {wrong}.")
    if not settings.database.absolute().parent.is_dir():
        _stop(f"The folder of the office's database is missing: {settings.database.parent}.")
    listening = _listen(settings)
    structlog.get_logger().info(
        "office.starting",
        note="stands in for the customer's API: real HTTP and SQLite, invented data",
        port=settings.port,
    )
    uvicorn.Server(
        uvicorn.Config(
            build(settings),
            http=KnownTransport,
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=CLOSING_TIMEOUT_S,
        )
    ).run(sockets=[listening])


def _listen(settings: OfficeSettings) -> socket.socket:
    # Named TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms for an ACK.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        _stop(
            f"The office cannot listen on {where} ({os.strerror(error.errno or 0)}): "
            "choose another port with --port, or end the program that holds it."
        )
    return listening


def _log_to_stderr() -> None:
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    as_json = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, as_json], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    # What the libraries log goes out in the same form, one event a line.
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                as_json,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(CANNOT_START)


if __name__ == "__main__":
    typer.run(main)
