"""What reads and writes a value in two places while a key of a document gives way to a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.exporting.orm.changes import Doubled
from auditor.exporting.orm.engine import ColumnClass, Orm
from auditor.exporting.orm.modelling import Model
from auditor.exporting.orm.names import attribute

_READS = '''\
def read_key(document: Any, keys: Sequence[str], reads: Callable[[str], Any]) -> Any:
    """Read a key of a document as the column has it: None where it is not there, or does not fit."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    if document is None:
        return None
    try:
        return reads(document if isinstance(document, str) else json.dumps(document))
    except (ValueError, ArithmeticError):
        return None
'''
_WRITES = '''\
def with_key(document: Any, keys: Sequence[str], value: Any) -> Any:
    """Make a document like another one in which a key has a value; None takes it out. Only objects have keys."""
    first, *rest = keys
    if not isinstance(document, dict):
        return document if document is not None or value is None else with_key({}, keys, value)
    if value is None and first not in document:
        return document
    if rest:
        return {**document, first: with_key(document.get(first), rest, value)}
    return {**document, first: value} if value is not None else {k: v for k, v in document.items() if k != first}
'''

_PLAIN = frozenset(("int", "float", "str", "bool"))
_MADE: Mapping[str, str] = {
    "decimal.Decimal": "float(value)",
    "uuid.UUID": "str(value)",
    "datetime.date": "value.isoformat()",
    "datetime.time": "value.isoformat()",
    "datetime.datetime": "value.isoformat()",
}


def helpers(text: str) -> Iterator[str]:
    """Write the functions that the properties in a text call."""
    yield from (one for name, one in (("read_key(", _READS), ("with_key(", _WRITES)) if name in text)


def properties(model: Model, attributes: Mapping[str, str], orm: Orm) -> Iterator[str]:
    """Write the property of every such column: it reads either place and, when it is time, sets both.

    ``attributes`` are those of the columns. A type whose texts cannot be read in general has none.
    """
    taken = set(attributes.values())
    for one in model.doubled:
        column = next(column for column in model.columns if column.shape.name == one.column)
        known = orm.column_class(column.shape.type)
        document = attributes.get(one.document)
        if known is None or known.parser is None or document is None:
            continue
        name = attribute(f"current_{attributes[one.column]}", taken)
        taken.add(name)
        places = f"self.{attributes[one.column]}", f"self.{document}"
        yield from _getter(one, name, places, known)
        if one.use == "written":
            yield from _setter(one, name, places, known.python)


def in_document(python: str) -> str:
    """Write how a ``value`` of a class stands in a document, as those who read documents get it."""
    return "value" if python in _PLAIN else f"None if value is None else {_MADE[python]}"


def _getter(one: Doubled, name: str, places: tuple[str, str], known: ColumnClass) -> Iterator[str]:
    column, document = places
    yield ""
    yield "    @property"
    yield f"    def {name}(self) -> {known.python} | None:"
    yield '        """The column or, where it is empty, the key of the document."""'
    yield f"        if {column} is not None:"
    yield f"            return {column}"
    yield f"        return read_key({document}, {one.keys!r}, {known.parser})"


def _setter(one: Doubled, name: str, places: tuple[str, str], python: str) -> Iterator[str]:
    column, document = places
    yield ""
    yield f"    @{name}.setter"
    yield f"    def {name}(self, value: {python} | None) -> None:"
    yield f"        {column} = value"
    yield f"        document = with_key({document}, {one.keys!r}, {in_document(python)})"
    yield f"        if document is not {document}:"
    yield f"            {document} = document"
