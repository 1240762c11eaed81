"""Every setting of the rehearsal's stack, read from the environment once; `docs/settings.md` lists
each. The parts it starts get settings of their own from `rehearsal.stack.parts`, never from the
shell it was started in, so a developer's keys do not slip into a rehearsal.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPO = Path(__file__).resolve().parent.parent


class StackSettings(BaseSettings):
    """Which programs the stack runs and how long it waits; variables begin FRONTDESK_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_", use_attribute_docstrings=True, extra="ignore"
    )

    livekit_server: Path | None = None
    """livekit-server to run. None: the one on PATH, else the one `make setup` built."""

    livekit_sip: Path | None = None
    """livekit-sip to run. None: the one on PATH, else the one `make setup` built."""

    redis_server: Path | None = None
    """redis-server to run. None: the one on PATH."""

    rehearsal_profiles: Path = REPO / "rehearsal" / "profiles"
    """Folder of the profiles that are rehearsed: yours, to hear them before your callers do. The
    numbers in them can be dialled."""

    run_folder: Path = REPO / ".run"
    """Folder that gets one folder per stack: configuration, logs, calls, the office's database. The
    newest 20 are kept."""

    start_timeout_s: float = Field(default=60.0, gt=0)
    """Seconds a part may take from its start until it is ready, on a busy machine."""

    stop_grace_s: float = Field(default=5.0, gt=0)
    """Seconds a part may take from SIGTERM to its end before it is killed."""
