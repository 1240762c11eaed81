"""A real PostgreSQL server of a test's own: a folder, a socket in it, and nobody else.

Debian's programs refuse to run as root, so root starts them as another user. Nothing listens on a
port, and the folder lets in whoever started it alone. It stands in the system's folder for such
things, since pytest's own lets no other user through.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from setup.system import postgres_programs

READY_TIMEOUT_S = 30.0
END_TIMEOUT_S = 20.0
USER = "frontdesk"
# Tests let the server crash and never the machine, and what was written outlives a process.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=100",
    "autovacuum=off",
    "listen_addresses=",
)


@dataclass
class Postgres:
    """A server that can be stopped, started and frozen."""

    folder: Path
    programs: Path
    _process: "subprocess.Popen[bytes] | None" = None
    _made: int = field(default=0, init=False)

    def url(self, name: str) -> str:
        """What FRONTDESK_RECORDS_URL says for the database `name`."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def made(self, on: Path | None = None) -> str:
        """The name of a new database, empty; `on` a disk of its own."""
        self._made += 1
        name = f"made_{self._made}"
        database, where = sql.Identifier(name), sql.Literal(str(on))
        if on is None:
            self.ask(sql.SQL("CREATE DATABASE {}").format(database))
        else:
            self.ask(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(database, where))
            self.ask(sql.SQL("CREATE DATABASE {} TABLESPACE {}").format(database, database))
        return name

    def dropped(self, name: str) -> None:
        """Have a database that was made on a disk of its own no more."""
        database = sql.Identifier(name)
        self.ask(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
        self.ask(sql.SQL("DROP TABLESPACE {}").format(database))

    def ask(self, statement: LiteralString | sql.Composed, name: str = "postgres") -> list[Any]:
        """The rows of a statement that is a transaction of its own."""
        with self.connected(name) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def connected(self, name: str = "postgres") -> Iterator["psycopg.Connection[Any]"]:
        """A connection besides those of the code that is tested."""
        where = f"host={self.folder} user={USER} dbname={name} connect_timeout=10"
        with psycopg.connect(where, autocommit=True) as connection:
            yield connection

    def start(self) -> None:
        """Have it serve; returns when it does."""
        options = [word for setting in SETTINGS for word in ("-c", setting)]
        command = [f"{self.programs}/postgres", "-D", f"{self.folder}/data", "-k", f"{self.folder}"]
        with (self.folder / "postgres.log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [*command, *options], stdout=log, stderr=log, cwd=self.folder, **_plain_user()
            )
        self._process = process
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._serves():
            if time.monotonic() > deadline or process.poll() is not None:
                pytest.fail((self.folder / "postgres.log").read_text()[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as a crash would: at once, with nothing written that was not before."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(END_TIMEOUT_S)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it say nothing, and keep every connection, while the block lasts."""
        assert self._process is not None
        others = "SELECT pid FROM pg_stat_activity WHERE pid != pg_backend_pid()"
        pids = [self._process.pid, *(pid for (pid,) in self.ask(others))]
        _signal(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(pids, signal.SIGCONT)

    def somebody_waits(self, name: str) -> bool:
        """Whether somebody waits for a lock in the database `name`, before long."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self.ask("SELECT 1 FROM pg_locks WHERE NOT granted", name):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _serves(self) -> bool:
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def serving() -> Iterator[Postgres]:
    """A new server."""
    programs = postgres_programs()
    if programs is None:
        pytest.fail("PostgreSQL is missing: run `make setup`")
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-postgres-"))
    server = Postgres(folder, programs)
    try:
        _make(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make(server: Postgres) -> None:
    plain_user = _plain_user()
    if plain_user:
        shutil.chown(server.folder, plain_user["user"], plain_user["group"])
    how = ["--username", USER, "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8"]
    made = subprocess.run(
        [server.programs / "initdb", "-D", server.folder / "data", *how],
        **plain_user,
        cwd=server.folder,
        capture_output=True,
        text=True,
        timeout=READY_TIMEOUT_S,
        check=False,
    )
    if made.returncode:
        pytest.fail(f"no PostgreSQL could be made:\n{made.stderr}")


def _plain_user() -> dict[str, Any]:
    """As whom to start the programs: root is refused; anybody else stays who they are."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    found = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        # A session may have ended in the meantime.
        with suppress(ProcessLookupError):
            os.kill(pid, number)
