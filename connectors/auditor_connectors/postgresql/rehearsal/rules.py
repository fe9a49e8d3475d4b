"""What CHECK constraints, domains and bounds of partitions ask of values, as far as values can be made to it.

Only rules that every row has to keep are read: those joined by AND. What is not understood here is not lost: rows that
break it are mended or left out when they are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce

import sqlglot
from sqlglot import exp

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=", exp.EQ: "=", exp.NEQ: "<>",
}  # fmt: skip
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "<>": "<>"}
_LENGTHS = frozenset({"length", "char_length", "character_length"})
_PIECE = re.compile(r"(\[[^\]^][^\]]*\]|\\[dw]|\\.|[^\\\[\](){}|.*+?^$])(\{\d+(?:,\d*)?\}|[*+?])?")
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Limits:
    """What is asked of the values of one column. ``low`` and ``high`` are constants as SQL, exclusive if ``*_open``.

    ``choices`` are the only values, as SQL. ``shortest`` and ``longest`` count characters. ``letters`` are the sets of
    characters that a pattern wants, one per place.
    """

    choices: list[str] = field(default_factory=list)
    low: str | None = None
    low_open: bool = False
    high: str | None = None
    high_open: bool = False
    not_zero: bool = False
    shortest: int = 0
    longest: int | None = None
    letters: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """``left`` is a column that has to stand in that relation to ``right``, an expression over other columns."""

    left: str
    operator: str
    right: str


@dataclass
class Rules:
    """What is asked of each column, and of columns in relation to each other."""

    limits: dict[str, Limits] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)

    def of(self, column: str) -> Limits:
        """The limits of a column."""
        return self.limits.setdefault(column, Limits())


def read_rules(expressions: Iterable[str]) -> Rules:
    """Read the rules of a table, or of a domain, whose values the rules call ``value``."""
    rules = Rules()
    for text in expressions:
        try:
            parsed = sqlglot.parse_one(text, read="postgres")
        except sqlglot.errors.SqlglotError:
            continue
        for part in _conjuncts(parsed):
            _read(part, rules)
    return rules


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    return node


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    node = _bare(node)
    if isinstance(node, exp.And):
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    elif isinstance(node, exp.Or) and any(_asks_for_null(side) for side in (node.left, node.right)):
        # A row with a value has to keep the other side.
        yield from _conjuncts(node.right if _asks_for_null(node.left) else node.left)
    else:
        yield node


def _asks_for_null(node: exp.Expr) -> bool:
    node = _bare(node)
    return isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)


def _read(node: exp.Expr, rules: Rules) -> None:
    if isinstance(node, exp.In) and (name := _column(node.this)):
        _choose(rules, name, [one for one in node.expressions if _is_constant(one)])
    elif isinstance(node, exp.EQ) and (name := _column(node.left)) and isinstance(_bare(node.right), exp.Any):
        listed = _bare(_bare(node.right).this)
        _choose(rules, name, listed.expressions if isinstance(listed, exp.Array) else [])
    elif isinstance(node, exp.RegexpLike) and (name := _column(node.this)):
        pattern = _bare(node.expression)
        if isinstance(pattern, exp.Literal):
            rules.of(name).letters = places(pattern.this) or []
    elif type(node) in _COMPARISONS:
        operator = _COMPARISONS[type(node)]
        assert isinstance(node, exp.Binary)  # noqa: S101 -- all of these compare two sides
        _compare(rules, node.left, operator, node.right)


def _choose(rules: Rules, name: str, values: list[exp.Expr]) -> None:
    constants = [_sql(one) for one in values if _is_constant(one)]
    known = rules.of(name).choices
    rules.of(name).choices = [one for one in known if one in constants] if known else constants


def _compare(rules: Rules, left: exp.Expr, operator: str, right: exp.Expr) -> None:
    if _column(left) is None and _measured(left) is None:
        left, operator, right = right, _MIRRORED[operator], left
    measured, name = _measured(left), _column(left)
    if measured is not None and _is_constant(right) and _sql(right).isdigit():
        _limit_length(rules.of(measured), operator, int(_sql(right)))
    elif name is None:
        return
    elif _is_constant(right):
        _limit(rules.of(name), operator, right)
    elif name not in {column.name for column in right.find_all(exp.Column)} and right.find(exp.Column):
        rules.comparisons.append(Comparison(name, operator, right.sql(dialect="postgres")))


def _limit_length(limits: Limits, operator: str, length: int) -> None:
    if operator in (">", ">=", "="):
        limits.shortest = max(limits.shortest, length + (operator == ">"))
    if operator in ("<", "<=", "="):
        longest = length - (operator == "<")
        limits.longest = longest if limits.longest is None else min(limits.longest, longest)
    if operator == "<>" and length == 0:
        limits.shortest = max(limits.shortest, 1)


def _limit(limits: Limits, operator: str, value: exp.Expr) -> None:
    constant = _sql(value)
    if operator == "=":
        limits.choices = [constant]
    elif operator == "<>":
        limits.not_zero = limits.not_zero or constant == "0"
        limits.shortest = max(limits.shortest, int(constant == "''"))
    elif operator in (">", ">="):
        limits.low, limits.low_open = constant, operator == ">"
    else:
        limits.high, limits.high_open = constant, operator == "<"


def _column(node: exp.Expr) -> str | None:
    node = _bare(node)
    return node.name if isinstance(node, exp.Column) and not node.table else None


def _measured(node: exp.Expr) -> str | None:
    """The column whose length an expression takes, with or without the blanks around it."""
    node = _bare(node)
    if not (isinstance(node, exp.Length) or (isinstance(node, exp.Anonymous) and node.name.lower() in _LENGTHS)):
        return None
    inner = _argument(node)
    if inner is not None and (
        isinstance(inner, exp.Trim) or (isinstance(inner, exp.Anonymous) and inner.name == "btrim")
    ):
        inner = _argument(inner)
    return None if inner is None else _column(inner)


def _argument(call: exp.Expr) -> exp.Expr | None:
    """The first argument of a function."""
    found = call.this if isinstance(call.this, exp.Expr) else next(iter(call.expressions), None)
    return _bare(found) if isinstance(found, exp.Expr) else None


def _is_constant(node: exp.Expr) -> bool:
    inner = _bare(node)
    return isinstance(inner, (exp.Literal, exp.Boolean)) or (
        isinstance(inner, exp.Neg) and isinstance(_bare(inner.this), exp.Literal)
    )


def _sql(node: exp.Expr) -> str:
    """A constant as SQL. The column says of which type it is, so that casts are left out."""
    return _bare(node).sql(dialect="postgres")


def places(pattern: str) -> list[str] | None:
    """The characters that a simple regular expression wants, place by place; None where it is not that simple.

    Simple: literal characters and sets of them, each perhaps repeated. The fewest repetitions are taken, at least one.
    """
    rest = pattern.removeprefix("^").removesuffix("$")
    found: list[str] = []
    while rest:
        match = _PIECE.match(rest)
        if match is None:
            return None
        letters = _letters(match[1])
        if not letters:
            return None
        found += [letters] * _repetitions(match[2])
        rest = rest[match.end() :]
    return found


def _repetitions(quantity: str | None) -> int:
    if quantity is None or quantity in ("+", "?", "*"):
        return 1
    return max(1, int(re.split(r"\D", quantity[1:])[0]))


def _letters(piece: str) -> str:
    if piece in (r"\d", r"\w"):
        return _DIGITS if piece == r"\d" else _LETTERS + _DIGITS
    if piece.startswith("\\"):
        return piece[1]
    if not piece.startswith("["):
        return piece
    inner = piece[1:-1]
    if "\\" in inner or ":" in inner:
        return ""
    letters = re.findall(r"(.)-(.)|(.)", inner)
    spans = ("".join(map(chr, range(ord(a), ord(b) + 1))) if a else single for a, b, single in letters)
    return reduce(lambda whole, part: whole + "".join(c for c in part if c not in whole), spans, "")
