"""The commands about checks and formats: checks, explain, schema."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from auditor.cli import console


def checks(
    json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON.")] = False,
    pillar: Annotated[str | None, typer.Option("--pillar", metavar="PILLAR", help="Only its checks.")] = None,
) -> int:
    """List the checks."""
    import msgspec

    from auditor.errors import UsageError
    from auditor.model.vocabulary import Pillar
    from auditor.registry import load_checks
    from auditor.suggest import nearest

    if pillar is not None and pillar not in list(Pillar):
        raise UsageError(f"no pillar is called {pillar!r}", nearest(pillar, map(str, Pillar)))
    found = [loaded for loaded in load_checks().values() if pillar in (None, loaded.check.pillar.value)]
    if json:
        entries = [
            {
                "check": loaded.id, "title": loaded.check.title, "pillar": loaded.check.pillar,
                "severity": loaded.check.severity, "confidence": loaded.check.confidence,
                "looks_at": loaded.check.unit.plural, "engines": loaded.check.engines, "needs": loaded.check.needs,
                "limits": dict(loaded.limits), "origin": loaded.origin,
            }
            for loaded in found
        ]  # fmt: skip
        console.show(msgspec.json.format(msgspec.json.encode(entries)).decode())
        return 0
    width = max((len(loaded.id) for loaded in found), default=0)
    found.sort(key=lambda loaded: (list(Pillar).index(loaded.check.pillar), loaded.id))
    console.show(
        "\n".join(
            f"{loaded.id:{width}}  {loaded.check.severity:8}  {loaded.check.pillar:30}  {loaded.check.title}"
            for loaded in found
        )
    )
    return 0


def explain(
    check: Annotated[str, typer.Argument(metavar="ID", help="A check's id.")],
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> int:
    """Explain a check: why it matters, how to fix it, its limits."""
    import msgspec

    from auditor.catalogue import page
    from auditor.errors import UsageError
    from auditor.registry import load_checks
    from auditor.suggest import nearest

    found = load_checks().get(check)
    if found is None:
        raise UsageError(
            f"no check is called {check!r}", nearest(check, load_checks()) or "list them with: auditor checks"
        )
    if json:
        sections = {"check": found.id, "summary": found.summary, **found.sections, "limits": dict(found.limits)}
        console.show(msgspec.json.format(msgspec.json.encode(sections)).decode())
    else:
        console.show(page(found).rstrip("\n"))
    return 0


def schema(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="report, snapshot, baseline, difference, proof or operations.")
    ],
) -> int:
    """Print the JSON Schema of an output or of operations."""
    import msgspec

    from auditor.baseline import Baseline
    from auditor.diff import Difference
    from auditor.errors import UsageError
    from auditor.model.operation import AnyOperation
    from auditor.model.proof import Proof
    from auditor.model.report import Audit
    from auditor.model.snapshot import Snapshot
    from auditor.suggest import nearest

    kinds: dict[str, Any] = {
        "report": Audit, "snapshot": Snapshot, "baseline": Baseline, "difference": Difference, "proof": Proof,
        "operations": tuple[AnyOperation, ...],
    }  # fmt: skip
    if name not in kinds:
        raise UsageError(f"no output is called {name!r}", nearest(name, kinds))
    console.show(msgspec.json.format(msgspec.json.encode(msgspec.json.schema(kinds[name]))).decode())
    return 0
