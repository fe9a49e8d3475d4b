"""Steps that are the same on every engine."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.connector import Draft
from auditor.model.plan import Deploy, DeployKind, Step
from auditor.model.vocabulary import Phase


def application(
    phase: Phase,
    title: str,
    *notes: str,
    verify: str | None = None,
    kind: DeployKind = "other",
    objects: Iterable[str] = (),
) -> Draft:
    """Draft a change of the code that uses the database, and of which tables, columns or fields in it."""
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            transactional=False,
            blocking_seconds=0.0,
            basis="a deployment of the application: no estimate",
            verify=verify,
            audience="application",
            deploy=Deploy(kind=kind, objects=tuple(objects)),
            notes=notes,
        ),
    )
