"""Judging calls: scenarios, scorers and the regression gate reach the worker only by phoning it."""

__all__: list[str] = []
