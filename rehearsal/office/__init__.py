"""The company's back office over HTTP, stood in for on one machine.

A real FastAPI service on a real SQLite file with invented, seeded data; a fork points
`FRONTDESK_OFFICE_URL` at its own API instead. It keeps what `tools` relies on: one bearer key, an
`Idempotency-Key` on every write, `/operations/{key}` to learn what became of one, and faults on
demand. Started as `python -m rehearsal.office`; nothing imports it but tests.
"""

from rehearsal.office.app import build
from rehearsal.office.settings import OfficeSettings

__all__ = ["OfficeSettings", "build"]
