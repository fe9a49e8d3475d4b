"""Add up what documents have at each path: in bounded memory, and of values only hashes that nobody can read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from zlib import crc32

from auditor_connectors.mongodb.sampling import forms
from auditor_connectors.mongodb.sampling.elements import (
    ARRAY,
    BINARY,
    BOOL,
    DATE,
    DOUBLE,
    INT,
    LONG,
    NULL,
    OBJECT,
    OBJECT_ID,
    STRING,
    SYMBOL,
    elements,
    number,
)

ANY = b"*"
"""The name that stands for all names that are data."""

ELEMENTS = 20
"""How many elements of an array are looked into; all are counted."""

PATHS = 5_000
"""How many different paths of one collection are told apart; what else there is counts as ``*`` of its parent."""

KEYS = 100
"""How many different values of a field that may be the key of another collection are kept until they were looked up."""

_HASHES = 5_000
_KEY_KINDS = frozenset({STRING, BINARY, OBJECT_ID, INT, LONG})
_LONGEST_KEY = 64
_MANY = 40
"""Different names, each of them rare, from which on the names of a document's fields are taken for data."""
_RARE = 0.1
_SINGLE = 8
"""Different names inside objects, each of them found once, from which on they are taken for data."""

_MOST = 0.8
"""The share of the names that must be rare, and the share of these that must hold the same kind of value."""

_DEGREES = 180.0


def chosen(keys: Mapping[int, tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Of different values ``KEYS`` that do not depend on where they were found: those of the smallest checksums."""
    return [key for _, key in sorted(keys.items())[:KEYS]]


class Node:
    """What was found at a path. ``documents`` has a bit for each document that has it, in the order of their reading.

    ``around`` counts the objects that could have it. ``names`` are hashes of the names that ``*`` stands for,
    ``hashes`` those of values, ``folded`` those of texts without capitals and blanks around them. ``lengths`` of arrays
    and the hashes in ``values`` (of fields at the top) come with the number of the document.
    """

    __slots__ = (
        "around", "array_bytes", "bytes", "children", "count", "documents", "element", "folded", "forms", "hashes",
        "keys", "kinds", "largest", "lengths", "longest", "name", "names", "nested", "subtypes", "text_bytes", "values",
    )  # fmt: skip

    def __init__(self, name: bytes, *, nested: bool = False) -> None:
        self.name = name
        self.nested = nested
        """Whether it is part of an array's elements, or of a map: then objects are counted, not documents."""
        self.count = 0
        self.around = 0
        self.documents = 0
        self.kinds: Counter[int] = Counter()
        self.bytes = self.largest = self.text_bytes = self.longest = self.array_bytes = 0
        self.hashes: Counter[int] = Counter()
        self.folded: set[int] = set()
        self.forms: Counter[str] = Counter()
        self.subtypes: Counter[int] = Counter()
        self.lengths: list[tuple[int, int]] = []
        self.values: dict[int, int] = {}
        self.keys: dict[int, tuple[int, bytes]] = {}
        self.names: set[int] = set()
        self.children: dict[bytes, Node] = {}
        self.element: Node | None = None

    def merge(self, other: Node) -> None:
        """Add what was found at another path that is the same one but for a name."""
        self.count += other.count
        self.documents |= other.documents
        for mine, theirs in ((self.kinds, other.kinds), (self.hashes, other.hashes), (self.forms, other.forms),
                             (self.subtypes, other.subtypes)):  # fmt: skip
            mine.update(theirs)  # type: ignore[arg-type]
        self.bytes += other.bytes
        self.text_bytes += other.text_bytes
        self.array_bytes += other.array_bytes
        self.largest, self.longest = max(self.largest, other.largest), max(self.longest, other.longest)
        self.folded |= other.folded
        self.lengths += other.lengths
        self.keys |= other.keys
        self.names |= other.names
        for name, child in other.children.items():
            self.children.setdefault(name, Node(name, nested=True)).merge(child)
        if other.element is not None:
            self.element = self.element or Node(b"", nested=True)
            self.element.merge(other.element)


class Tally:
    """The paths of a collection's sampled documents."""

    def __init__(self) -> None:
        self.root = Node(b"")
        self.documents = 0
        self.sizes: list[int] = []
        self.name_bytes = 0
        self.depth = 0
        self.paths = 0
        self.values = 0

    def add(self, document: bytes) -> None:
        """Add a document.

        Raises:
            ValueError: it has a type that is not known.

        """
        self.root.kinds[OBJECT] += 1
        self._object(self.root, document, 0, 1)
        self.documents += 1
        self.sizes.append(len(document))

    def _object(self, node: Node, data: bytes, start: int, depth: int) -> None:
        self.depth = max(self.depth, depth)
        for kind, name, begin, end in elements(data, start):
            self.name_bytes += len(name)
            child = node.children.get(name) or self._child(node, name)
            if child.name == ANY:
                child.names.add(hash(name))
            self._value(child, kind, data, begin, end, depth)

    def _child(self, node: Node, name: bytes) -> Node:
        if self.paths >= PATHS or forms.is_data(name.decode(errors="replace")):
            name = ANY
        if name not in node.children:
            self.paths += 1
            node.children[name] = Node(name, nested=node.nested or name == ANY)
        return node.children[name]

    def _value(  # noqa: PLR0917 -- where the value is, and where it lies
        self, node: Node, kind: int, data: bytes, begin: int, end: int, depth: int
    ) -> None:
        self.values += 1
        node.count += 1
        node.documents |= 1 << self.documents
        node.kinds[kind] += 1
        size = end - begin
        node.bytes += size
        node.largest = max(node.largest, size)
        if kind == OBJECT:
            _note(node, hash(data[begin:end]))
            self._object(node, data, begin, depth + 1)
        elif kind == ARRAY:
            self._array(node, data, begin, depth + 1)
            node.array_bytes += size
        elif kind in (STRING, SYMBOL):
            self._text(node, data[begin + 4 : end - 1], depth)
        elif kind == BINARY:
            subtype = data[begin + 4]
            node.subtypes[subtype] += 1
            node.longest = max(node.longest, size - 5)
            _note(node, hash(data[begin:end]))
        elif kind in number or kind in (BOOL, OBJECT_ID):
            mark = hash(data[begin:end])
            _note(node, mark)
            if depth == 1 and kind != OBJECT_ID:
                node.values[self.documents] = mark
            if kind in number and kind != DATE:
                node.forms[forms.form_of_number(number[kind](data, begin)[0])] += 1
        if kind in _KEY_KINDS and size <= _LONGEST_KEY:
            node.keys[crc32(data[begin:end])] = (kind, data[begin:end])
            if len(node.keys) > 4 * KEYS:
                node.keys = dict(sorted(node.keys.items())[:KEYS])

    def _text(self, node: Node, raw: bytes, depth: int) -> None:
        node.text_bytes += len(raw)
        node.longest = max(node.longest, len(raw))
        mark = hash(raw)
        _note(node, mark)
        if len(raw) <= forms.LONGEST:
            if depth == 1:
                node.values[self.documents] = mark
            if len(node.folded) < _HASHES:
                node.folded.add(hash(raw.decode(errors="replace").strip().casefold()))
        node.forms[forms.form_of_text(raw)] += 1

    def _array(self, node: Node, data: bytes, begin: int, depth: int) -> None:
        self.depth = max(self.depth, depth)
        if node.element is None:
            node.element = Node(b"", nested=True)
        length, pair = 0, []
        for kind, _, start, end in elements(data, begin):
            if length < ELEMENTS:
                self._value(node.element, kind, data, start, end, depth)
            if length < 2 and kind in (DOUBLE, INT, LONG):
                pair.append(number[kind](data, start)[0])
            length += 1
        node.lengths.append((self.documents, length))
        if length == 2 and len(pair) == 2 and all(abs(one) <= _DEGREES for one in pair):
            node.forms["coordinates"] += 1

    def close(self) -> None:
        """Fold names that are data into one, and tell each path how many objects could have it."""
        _close(self.root, root=True)


def _fold(node: Node, children: Iterable[Node]) -> None:
    """Make one of children whose names are data."""
    target = node.children.setdefault(ANY, Node(ANY, nested=True))
    for child in children:
        if not forms.is_code(child.name.decode(errors="replace")):
            target.names.add(hash(child.name))
        target.merge(node.children.pop(child.name))


def _note(node: Node, mark: int) -> None:
    if mark in node.hashes or len(node.hashes) < _HASHES:
        node.hashes[mark] += 1


def _close(node: Node, *, root: bool = False) -> None:
    around = node.kinds[OBJECT]
    named = [child for name, child in node.children.items() if name != ANY]
    rare = [child for child in named if child.count <= _RARE * around]
    once = [child for child in named if child.count == 1 < around]
    for names, least in ((rare, _MANY), (once, _MANY if root else _SINGLE)):
        alike = Counter(frozenset(child.kinds) - {NULL} for child in names)
        if len(names) >= least and alike.most_common(1)[0][1] >= _MOST * len(names) >= _MOST * _MOST * len(named):
            _fold(node, names)
            break
    for name, child in node.children.items():
        child.around = child.count if name == ANY else around
        _close(child)
    if node.element is not None:
        node.element.around = node.element.count
        _close(node.element)
