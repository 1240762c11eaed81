"""Everything outside the company, on one machine: carrier and caller, S2S model, back office.

Real programs and real audio; what is stood in for says so. Never imported by `agent`.
"""

__all__: list[str] = []
