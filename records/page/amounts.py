"""Money, amounts and waits as the page of a call writes them out. Pure."""


def money(micro: int) -> str:
    """Millionths written out: `0.003412`, exact."""
    whole, rest = divmod(abs(micro), 1_000_000)
    return f"{'-' if micro < 0 else ''}{whole}.{rest:06}"


def quantity(number: float) -> str:
    """An amount without a tail of zeros: `1,204`, `0.35`."""
    return f"{number:,.4f}".rstrip("0").rstrip(".")


def wait_of(ms: int) -> str:
    """A wait as people say it: `480 ms`, `1.24 s`."""
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.2f} s"
