"""Everybody has privileges on a table.

## What
Tables on which the pseudo-role PUBLIC may read or write, views through which it may write, and sequences that belong to
no such table and that it may advance. All privileges on one object are one finding; the partitions of a table and its
sequences count with it.

## Why it matters
What PUBLIC may do, every role may do, now and in the future: revoking a privilege from a role changes nothing while
PUBLIC has it.

## When it is fine
Reference data that everybody may read. A small table of few columns that refers to nothing is graded low, and is not
reported where codes are its key (currencies, countries). A view that everybody may read is an interface, and is not
reported either.

## How to fix it
Grant the privileges to the roles that use them, then revoke them from PUBLIC. Look at the default privileges too, which
would grant them again on the next table.

## Sources
PostgreSQL manual, "Privileges"; "GRANT".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Sequence, Table, View
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import Revoke
from auditor.model.security import Grant
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

Item = Table | View | Sequence
RELATIONS = Unit(
    plural="tables, views and sequences",
    items=lambda f: [*f.tables, *f.materialized_views, *f.views, *f.sequences],
    subject=lambda item: Subject(kind=_kind(item), name=item.path),
    weight=lambda f, item: f.exposure(item) if isinstance(item, Table) else 1.0,
)
CHECK = Check(
    title="Everybody has privileges on a table",
    passed="Nothing is granted to everybody",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=RELATIONS,
    needs=("tables", "grants", "schemas", "sequences"),
    engines=("postgresql",),
)
KINDS = frozenset({"table", "view", "sequence"})
LOOKUP_COLUMNS = 5
READS = frozenset({"SELECT", "USAGE"})
_LOWER = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW, Severity.LOW: Severity.INFO}


def judge(item: Item, facts: Facts, *, reference_rows: float = 10_000) -> Iterator[Flaw]:
    """Gather what PUBLIC has on the object and on what belongs to it."""
    if not facts.once(judge, lambda: any(_is_public(g) for g in facts.security.grants if g.kind in KINDS)):
        return
    parts = _parts(item, facts)
    granted = {part: _public(part, facts) for part in parts}
    granted = {part: privileges for part, privileges in granted.items() if privileges}
    privileges = sorted({privilege for found in granted.values() for privilege in found})
    writes = [privilege for privilege in privileges if privilege not in READS]
    harmless = (isinstance(item, View) and not writes) or (isinstance(item, Sequence) and privileges == ["SELECT"])
    if not privileges or harmless:
        return
    if not writes and isinstance(item, Table) and _is_lookup(item, facts, reference_rows, by_code=True):
        return
    rows = facts.rows(item) if isinstance(item, Table) else None
    open_schema = any(s.public_usage for s in facts.catalog.schemas if s.name == item.schema)
    severity = Severity.HIGH if writes else Severity.MEDIUM
    if isinstance(item, Sequence) or (
        not writes and isinstance(item, Table) and _is_lookup(item, facts, reference_rows, by_code=False)
    ):
        severity = _LOWER[severity]
    others = [part for part in granted if part[1:] != (item.schema, item.name)]
    yield Flaw(
        title=fitting(f"Everybody may {', '.join(privileges)} on {item.path}"),
        severity=severity if open_schema else _LOWER[severity],
        related=tuple(Subject(kind=kind, name=f"{schema}.{name}") for kind, schema, name in others),
        evidence=(
            Evidence(name="privileges of PUBLIC", value=", ".join(privileges), probe="grants"),
            Evidence(name="PUBLIC may use the schema", value=open_schema, probe="schemas"),
            Evidence(name="rows", value=None if rows is None else round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(
            rows=None if rows is None else round(rows),
            risk="every login may change the data" if writes else "every login may read the data",
        ),
        explanation=(
            f"Every role has {', '.join(privileges)} on {item.path}"
            + (f" and on {counted(len(others), 'object')} of it" if others else "")
            + ("." if open_schema else ", as far as it may use the schema, which PUBLIC may not.")
        ),
        recommendation="Grant the privileges to the roles that need them, then revoke them from PUBLIC.",
        operations=tuple(
            Revoke(object_kind=kind, schema=schema, name=name, privileges=found, grantee="PUBLIC")
            for (kind, schema, name), found in granted.items()
        ),
    )  # fmt: skip


def _is_lookup(table: Table, facts: Facts, reference_rows: float, *, by_code: bool) -> bool:
    """Whether the table looks like reference data: small, narrow, without references; ``by_code``: keyed by a text."""
    if (
        facts.rows(table) >= reference_rows
        or len(table.columns) > LOOKUP_COLUMNS
        or facts.constraints_of(table.key, "foreign-key")
    ):
        return False
    key = facts.primary_key(table.key)
    code = table.column(key.columns[0]) if key is not None and len(key.columns) == 1 else None
    return not by_code or (code is not None and code.family in ("text", "char"))


def _kind(item: Item) -> str:
    if isinstance(item, Sequence):
        return "sequence"
    return "table" if isinstance(item, Table) and item.kind != "materialized-view" else "view"


def _parts(item: Item, facts: Facts) -> list[tuple[str, str, str]]:
    """The object and what belongs to it, as the grants name them: kind, schema, name."""
    if isinstance(item, View):
        return [("view", item.schema, item.name)]
    if isinstance(item, Sequence):
        owner = facts.table((item.owner_schema, item.owner_table or "")) if item.owner_schema is not None else None
        told = owner is not None and _public(("table", owner.schema, owner.name), facts)
        return [] if told else [("sequence", item.schema, item.name)]
    tables = [item, *(leaf for leaf in facts.leaves(item) if leaf is not item)]
    own = facts.sequences_of(item.key)
    parts = [("table", table.schema, table.name) for table in tables]
    return parts + [("sequence", s.schema, s.name) for s in own] if _public(parts[0], facts) else parts


def _public(part: tuple[str, str, str], facts: Facts) -> tuple[str, ...]:
    return tuple(sorted({p for grant in facts.grants_on(*part) if _is_public(grant) for p in grant.privileges}))


def _is_public(grant: Grant) -> bool:
    """Whether somebody gave it to everybody; what the server gives everybody by default is other checks' matter."""
    return grant.grantee == "PUBLIC" and not grant.default
