"""What a normalised statement reads and how it searches: tables, conditions, joins, order.

Statement texts are whatever applications send: what cannot be parsed gives None, never an error. Parsing is a pure
function of the text, so results are remembered. Names are as the catalog has them: unquoted ones are folded as the
language folds them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from auditor.model.uses import Parsed, TableUse

_LONGEST = 50_000
"""Longer texts are not parsed: they are long for their lists of values, and parsing them would take seconds."""

_FIRST_WORD = re.compile(r"^(?:\s|/\*.*?\*/|--[^\n]*\n|\()*(select|with|insert|update|delete|merge)\b", re.I | re.S)
_PARAMETER = re.compile(r"\$(\d+)")

# The library warns of every statement that it half understands; texts here come from strangers.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_RANGES = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_SPECIAL: dict[type[exp.Expression], str] = {
    exp.ArrayContainsAll: "@>",
    exp.ArrayContainedBy: "<@",
    exp.ArrayOverlaps: "&&",
    exp.JSONBContainsTopKey: "?",
    exp.JSONBContainsAnyTopKeys: "?|",
    exp.JSONBContainsAllTopKeys: "?&",
    exp.JSONBPathExists: "@?",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.RegexpLike: "~",
    exp.RegexpILike: "~*",
    exp.MatchAgainst: "@@",
}


@lru_cache(maxsize=8_192)
def parse(text: str, language: str | None) -> Parsed | None:
    """Take a statement apart; ``language`` is the grammar's name (``Capabilities.language``).

    None: it is no query or change of rows, it is too long, or it cannot be understood.
    """
    match = _FIRST_WORD.match(text)
    if match is None or len(text) > _LONGEST:
        return None
    try:
        # Two parameters without a space between them would be read as one dollar-quoted string.
        tree: Any = sqlglot.parse_one(_PARAMETER.sub(r"'\1'", text), read=language)
        return _Reader(tree, language).read()
    except Exception:  # noqa: BLE001 -- whatever a stranger's text does to the parser, the audit goes on without it
        return None


class _Reader:
    """Reads one tree."""

    def __init__(self, tree: exp.Expression, language: str | None) -> None:
        self.tree = tree
        self.dialect = Dialect.get_or_raise(language)
        self.common = {self._fold(cte.args["alias"].this) for cte in tree.find_all(exp.CTE)}

    def read(self) -> Parsed:
        parts = list(self.tree.find_all(exp.Select, exp.Update, exp.Delete))
        changed = self.tree.this if isinstance(self.tree, exp.Insert | exp.Update | exp.Delete | exp.Merge) else None
        table = changed.find(exp.Table) if isinstance(changed, exp.Expression) else None
        locks = (lock for part in parts for lock in part.args.get("locks") or ())
        return Parsed(
            kind=self.tree.key,
            target=self._name(table) if isinstance(table, exp.Table) else None,
            assigned=tuple(self._assigned()),
            uses=tuple(use for part in parts for use in self._uses(part)),
            skips_locked=any(lock.args.get("wait") is False for lock in locks),
        )

    def _fold(self, identifier: exp.Expression) -> str:
        return str(self.dialect.normalize_identifier(identifier.copy()).name)

    def _name(self, table: exp.Table) -> tuple[str | None, str]:
        schema = table.args.get("db")
        return (self._fold(schema) if schema is not None else None, self._fold(table.this))

    def _assigned(self) -> Iterator[str]:
        if isinstance(self.tree, exp.Update):
            for setting in self.tree.expressions:
                for column in [setting.this] if isinstance(setting.this, exp.Column) else setting.this.expressions:
                    yield self._fold(column.this)

    def _uses(self, part: exp.Expression) -> Iterator[TableUse]:
        tables = {alias: table for table in _tables(part) if (alias := self._alias(table)) is not None}
        conditions = _Conditions(self, frozenset(tables))
        for condition in _conjuncts(part):
            conditions.add(condition)
        for join in part.args.get("joins") or ():
            for identifier in join.args.get("using") or ():
                conditions.found.setdefault("joined", {})[None, self._fold(identifier)] = None
        order, limited = self._order(part), part.args.get("limit") is not None
        for alias, table in tables.items():
            schema, name = self._name(table)
            if schema is None and name in self.common:
                continue
            yield TableUse(
                schema=schema,
                name=name,
                equal=conditions.of("equal", alias),
                ranges=conditions.of("range", alias),
                below=conditions.of("below", alias),
                nulls=conditions.of("null", alias),
                searched=tuple(
                    (column, operator)
                    for operator in sorted(set(_SPECIAL.values()))
                    for column in conditions.of(operator, alias)
                ),
                computed=conditions.of("computed", alias),
                joined=conditions.of("joined", alias),
                order=tuple(column for owner, column in order if owner in (None, alias)),
                limited=limited,
                alternatives=conditions.alternatives,
            )

    def _alias(self, table: exp.Table) -> str | None:
        alias = table.args.get("alias")
        if alias is not None and alias.this is not None:
            return self._fold(alias.this)
        return self._fold(table.this) if isinstance(table.this, exp.Identifier) else None

    def _order(self, part: exp.Expression) -> list[tuple[str | None, str]]:
        order = part.args.get("order")
        keys = [key.this for key in order.expressions] if order is not None else []
        if not all(isinstance(key, exp.Column) for key in keys):
            return []
        return [self.column(key) for key in keys]

    def column(self, column: exp.Column) -> tuple[str | None, str]:
        """The alias and the name of a column."""
        owner = column.args.get("table")
        return (self._fold(owner) if owner is not None else None, self._fold(column.this))


class _Conditions:
    """The conditions of one part of a statement, sorted by what they ask of a column."""

    def __init__(self, reader: _Reader, aliases: frozenset[str]) -> None:
        self.reader = reader
        self.aliases = aliases
        self.found: dict[str, dict[tuple[str | None, str], None]] = {}
        self.alternatives = False

    def of(self, role: str, alias: str) -> tuple[str, ...]:
        """The columns in a role that are, or may be, of a table."""
        return tuple(dict.fromkeys(name for owner, name in self.found.get(role, ()) if owner in (None, alias)))

    def add(self, condition: exp.Expression) -> None:
        """Sort one condition."""
        if isinstance(condition, exp.Or):
            self.alternatives = True
        elif isinstance(condition, exp.EQ | exp.NullSafeEQ):
            self._equation(condition.this, condition.expression)
        elif isinstance(condition, _RANGES):
            self._range(condition)
        elif isinstance(condition, exp.Between):
            self._note("range", condition.this, condition.args["low"])
            self._note("below", condition.this, condition.args["high"])
        elif type(condition) in _SPECIAL:
            self._special(condition)
        else:
            self._plain(condition)

    def _plain(self, condition: exp.Expression) -> None:
        negated = condition.args.get("negate")
        if isinstance(condition, exp.In):
            self._note("joined" if condition.args.get("query") is not None else "equal", condition.this, None)
        elif isinstance(condition, exp.Is) and isinstance(condition.expression, exp.Null) and not negated:
            self._note("null", condition.this, None)
        elif isinstance(condition, exp.Column):
            self._note("equal", condition, None)
        elif isinstance(condition, exp.Not) and isinstance(condition.this, exp.Column):
            self._note("equal", condition.this, None)

    def _equation(self, left: exp.Expression, right: exp.Expression) -> None:
        if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
            for one, other in zip(left.expressions, right.expressions, strict=False):
                self._equation(one, other)
            return
        self._note("equal", left, right)
        self._note("equal", right, left)

    def _range(self, condition: exp.Expression) -> None:
        left, right = condition.this, condition.expression
        above = isinstance(condition, exp.GT | exp.GTE)
        for column, value, bounded_above in ((left, right, not above), (right, left, above)):
            self._note("range", column, value)
            if bounded_above:
                self._note("below", column, value)

    def _special(self, condition: exp.Expression) -> None:
        if condition.args.get("negate"):
            return
        operator = _SPECIAL[type(condition)]
        if isinstance(condition, exp.MatchAgainst):
            for column in (column for side in condition.expressions for column in _own_columns(side)):
                self._note(operator, column, None)
        else:
            self._note(operator, condition.this, None)

    def _note(self, role: str, side: exp.Expression, other: exp.Expression | None) -> None:
        """Note a column in its role; compared with a column of another table of the part it is joined instead."""
        while isinstance(side, exp.Paren):
            side = side.this
        if not isinstance(side, exp.Column):
            if not isinstance(side, exp.Subquery | exp.Any | exp.Tuple):
                for column in _own_columns(side):
                    self.found.setdefault("computed", {})[self.reader.column(column)] = None
            return
        owner, name = self.reader.column(side)
        if owner is not None and owner not in self.aliases:
            return  # a column of an outer part: there it is a value
        others = [] if other is None else [self.reader.column(column) for column in _own_columns(other)]
        if any(alias == owner and owner is not None for alias, _ in others):
            return  # compared with the same row
        if role == "equal" and (others or isinstance(other, exp.Subquery)):
            role = "joined"
        elif others:
            return
        self.found.setdefault(role, {})[owner, name] = None


def _tables(part: exp.Expression) -> Iterator[exp.Table]:
    """The tables that a part of a statement reads or changes itself, without those of its subqueries."""
    sources: list[object] = [part.this] if isinstance(part, exp.Update | exp.Delete) else []
    start = part.args.get("from_") or part.args.get("from")
    if start is not None:
        sources.append(start.this)
    sources.extend(part.args.get("using") or ())
    for source in sources:
        if not isinstance(source, exp.Expression):
            continue
        if isinstance(source, exp.Table):
            yield source
        yield from (join.this for join in source.args.get("joins") or () if isinstance(join.this, exp.Table))
    yield from (join.this for join in part.args.get("joins") or () if isinstance(join.this, exp.Table))


def _conjuncts(part: exp.Expression) -> Iterator[exp.Expression]:
    """The conditions of WHERE and of inner joins that all have to hold."""
    where = part.args.get("where")
    pending: list[exp.Expression] = [where.this] if where is not None else []
    pending.extend(join.args["on"] for join in part.args.get("joins") or () if join.args.get("on") is not None)
    while pending:
        condition = pending.pop(0)
        if isinstance(condition, exp.And):
            pending[:0] = [condition.this, condition.expression]
        elif isinstance(condition, exp.Paren):
            pending.insert(0, condition.this)
        else:
            yield condition


def _own_columns(node: exp.Expression) -> Iterable[exp.Column]:
    """The columns in an expression, without those of subqueries in it."""
    if isinstance(node, exp.Subquery | exp.Select):
        return
    if isinstance(node, exp.Column):
        yield node
        return
    for child in node.iter_expressions():
        yield from _own_columns(child)
