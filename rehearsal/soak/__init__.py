"""Many short calls, and whether the record has each of them once: `make soak` (docs/soak.md)."""

from rehearsal.soak.show import show_soak

__all__ = ["show_soak"]
