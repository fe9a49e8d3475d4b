"""The parts of a key's name: what stands between them, words, and what by its form is a value."""

from __future__ import annotations

import re
from typing import NamedTuple

from auditor.model.keyspace import Kind

HARD = ":/|#"
"""Separators that part a name into segments; all others part a segment into words."""
LONGEST = 24
"""How many parts of a name are told apart; what follows counts as one."""
_CONSIDERED = 400
"""How many bytes of a name are read."""


class Token(NamedTuple):
    """A part of a name: what stands before it, the word itself or "" where it is a value, and what value that is.

    The last may be neither: what stands behind all parts.
    """

    before: str
    word: str
    kind: Kind | None = None


JAVA = r"\xac\xed\x00\x05t\x00"
"""How a name is shown that Java wrote as an object instead of as a text; the length of the text is left out."""
_JAVA = re.compile(rb"\xac\xed\x00\x05t\x00.", re.DOTALL)
_BINARY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_WORD = r"[^\x00-\x20!-/:-@\[-`{-~]"  # neither ASCII punctuation nor space
_END = rf"(?!{_WORD})"
_HEX4 = "[0-9a-fA-F]{4}"
_PLAIN = (
    rf"(?P<uuid>[0-9a-fA-F]{{8}}-{_HEX4}-{_HEX4}-{_HEX4}-[0-9a-fA-F]{{12}}{_END})",
    rf"(?P<address>(?:\d{{1,3}}\.){{3}}\d{{1,3}}{_END})",
    r"(?P<date>(?:19|20)\d\d(?P<s>[-_./])(?:0[1-9]|1[0-2])"
    r"(?:(?P=s)(?:[0-2]\d|3[01])(?:[T_ ]\d\d:?\d\d(?::?\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?" + _END +
    rf"|(?:19|20)\d\d-?(?:W[0-5]\d|Q[1-4]){_END}"
    rf"|20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T?\d\d(?:\d\d(?:\d\d)?)?Z?)?{_END})",
    rf"(?P<number>\d+{_END})",
    rf"(?P<stem>[^\W\d_]+)(?P<digits>\d+){_END}",
    rf"(?P<word>{_WORD}+)",
    r"(?P<rest>.)",
)  # fmt: skip
_IN_EMAIL = r"[^\s:/|#{}<>,;()\[\]\"'=&?@]+"
_EMAIL = rf"(?P<email>{_IN_EMAIL}(?:@|%40){_IN_EMAIL})"
_HEX1_4 = "[0-9a-fA-F]{1,4}"
_IPV6 = rf"(?P<ipv6>(?:(?:{_HEX1_4}:){{7}}{_HEX1_4}|(?:{_HEX1_4}:){{1,6}}(?::{_HEX1_4}){{1,6}}){_END}(?!:{_HEX1_4}:))"
_SCAN = re.compile("|".join(_PLAIN), re.DOTALL)
_SCAN_ALL = re.compile("|".join((_EMAIL, _IPV6, *_PLAIN)), re.DOTALL)

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{15,}(?![A-Za-z0-9_-])")
_WRITTEN = re.compile(r"(?:(?:(?:[A-Z]?[a-z]{2,}+|[A-Z]{2,}+)++\d*|[A-Za-z]\d*|\d+[A-Za-z]{0,3})(?:[_-]++|$))++")
"""What people and programs write: words, words with a number at the end, numbers with a unit, in any case."""
_HEX = re.compile(r"(?=.*\d)(?:[0-9a-f]{8,}|[0-9A-F]{8,})")
_PLAIN_WORD = re.compile(r"[a-z]{3,}\d*$")
_UUID = re.compile(rf"[0-9a-fA-F]{{8}}(?:-{_HEX4}){{3}}-[0-9a-fA-F]{{12}}")
_BEHIND = re.compile(rf"(?<=[{HARD}])[-_]+$")
_VERSION = re.compile(r"v\d{1,2}")
_LONG_WORD = 40


def tokens(name: bytes) -> tuple[Token, ...]:
    """Take a name apart. Bytes that are no text, and what follows them, are one value."""
    before, name = "", name[:_CONSIDERED]
    if _JAVA.match(name):
        before, name = JAVA, name[7:]
    text = name.decode("utf-8", "surrogateescape")
    wrong = _BINARY.search(text)
    if wrong is None:
        return tuple(_parts(text, before))
    start = max(text.rfind(sign, 0, wrong.start()) for sign in HARD) + 1
    found = _parts(text[:start], before)
    last = found.pop().before if found and _is_tail(found[-1]) else "" if found else before
    return (*found[: LONGEST - 1], Token(last, "", "token"))


def _is_tail(token: Token) -> bool:
    return not token.word and token.kind is None


def _parts(text: str, before: str) -> list[Token]:
    found: list[Token] = []
    match = (_SCAN_ALL if "@" in text or "%40" in text or "::" in text or text.count(":") > 6 else _SCAN).match
    place, looked = 0, 0
    while place < len(text):
        part = match(text, place)
        assert part is not None  # noqa: S101 -- the last alternative is any character
        kind, end = part.lastgroup, part.end()
        if kind == "rest":
            before += part[0]
            place = end
            continue
        if len(found) == LONGEST:
            found[-1] = Token(found[-1].before, "", "text")
            return found
        if kind in ("word", "digits", "number") and place >= looked and not _PLAIN_WORD.match(part[0]):
            run = _RUN.match(text, place)
            if run is not None and not _WRITTEN.fullmatch(run[0]) and not _UUID.search(run[0]):
                before = _BEHIND.sub("", before)
                found.append(Token(before, "", "hash" if _HEX.fullmatch(run[0]) else "token"))
                before, place = "", run.end()
                continue
            looked = place if run is None else run.end()
        if kind == "number" and not found and before == ":" and end - place <= 2:  # the version in names of Django
            kind = "word"
        if kind == "word":
            found.append(_worded(part[0], before))
        elif kind == "digits":
            found += _numbered(part[0], part["stem"], before)
        else:
            found.append(Token(before, "", "address" if kind == "ipv6" else kind))  # type: ignore[arg-type]
        before, place = "", end
    if before:
        found.append(Token(before, ""))
    return found


def _worded(word: str, before: str) -> Token:
    """A word, or a value that looks like one."""
    if _HEX.fullmatch(word):
        return Token(before, "", "hash")
    if len(word) > _LONG_WORD:
        return Token(before, "", "text")
    digits = sum(sign.isdigit() for sign in word)
    mixed = (digits >= 2 and len(word) >= 6) or (len(word) >= 12 and word.isascii())
    return Token(before, "", "token") if mixed and not _WRITTEN.fullmatch(word) else Token(before, word)


def _numbered(word: str, stem: str, before: str) -> list[Token]:
    """A word that ends in a number, as the two."""
    if _HEX.fullmatch(word):
        return [Token(before, "", "hash")]
    if _VERSION.fullmatch(word):
        return [Token(before, word)]
    return [_worded(stem, before), Token("", "", "number")]
