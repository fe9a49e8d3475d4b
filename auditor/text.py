"""Text from a database is hostile: what would steer a terminal or hide in a page is made visible."""

from __future__ import annotations

import unicodedata

_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def visible(text: str) -> str:
    """Spell out control, formatting and surrogate characters (newlines, escapes, bidirectional marks); keep the rest.

    A zero-width joiner stays: emoji are made with it.
    """
    if text.isprintable():
        return text
    return "".join(_spell(character) for character in text)


def _spell(character: str) -> str:
    if character in _NAMES:
        return _NAMES[character]
    if character == "\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quantity(value: float | None, unit: str = "") -> str:
    """Write a number as people read it: thousands apart, no digits that mean nothing; a dash for what is not known."""
    if value is None:
        return "–"
    number = f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:,.3g}"
    return f"{number} {unit}".rstrip()


def count(number: int, singular: str, plural: str = "") -> str:
    """Write how many of something there are: "1 step", "3 steps"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def percent(share: float) -> str:
    """Write a share of one in per cent, rounded down: nothing is complete until it is."""
    return f"{int(share * 100 + 1e-9)}%"


def share(part: float) -> str:
    """Write a measured share of one in per cent: a digit after the point below ten."""
    return f"{part:.1%}" if abs(part) < 0.1 else f"{part:.0%}"


def size(number: float | None) -> str:
    """Write bytes in binary units."""
    if number is None:
        return "–"
    value = float(number)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1024 or unit == "TiB":
            return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("unreachable")


def duration(seconds: float | None) -> str:
    """Write seconds as people read them."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    if seconds < 172800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
