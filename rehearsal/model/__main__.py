"""`python -m rehearsal.model`: the scripted model as a process."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

import configs
from rehearsal.model.hearing import CannotHear
from rehearsal.model.log import Logger
from rehearsal.model.protocol import MODEL_NAME
from rehearsal.model.server import serve
from rehearsal.model.settings import ModelSettings

app = typer.Typer(add_completion=False)


@app.command()
def main(
    *,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    brain: Annotated[Path | None, typer.Option(help="Script to follow.")] = None,
    log: Annotated[Path | None, typer.Option(help="File for the log; else stdout.")] = None,
    api_key: Annotated[str | None, typer.Option(help="Bearer key that clients must send.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the think times.")] = None,
    log_words: Annotated[bool, typer.Option(help="Log what was said (pii.).")] = False,
) -> None:
    """Serve the OpenAI Realtime protocol from a script. This is not a language model."""
    given = {
        "port": port,
        "host": host,
        "brain": brain,
        "log": log,
        "api_key": api_key,
        "seed": seed,
        "log_words": log_words or None,
    }
    try:
        settings = configs.read_environment(ModelSettings).model_copy(
            update={name: value for name, value in given.items() if value is not None}
        )
    except configs.WrongSettings as error:
        sys.exit(str(error))
    try:
        asyncio.run(_serve(settings))
    except configs.ConfigError as error:
        sys.exit(f"the brain cannot be used:\n{error}")
    except CannotHear as error:
        sys.exit(f"the brain cannot be heard: {error}")
    except OSError as error:
        sys.exit(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}")


async def _serve(settings: ModelSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with Logger(settings.log, words=settings.log_words) as logger:
        async with serve(settings, logger) as server:
            logger.log(
                "model.listening",
                model=MODEL_NAME,
                host=settings.host,
                port=server.port,
                brain=server.brain.name,
            )
            await stop.wait()


# Recogniser processes import this module under another name; only the command runs it.
if __name__ == "__main__":
    app()
