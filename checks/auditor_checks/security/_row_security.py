"""Row-level security: whom the policies of a table reach, and whom they do not."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Key, Policy, Table, View
from auditor.model.facts import Facts

_ANYTHING = frozenset({"true", "(true)"})


def passes_by(role: str | None, table: Table, facts: Facts) -> bool:
    """Whether the policies of a table do not hold for a role: a superuser, one with the attribute, or the owner."""
    found = facts.roles.get(role or "")
    if found is not None and (found.superuser or found.bypass_row_security):
        return True
    return role is not None and role == table.owner and not table.row_security_forced


def is_true(expression: str | None) -> bool:
    """Whether a condition lets every row through."""
    return expression is not None and expression.strip().lower() in _ANYTHING


def secured_tables(view: View, facts: Facts) -> Iterator[Table]:
    """The tables with row-level security that a view reads with its owner's eyes, through invoker views too."""
    views = {other.key: other for other in facts.views}
    seen: set[Key] = {view.key}
    waiting = list(view.reads)
    for key in waiting:
        if key in seen:
            continue
        seen.add(key)
        table, inner = facts.table(key), views.get(key)
        if table is not None and facts.root(table).row_security:
            yield table
        elif inner is not None and inner.security_invoker:
            waiting.extend(inner.reads)


def grantees(table: Table, facts: Facts) -> set[str]:
    """Everybody but the owner who has a privilege on a table or on one of its columns."""
    return {
        grant.grantee
        for kind in ("table", "column")
        for grant in facts.grants_on(kind, table.schema, table.name)
        if grant.grantee != table.owner
    }


def applies_to_command(policy: Policy, command: str) -> bool:
    """Whether a policy has a say in a command."""
    return policy.command in ("all", command)
