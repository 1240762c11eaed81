"""The worker that answers the phone: one call, its model session, its voice, its metrics.

Nothing imports this package; `rehearsal` and `evals` reach it only by phoning it.
"""

__all__: list[str] = []
