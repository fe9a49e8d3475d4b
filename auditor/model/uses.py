"""What a statement reads and how it searches, whoever took it apart: a parser of its text, or an engine that tells."""

from __future__ import annotations

from msgspec import Struct


class TableUse(Struct, frozen=True, kw_only=True):
    """One appearance of a table in a statement, with what the statement asks of it in its own part of the text.

    ``schema`` is None when the text does not say. Only conditions that every returned row has to meet count, not those
    under OR. Columns that the text does not qualify are given to every table of the part: whoever reads this asks the
    catalog which table has them. ``equal`` columns are compared with a value; ``ranges`` are bounded by one; ``below``
    are those of them with an upper bound, ``nulls`` those tested for null; ``searched`` pairs other columns with the
    operator that searches them, ``computed`` are columns inside an expression that is compared. ``joined`` columns are
    compared with another table's. ``order`` is set when the part orders by columns alone; ``descending`` are those of
    them that it orders downwards, where the engine tells.
    """

    schema: str | None
    name: str
    equal: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    searched: tuple[tuple[str, str], ...] = ()
    computed: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    descending: tuple[str, ...] = ()
    limited: bool = False
    alternatives: bool = False


class Parsed(Struct, frozen=True, kw_only=True):
    """A statement: what it does, the table that it changes, the columns that it sets, and every table that it reads.

    Where no text tells: ``summarizes`` says that it makes few rows of many, ``skips`` that it passes over a number of
    rows before the first, ``scripts`` that it has the engine run code of its own for each row. ``hint`` is the index
    that it names, as it names it.
    """

    kind: str
    target: tuple[str | None, str] | None = None
    assigned: tuple[str, ...] = ()
    uses: tuple[TableUse, ...] = ()
    skips_locked: bool = False
    summarizes: bool = False
    skips: bool = False
    scripts: bool = False
    hint: str | None = None
