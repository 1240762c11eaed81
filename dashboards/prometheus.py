"""A Prometheus: one that runs somewhere, asked over HTTP, or one of our own over an hour of blocks.

`dashboards.page` draws what it answers; tests ask it every query of every panel and rule.
"""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ANSWER_TIMEOUT_S = 30.0
READY_TIMEOUT_S = 30.0
BLOCKS_TIMEOUT_S = 60.0
END_TIMEOUT_S = 10.0
LOOK_EVERY_S = 0.02
BLOCKS_FROM = ("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet")
# What is simulated may be older than the 15 days that Prometheus keeps by default.
KEEPS = "100y"


class NoPrometheus(Exception):
    """No answer could be had; the message says from where, why, and what to do."""


@dataclass(frozen=True)
class Line:
    """One series of an answer: its labels, and values at Unix times. An instant has one."""

    labels: Mapping[str, str]
    at: Sequence[float]
    values: Sequence[float]


class Prometheus:
    """The HTTP API of one server."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client(base_url=self._url, timeout=ANSWER_TIMEOUT_S, trust_env=False)

    def now(self, expr: str, at: float | None = None) -> list[Line]:
        """What an expression is at one time; None: as the server has it at this moment.

        Raises:
            NoPrometheus: it cannot be reached, or the expression is wrong.
        """
        moment = {} if at is None else {"time": f"{at:.3f}"}
        found = self._ask("query", {"query": expr} | moment)["result"]
        return [Line(one["metric"], *_columns([one["value"]])) for one in found]

    def over(self, expr: str, *, begins: float, ends: float, step_s: float) -> list[Line]:
        """What an expression was from `begins` to `ends`, each `step_s`.

        Raises:
            NoPrometheus: it cannot be reached, or the expression is wrong.
        """
        span = {"start": f"{begins:.3f}", "end": f"{ends:.3f}", "step": f"{step_s:g}"}
        found = self._ask("query_range", {"query": expr} | span)["result"]
        return [Line(one["metric"], *_columns(one["values"])) for one in found]

    def rules(self) -> list[dict[str, Any]]:
        """Every rule it has loaded, with its health and when it was evaluated last."""
        return [rule for group in self._ask("rules", {})["groups"] for rule in group["rules"]]

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _ask(self, what: str, asked: Mapping[str, str]) -> Any:
        try:
            answer = self._http.get(f"/api/v1/{what}", params=dict(asked))
            told = answer.json()
        except (httpx.HTTPError, ValueError) as reason:
            raise NoPrometheus(
                f"no answer from Prometheus at {self._url} ({type(reason).__name__}):"
                " check PROMETHEUS= and that it is reachable from here"
            ) from reason
        if told.get("status") != "success":
            raise NoPrometheus(f"{self._url}: {told.get('error')}: {asked.get('query', what)}")
        return told["data"]


def _columns(pairs: Sequence[tuple[float, str]]) -> tuple[list[float], list[float]]:
    return [at for at, _ in pairs], [float(value) for _, value in pairs]


def blocks(openmetrics: Path, into: Path) -> None:
    """Make blocks of a Prometheus from a file of samples with times.

    Raises:
        NoPrometheus: promtool is missing or refuses the file.
    """
    command = [*BLOCKS_FROM, str(openmetrics), str(into)]
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, timeout=BLOCKS_TIMEOUT_S, check=False
        )
    except FileNotFoundError as reason:
        raise NoPrometheus("promtool is missing: run `make setup`") from reason
    if made.returncode:
        raise NoPrometheus(f"promtool refuses {openmetrics}:\n{made.stderr}")


@contextmanager
def serving(data: Path, rules: Sequence[Path] = ()) -> Iterator[Prometheus]:
    """A Prometheus of our own over `data`, on loopback, with `rules` evaluated each second.

    Raises:
        NoPrometheus: it is missing or does not start; the message ends with its log.
    """
    with tempfile.TemporaryDirectory(prefix="frontdesk-prometheus-") as folder:
        configuration, log = Path(folder) / "prometheus.yml", Path(folder) / "log"
        names = "".join(f"  - {file.resolve()}\n" for file in rules)
        loaded = f"rule_files:\n{names}" if names else ""
        configuration.write_text(f"global:\n  evaluation_interval: 1s\n{loaded}", encoding="utf-8")
        with log.open("wb") as written:
            process = _started(configuration, data, written.fileno())
        try:
            with closing(Prometheus(_address(process, log))) as prometheus:
                yield prometheus
        finally:
            process.terminate()
            try:
                process.wait(END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _started(configuration: Path, data: Path, log: int) -> "subprocess.Popen[bytes]":
    options = {
        "config.file": configuration,
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": KEEPS,
        # The system gives it a free port, and its log says which.
        "web.listen-address": "127.0.0.1:0",
    }
    command = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
    try:
        return subprocess.Popen(command, stdout=log, stderr=log)
    except FileNotFoundError as reason:
        raise NoPrometheus("prometheus is missing: run `make setup`") from reason


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Where it listens, once it is ready."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while True:
        told = log.read_text(encoding="utf-8", errors="replace")
        listening = re.search(r"(127\.0\.0\.1:[1-9]\d*)", told)
        if listening and "Server is ready to receive web requests" in told:
            return f"http://{listening[1]}"
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoPrometheus(f"Prometheus does not start:\n{told[-2000:]}")
        time.sleep(LOOK_EVERY_S)
