"""Makes everything a call on this machine needs, from nothing, and does nothing the second time.

`make setup` comes here through `setup/run`, before any dependency is installed: only the standard
library may be imported, and nothing of frontdesk's own packages. Python rather than shell because
fingerprints, locks, progress and clear failures are most of the work, and mypy reads it.
"""

__all__: list[str] = []
