"""The pattern miner: names of keys in, patterns of names out, the same whatever the order of the names.

A part of a name is a value by its form (numbers, identifiers, dates: ``tokens``), or because where it stands nearly
every name has another word. Values are written ``{id}``. Where it is not sure, a word becomes a value: a pattern that
says too little does no harm, a person's name in a report does.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct

from auditor.model.keyspace import Kind
from auditor_connectors.redis.sampling.tokens import HARD, JAVA, Token, tokens
from auditor_connectors.redis.sampling.words import BROKEN, NAMED, ORDINARY

MANY_WORDS = 50
"""With more words than this at one place, and more than one for ten keys, they are values; and so they are with more
than this that no program is known to write."""
_SOME_WORDS = 12
"""With so many words that no program is known to write, and more than one for five keys, they are values."""
_SINGLES = 3
"""So many words of one key each are values; at the beginning of names it takes more."""
_SINGLES_FIRST = 9
_CLEAR = 20
"""How many keys a word must have, and how many times the median of its siblings, to stand for itself among values."""
_CLEAR_TIMES = 4
_REMEMBERED = 200_000
"""How many forms of names are remembered with their patterns."""


class Pattern(Struct, frozen=True, order=True):
    """A pattern as it is shown, the glob that finds its keys, and what its values look like."""

    name: str
    match: str
    parts: tuple[Kind, ...] = ()


class _Place:
    """What may follow at a place in names: words that stand for themselves, and values."""

    __slots__ = ("values", "words")

    def __init__(self) -> None:
        self.words: dict[tuple[str, str, str], _Place] = {}
        self.values: dict[str, _Place] = {}


_Shape = tuple[Token, ...]
_Shapes = list[tuple[_Shape, int]]


class Patterns:
    """What was learnt from names: ``of`` gives a name its pattern, also one that was not among them.

    From no names nothing is learnt: then only those words stay that programs are known to write.
    """

    def __init__(self, names: Iterable[bytes]) -> None:
        counted = Counter(map(tokens, names))
        self._root = _learnt(sorted(counted.items(), key=_order), 0, ()) if counted else None
        self._known: dict[_Shape, Pattern] = {}
        first = {(*shape[0][:2], _next(shape, 0)) for shape in counted if shape and shape[0].word}
        self.first_varies = self._root is not None and not first <= self._root.words.keys()
        """Whether words at the beginning of names are values, those of people perhaps."""

    def of(self, name: bytes) -> Pattern:
        """The pattern of a name. A word that was not seen at its place becomes a value there."""
        shape = tokens(name)
        found = self._known.get(shape)
        if found is None:
            found = self._shown(shape)
            if len(self._known) < _REMEMBERED:
                self._known[shape] = found
        return found

    def _shown(self, shape: _Shape) -> Pattern:
        place: _Place | None = self._root
        parts: list[Token] = []
        for number, token in enumerate(shape):
            if _is_end(token):
                parts.append(token)
                break
            following = None
            if place is not None and token.word:
                following = place.words.get((token.before, token.word, _next(shape, number)))
            if following is not None or token.word in BROKEN or (place is None and token.word.lower() in ORDINARY):
                parts.append(token)
            else:
                following = place.values.get(token.before) if place is not None else None
                _add_value(parts, Token(token.before, "", token.kind or "text"))
            place = following
        return _written(parts)


def _order(counted: tuple[_Shape, int]) -> list[tuple[str, str, str]]:
    return [(token.before, token.word, token.kind or "") for token in counted[0]]


def _is_end(token: Token) -> bool:
    return not token.word and token.kind is None


def _add_value(parts: list[Token], value: Token) -> None:
    """Add a value; with one before it, if no separator of segments stands between them, it is one value."""
    if parts and parts[-1].kind is not None and not set(value.before) & {*HARD, "{", "}"}:
        last = parts[-1]
        kind: Kind | None = last.kind if last.kind == value.kind else "token" if value.before == "" else "text"
        parts[-1] = Token(last.before, "", kind)
    else:
        parts.append(value)


def _written(parts: Sequence[Token]) -> Pattern:
    name, match, kinds = "", "", []
    for token in parts:
        name += _escaped(token.before)
        match += _globbed(token.before)
        if token.kind is not None:
            name, match = name + "{id}", match + "*"
            kinds.append(token.kind)
        else:
            name, match = name + _escaped(token.word), match + _globbed(token.word)
    return Pattern(name, match, tuple(kinds))


def _escaped(text: str) -> str:
    """A text without signs that are not seen or that change how others are shown."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign)[0] in "CZ" and sign != " " else sign
        for sign in text
    )


def _globbed(text: str) -> str:
    """A text as it stands in a glob; what cannot be written there is any character."""
    text = text.replace(JAVA, "\n")
    return "".join(
        "\\" + sign if sign in "*?[]^\\" else sign if sign.isprintable() else "*" for sign in text
    )  # fmt: skip


# --- learning ---------------------------------------------------------------------------------------------------------


def _learnt(shapes: _Shapes, depth: int, before: Sequence[str]) -> _Place:
    """Learn what may stand at a place of all these names; ``before`` are the words that led to it, "" for a value."""
    place = _Place()
    words: dict[tuple[str, str], dict[str, _Shapes]] = defaultdict(lambda: defaultdict(list))
    values: dict[str, _Shapes] = defaultdict(list)
    for shape, count in shapes:
        if depth < len(shape) and not _is_end(token := shape[depth]):
            if token.word:
                words[token.before, _next(shape, depth)][token.word].append((shape, count))
            else:
                values[token.before].append((shape, count))
    formed = {separator: sum(count for _, count in found) for separator, found in values.items()}
    for (separator, following), here in sorted(words.items()):
        varying = _varying(here, formed.get(separator, 0), separator, before)
        for word in sorted(here):
            if word in varying:
                values[separator] += here[word]
            else:
                place.words[separator, word, following] = _learnt(here[word], depth + 1, (*before, word))
    for separator, found in sorted(values.items()):
        place.values[separator] = _learnt(found, depth + 1, (*before, ""))
    return place


def _next(shape: _Shape, depth: int) -> str:
    """What stands behind a part: the first sign, "0" where a number follows at once, "" at the end."""
    return (shape[depth + 1].before[:1] or "0") if depth + 1 < len(shape) else ""


def _varying(here: dict[str, _Shapes], values: int, separator: str, before: Sequence[str]) -> set[str]:
    """Which words of a place are values. ``values`` is how many keys have there what is one by its form."""
    keys = {word: sum(count for _, count in shapes) for word, shapes in here.items() if word not in BROKEN}
    if not keys:
        return set()
    total, usual = sum(keys.values()), median(keys.values())
    clear = {word for word, count in keys.items() if count >= _CLEAR and count >= _CLEAR_TIMES * usual}
    behind_value = bool(before) and not before[-1] and not set(separator) & set(HARD)
    unknown = {word: count for word, count in keys.items() if word.lower() not in ORDINARY}
    if len(unknown) > MANY_WORDS or (len(keys) > MANY_WORDS and 10 * len(keys) > total):
        kept = clear | (set() if before else keys.keys() - unknown.keys())
        return set(keys) - (kept - unknown.keys() if behind_value else kept)
    if before and before[-1].lower() in NAMED:
        return set(unknown)
    if len(unknown) >= _SOME_WORDS and 5 * len(unknown) > sum(unknown.values()):
        return set(unknown) - clear
    single = {word for word, count in unknown.items() if count == 1}
    enough = _SINGLES if before else _SINGLES_FIRST
    if len(single) >= enough or (single and (values > total or behind_value)):
        return single
    return set()
