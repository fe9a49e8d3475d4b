"""Views are built on views, several deep.

## What
Views that read other views through more than three levels.

## Why it matters
Nobody sees any more what a query on the top of the stack reads: tables are joined again and again in several layers. A
column of the lowest view cannot be changed without all views above it.

PostgreSQL: The planner, which has to flatten all of it, reaches join_collapse_limit and takes what order it finds.

MySQL, MariaDB: A view with GROUP BY, DISTINCT or UNION cannot be merged into the query on it: it is built as a
temporary table.

## When it is fine
Thin views that only rename or filter, one upon the other.

## How to fix it
Let the upper views read the tables.

PostgreSQL: Or a materialised view where the result may be a little old.

## Sources
PostgreSQL manual, "Rules and Views"; "Controlling the Planner with Explicit JOIN Clauses": join_collapse_limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Key, View
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import VIEWS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Views are built on views, several deep",
    passed="Views are built on tables, or nearly so",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=VIEWS,
    needs=("views",),
)


def judge(view: View, facts: Facts, *, levels: float = 3) -> Iterator[Flaw]:
    """Measure the longest chain of views below a view that no other view reads."""
    below, read = facts.once("view-nesting", lambda: _chains(facts))
    chain = below[view.key]
    if len(chain) <= levels or view.key in read:
        return
    yield Flaw(
        title=fitting(f"View {view.path} stands on {len(chain) - 1} layers of views"),
        related=tuple(Subject(kind="view", name=".".join(key)) for key in chain[1:]),
        evidence=(
            Evidence(name="levels", value=len(chain), unit="levels", probe="views"),
            Evidence(name="longest chain", value=" → ".join(".".join(key) for key in chain), probe="views"),
        ),
        explanation=f"{view.path} reads views through {len(chain)} levels.",
        recommendation="Let the upper views read the tables, or a result that is kept.",
        operations=(
            ChangeApplication(
                topic="view-nesting",
                subject=view.path,
                instruction=f"Rewrite {view.path} over the tables that it needs.",
            ),
        ),
    )


def _chains(facts: Facts) -> tuple[dict[Key, tuple[Key, ...]], set[Key]]:
    """The longest chain of views that begins at each view, and the views that others read.

    Views cannot read each other in a circle unless somebody replaced one by force: a chain never enters itself.
    """
    views = {view.key: view for view in facts.views}
    found: dict[Key, tuple[Key, ...]] = {}

    def chain(key: Key, above: frozenset[Key]) -> tuple[Key, ...]:
        if key not in found:
            lower = [chain(k, above | {key}) for k in views[key].reads if k in views and k not in above and k != key]
            found[key] = (key, *max(lower, key=len, default=()))
        return found[key]

    for key in views:
        chain(key, frozenset())
    return found, {k for view in views.values() for k in view.reads if k != view.key}
