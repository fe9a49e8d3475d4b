"""Exclusions of overlapping periods: how they are read, and how rows that are made come to keep them.

The periods of one thing are put into the order of their beginnings, and none lasts longer than until the next begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from auditor_connectors.postgresql.recipes.sql import ident, idents

_BOUNDS = ("[)", "[]", "(]", "()")
_MOMENT = "interval '1 microsecond'"
"""By how much two moments differ at least."""


@dataclass(frozen=True)
class Exclusion:
    """No two rows that agree in ``columns`` overlap in ``period``: a range, or the columns of a start and an end.

    ``closed``: the end belongs to the period.
    """

    columns: tuple[str, ...]
    period: tuple[str, ...]
    closed: bool = False


def read_exclusion(parts: Sequence[Sequence[str]]) -> Exclusion | None:
    """Read an exclusion from its operators and what these compare; None where it is another kind of rule.

    Read are columns compared by ``=`` and one period compared by ``&&``.
    """
    columns: list[str] = []
    periods: list[tuple[tuple[str, ...], bool]] = []
    for operator, text in parts:
        period = _period(text)
        if period is None or (operator == "=" and len(period[0]) > 1) or operator not in ("=", "&&"):
            return None
        if operator == "=":
            columns += period[0]
        else:
            periods.append(period)
    return Exclusion(tuple(columns), *periods[0]) if len(periods) == 1 else None


def _period(text: str) -> tuple[tuple[str, ...], bool] | None:
    """The columns of a period, and whether its end belongs to it: of a column, or of a call such as daterange(a, b)."""
    try:
        parsed = sqlglot.parse_one(text, read="postgres")
    except sqlglot.errors.SqlglotError:
        return None
    if isinstance(parsed, exp.Column):
        return ((parsed.name,), False)
    if not isinstance(parsed, exp.Anonymous) or not parsed.name.lower().endswith("range"):
        return None
    bounds = next((one.name for one in parsed.expressions[2:] for one in one.find_all(exp.Literal)), "[)")
    ends = parsed.expressions[:2]
    if len(ends) != 2 or not all(isinstance(one, exp.Column) for one in ends) or bounds not in _BOUNDS:
        return None
    return (tuple(one.name for one in ends), bounds == "[]")


def apart(exclusion: Exclusion, kind: str, step: str, order: str) -> list[tuple[str, str]]:
    """Write what rows need to lie apart: columns with what they become. ``order`` decides between equal beginnings.

    A period without an end stays so where no other follows.
    Of several that begin together all but one lose their beginning, and with two columns are to be left out.
    ``kind`` is the type of the end or the range, ``step`` what makes a period that ended too early last.
    """
    first, end = ident(exclusion.period[0]), ident(exclusion.period[-1])
    ranged = len(exclusion.period) == 1
    begins = f"lower({first})" if ranged else first
    group = f"PARTITION BY {idents(exclusion.columns)} " if exclusion.columns else ""
    window = f"OVER ({group}ORDER BY {begins}, {order})"
    once = f"CASE WHEN lag({begins}) {window} = {begins} THEN NULL ELSE {first} END AS {first}"
    following = f"lead({begins}) {window}"
    if ranged:
        cut = f"CASE WHEN {end} IS NOT NULL THEN {kind}({begins}, least(upper({end}), {following})) END AS {end}"
    else:
        lasting = f"CASE WHEN {end} <= {first} THEN {first} + {step} ELSE {end} END"
        if exclusion.closed:
            unit = step if step == "1" else _MOMENT
            following = f"CASE WHEN {following} IS NOT NULL THEN greatest({first}, {following} - {unit}) END"
        cut = f"least({lasting}, {following})::{kind} AS {end}"
    return [(exclusion.period[0], once), (exclusion.period[-1], cut)]
