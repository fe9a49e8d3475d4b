"""What a text or number looks like: the name of its form, never the value."""

from __future__ import annotations

import re
from collections.abc import Callable

OTHER = "other"
LONGEST = 512
"""Bytes of the longest text whose form is looked for; what is longer is at most base64 or a document as text."""

_WORD = r"[\w-]{1,40}"


def _matches(pattern: str, flags: re.RegexFlag = re.ASCII) -> Callable[[str], bool]:
    match = re.compile(pattern, flags).fullmatch
    return lambda text: match(text) is not None


def _is_card(text: str) -> bool:
    """Whether the digits are those of a payment card: their length, their first digit, and Luhn's checksum.

    https://www.iso.org/standard/70484.html
    """
    if not _CARD(text):
        return False
    digits = [int(character) for character in reversed(text) if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """Whether it is an international bank account number by its checksum: https://www.iso.org/standard/81090.html."""
    joined = text.replace(" ", "")
    if not _IBAN(joined):
        return False
    return int("".join(str(int(character, 36)) for character in joined[4:] + joined[:4])) % 97 == 1


_CARD = _matches(r"[3-6]\d{3}([ -]?\d){9,15}")
_IBAN = _matches(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_HASH = _matches(
    r"\$(2[abxy]?|argon2[a-z]*|5|6|scrypt|pbkdf2[a-z0-9-]*)\$.+|pbkdf2_\w+\$.+"
    r"|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128}"
)

# The first that fits counts. The plain ones are those that the statistics of relational engines know, too.
_FORMS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("uuid", _matches(r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")),
    ("object-id", _matches(r"[0-9a-f]{24}")),
    ("card", _is_card),
    ("integer", _matches(r"-?(0|[1-9]\d{0,17})")),
    ("decimal", _matches(r"-?((0|[1-9]\d*)\.\d+|\d+,\d{2}|\d{1,3}(,\d{3})+)")),
    ("date", _matches(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1(\d{2}){1,2}")),
    (
        "timestamp",
        _matches(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)? ?(Z|[+-]\d{2}:?(\d{2})?)?"),
    ),
    ("social-security", _matches(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")),
    ("inet", _matches(r"\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?|([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}")),
    ("phone", _matches(r"(\+\d{1,3}[ .-]?|\()[\d ().-]{6,18}\d")),
    ("iban", _is_iban),
    ("boolean", _matches(r"true|false|yes|no|y|n|t|f|on|off", re.ASCII | re.IGNORECASE)),
    ("json", lambda text: (text[0], text[-1]) in (("{", "}"), ("[", "]"))),
    ("url", _matches(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")),
    ("email", _matches(r"[^@\s,;|<>]+@[^@\s,;|<>]+\.[A-Za-z]{2,}")),
    ("hash", _HASH),
    ("jwt", _matches(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*")),
    ("delimited", _matches("|".join(rf"{mark}?{_WORD}(({mark}{_WORD})+{mark}?|({mark} {_WORD}){{2,}})"
                                    for mark in (",", ";", r"\|")))),
)  # fmt: skip
_BASE64 = re.compile(rb"(data:[\w/+.-]+;base64,)?[A-Za-z0-9+/\r\n]+={0,2}")

_FIRST, _LAST = 946_684_800, 4_102_444_800
"""The seconds of 2000-01-01 and 2100-01-01: numbers between them may be moments."""


def form_of_text(raw: bytes) -> str:
    """Name the form of a text; ``other`` where it has none, or is empty."""
    if len(raw) > LONGEST:
        return "base64" if _BASE64.fullmatch(raw) else OTHER
    text = raw.decode(errors="replace")
    return next((name for name, fits in _FORMS if fits(text)), OTHER) if text.strip() else OTHER


def form_of_number(value: float) -> str:
    """Name the form of a number: "zero-one", "epoch-seconds", "epoch-milliseconds", "whole" or ``other``.

    The seconds and milliseconds are those since 1970 of the years from 2000 to 2099.
    """
    if value in (0, 1):
        return "zero-one"
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):  # noqa: PLR0124 -- not a number
        return OTHER
    if _FIRST <= value < _LAST:
        return "epoch-seconds"
    return "epoch-milliseconds" if _FIRST * 1000 <= value < _LAST * 1000 else "whole"


_DATA = re.compile(
    r"\d[\d.:/_ T+-]*Z?"  # numbers, dates, moments, addresses
    r"|[0-9A-Fa-f]{24}|[0-9A-Fa-f]{32,128}|[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    r"|.*@.*|[a-z][a-z0-9+.-]*://.*|.{65,}",
    re.ASCII | re.DOTALL,
)


_CODE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?", re.ASCII)


def is_code(name: str) -> bool:
    """Whether the name of a field looks like the code of a language or country: such a map has an end."""
    return _CODE.fullmatch(name) is not None


def is_data(name: str) -> bool:
    """Whether the name of a field is itself a value: a number, a date, an id, an address, or a whole text."""
    return _DATA.fullmatch(name) is not None
