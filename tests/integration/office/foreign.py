"""An API that is not ours behind real HTTP: it says no in its own words, without a `code`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

ROBIN = {"customer_number": "20417", "name": "Robin Ellis"}
TICKET = {
    "id": "431502",
    "customer_id": 20417,
    "status": "open",
    "subject": "A leak",
    "created": "2026-11-23T18:00:00Z",
}


@dataclass(frozen=True)
class Foreign:
    """Where it answers."""

    url: str


def _answers(no: int) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/customers": {"customers": [ROBIN]}, "/tickets/431502": TICKET}
            path = self.path.partition("?")[0]
            missing = no if path == "/tickets" else 404
            self._send(200 if path in known else missing, known.get(path))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            verifies = self.path == "/customers/verify"
            proof = {"verified": True, "customer": ROBIN}
            self._send(200 if verifies else no, proof if verifies else None)

        def _send(self, status: int, body: Any) -> None:
            raw = json.dumps(body or {"error": "RecordNotFound"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    return Answers


@contextmanager
def foreign(no: int = 422) -> Iterator[Foreign]:
    """The API on a free port, which knows one ticket and answers `no` to what is not about it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _answers(no)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Foreign(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
