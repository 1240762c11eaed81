"""Argument forms that several areas share: digits however a model writes them."""


def plain_digits(value: object) -> object:
    """Numbers and digits with spaces, dashes or "#" as bare digits; anything else unchanged."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return str(value)
    if isinstance(value, str) and len(value) <= 40:
        return "".join(char for char in value if char not in " -#,.")
    return value
