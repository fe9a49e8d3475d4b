"""Audits made by hand for tests of what is written: a believable one, large ones, and one with hostile names."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from auditor.model.finding import CheckResult, Evidence, Finding, Impact, Subject, Suppression, fingerprint
from auditor.model.operation import AddIndex, AnyOperation, ChangeApplication, ChangeColumnType, DropIndex, SetSetting
from auditor.model.plan import Conflict, Plan, PlanPhase, Step
from auditor.model.proof import Mark, Proof, Run, Stall, StepProof, Verdict
from auditor.model.report import (
    Audit,
    Diagram,
    Inventory,
    PillarScore,
    Reference,
    Relation,
    Score,
    TableSummary,
    Tool,
)
from auditor.model.snapshot import ProbeResult, TargetInfo
from auditor.model.vocabulary import Blocks, Confidence, Outcome, Phase, Pillar, ProbeOutcome, Severity

MIB = 1024 * 1024

HOSTILE = (
    'say "hello"', "it's", "<script>alert(1)</script>", "line\nbreak", "a|b", "`tick`", "``` fence", "dot.ted",
    "\u202egnp.exe", "\u2067rtl\u2069", "\x1b[31mred", "🦖 rex", "--comment", "*/", "]]>", "{{ 7*7 }}", "{% raw %}",
    "</script><script>", "<!--", "\u2028sep", "&amp;", "naïve_é", "اسم_الجدول", "a" * 63, "日" * 21, "$1", "%s", "\\",
    "![x](http://evil.example/x.png)", "[x](javascript:alert(1))", "# head", "- item", "| a | b |", "@team", "~~s~~",
    "\ufeffbom", "a\u00adb", "tab\tbed", "\x7f", "http://evil.example", "style", "' onmouseover='x", "\r\n",
)  # fmt: skip
"""Names that a database may hold and that some format would take for its own syntax."""

DOCUMENTATION = {
    "summary": "The flaw in one line.",
    "What": "Objects that have the flaw. A `partial` one does not count.",
    "Why it matters": "Deleting a referenced row searches the referencing table for each row: without an index that is"
    "\na scan of the whole table, while the row stays locked.\n\nJoins from parent to child pay the same price.",
    "When it is fine": "The table stays small, or:\n\n- rows are never deleted,\n- and never joined downwards.",
    "How to fix it": "Build an index whose leading columns are the key's columns, without blocking writes.",
    "Sources": 'Manual, "Foreign Keys".',
}


def finding(
    check: str,
    severity: Severity,
    pillar: Pillar,
    subject: Subject,
    *,
    title: str = "",
    evidence: Sequence[Evidence] = (),
    impact: Impact | None = None,
    explanation: str = "",
    recommendation: str = "",
    related: Sequence[Subject] = (),
    operations: Sequence[AnyOperation] = (),
    confidence: Confidence = Confidence.CERTAIN,
    suppressed: Suppression | None = None,
) -> Finding:
    """Make a finding; what is not given is made up."""
    return Finding(
        check=check, fingerprint=fingerprint(check, subject), title=title or f"{check} on {subject.name}",
        pillar=pillar.value, severity=severity, confidence=confidence, subject=subject, related=tuple(related),
        evidence=tuple(evidence) or (Evidence(name="rows", value=12_345, unit="rows", probe="tables"),),
        impact=impact or Impact(),
        explanation=explanation or f"{subject.name} has the flaw that {check} looks for.",
        recommendation=recommendation or f"Mend {subject.name}.",
        operations=tuple(operation.id for operation in operations), suppressed=suppressed,
    )  # fmt: skip


def result(
    check: str, pillar: Pillar, severity: Severity, outcome: Outcome, *, title: str = "", of: int = 31,
    examined: int | None = None, reason: str | None = None, grant: str | None = None, lost: float = 0.0,
) -> CheckResult:  # fmt: skip
    """Make a check's result."""
    seen = of if outcome in (Outcome.PASSED, Outcome.FAILED) else 0
    return CheckResult(
        check=check, title=title or check.replace("-", " ").capitalize(), pillar=pillar.value, severity=severity,
        outcome=outcome, examined=seen if examined is None else examined, of=of, reason=reason, grant=grant, lost=lost,
    )  # fmt: skip


def _unindexed(table: str, column: str, rows: int, severity: Severity) -> tuple[Finding, AnyOperation]:
    operation = AddIndex(schema="shop", table=table, columns=(column,))
    return finding(
        "fk-no-index", severity, Pillar.INDEXING, Subject(kind="column", name=f"shop.{table}.{column}"),
        title=f"Foreign key on {column} has no supporting index",
        related=(Subject(kind="constraint", name=f"shop.{table}.{table}_{column}_fkey"),
                 Subject(kind="table", name=f"shop.{table}")),
        evidence=(
            Evidence(name="rows in the referencing table", value=rows, unit="rows", probe="tables"),
            Evidence(name="rows deleted from the referenced table", value=rows // 37, unit="rows", probe="table-usage"),
            Evidence(name="indexes with some of the columns", value=0, unit="indexes", probe="indexes"),
        ),
        impact=Impact(rows=rows, risk="scans and long row locks when referenced rows are deleted"),
        explanation=f"Each delete or key change in shop.orders has to find the referring rows of shop.{table} "
                    f"({rows:,} rows) by a scan, because no index holds the column.",
        recommendation=f"Index {column} of shop.{table}.",
        operations=(operation,),
    ), operation  # fmt: skip


def _duplicate(table: str, name: str, size: int) -> tuple[Finding, AnyOperation]:
    operation = DropIndex(schema="shop", table=table, name=name, covered_by=f"{table}_pkey")
    return finding(
        "index-duplicate", Severity.MEDIUM, Pillar.INDEXING, Subject(kind="index", name=f"shop.{name}"),
        title="Index repeats another one", related=(Subject(kind="index", name=f"shop.{table}_pkey"),),
        evidence=(
            Evidence(name="size", value=size, unit="bytes", probe="sizes"),
            Evidence(name="scans", value=0, unit="scans", probe="index-usage"),
        ),
        impact=Impact(bytes=size, risk="every write pays for an index that no read needs"),
        explanation=f"shop.{name} has the same columns in the same order as shop.{table}_pkey.",
        recommendation=f"Drop shop.{name}.", operations=(operation,),
    ), operation  # fmt: skip


def _exhaustion() -> tuple[Finding, AnyOperation]:
    operation = ChangeColumnType(schema="shop", table="order_lines", column="id", from_type="integer", to_type="bigint")
    return finding(
        "pk-int-exhaustion", Severity.CRITICAL, Pillar.CAPACITY, Subject(kind="column", name="shop.order_lines.id"),
        title="Key runs out of numbers", related=(Subject(kind="sequence", name="shop.order_lines_id_seq"),),
        evidence=(
            Evidence(name="last value", value=1_932_735_282, unit=None, probe="sequences"),
            Evidence(name="share used", value=0.9, unit="share", probe="sequences"),
            Evidence(name="growth", value=2_146_000, unit="values/day", probe="table-usage"),
        ),
        impact=Impact(deadline="2027-03-02", rows=41_200_000, risk="every insert fails once the last number is used"),
        explanation="The 4-byte key of shop.order_lines has used 1,932,735,282 of 2,147,483,647 numbers; at the pace "
                    "of the last 41 days the last one is used on 2027-03-02.",
        recommendation="Move the key to 8 bytes with a shadow column before that day; the referencing columns as well.",
        operations=(operation,),
    ), operation  # fmt: skip


def _setting(name: str, value: str, previous: str, severity: Severity, restart: bool) -> tuple[Finding, AnyOperation]:
    operation = SetSetting(name=name, value=value, previous=previous, restart=restart)
    return finding(
        f"{name.replace('_', '-')}-default", severity, Pillar.OPERATIONS, Subject(kind="setting", name=name),
        title=f"{name} is at its default", evidence=(
            Evidence(name="value", value=previous, unit=None, probe="settings"),
            Evidence(name="memory of the machine", value=17_179_869_184, unit="bytes", probe="server"),
        ),
        impact=Impact(milliseconds=5_421_000.0), explanation=f"{name} is {previous} on a machine with 16 GiB.",
        recommendation=f"Set {name} to {value}.", operations=(operation,), confidence=Confidence.LIKELY,
    ), operation  # fmt: skip


def _n_plus_one() -> tuple[Finding, AnyOperation]:
    operation = ChangeApplication(
        topic="n-plus-one", subject="query 7731", instruction="Fetch the lines of all orders of a page in one query."
    )
    return finding(
        "query-n-plus-one", Severity.HIGH, Pillar.QUERIES, Subject(kind="query", name="-7731201288812"),
        title="Statement runs once per row of another", related=(Subject(kind="table", name="shop.order_lines"),),
        evidence=(
            Evidence(name="calls", value=18_442_100, unit="calls", probe="statements"),
            Evidence(name="mean time", value=0.31, unit="ms", probe="statements"),
            Evidence(name="statement", value="SELECT * FROM order_lines WHERE order_id = $1", probe="statements"),
        ),
        impact=Impact(milliseconds=5_717_051.0), confidence=Confidence.LIKELY,
        explanation="The statement ran 48.7 times for each run of the statement that lists a customer's orders.",
        recommendation="Fetch the lines of all orders of a page in one query.", operations=(operation,),
    ), operation  # fmt: skip


def _findings() -> tuple[list[Finding], list[AnyOperation]]:
    pairs = [
        _exhaustion(), _n_plus_one(),
        _unindexed("order_lines", "order_id", 41_200_000, Severity.HIGH),
        _unindexed("payments", "order_id", 6_310_442, Severity.HIGH),
        *(_unindexed(f"table_{n:02}", "parent_id", 140_000 - 9_000 * n, Severity.MEDIUM) for n in range(14)),
        _duplicate("orders", "orders_id_idx", 412 * MIB), _duplicate("customers", "customers_id_key", 96 * MIB),
        _setting("shared_buffers", "4GB", "128MB", Severity.MEDIUM, restart=True),
        _setting("random_page_cost", "1.1", "4", Severity.LOW, restart=False),
    ]  # fmt: skip
    findings = [pair[0] for pair in pairs]
    findings += [
        finding(
            "role-superuser-application", Severity.HIGH, Pillar.SECURITY, Subject(kind="role", name="shop_app"),
            title="The application logs in as a superuser", impact=Impact(risk="an injected statement owns the server"),
            evidence=(Evidence(name="sessions", value=38, unit="sessions", probe="sessions"),),
            recommendation="Give the application a role that owns nothing and may only read and write rows.",
        ),
        finding(
            "table-no-pk", Severity.MEDIUM, Pillar.INTEGRITY, Subject(kind="table", name="shop.audit_log"),
            suppressed=Suppression(reason="Written once, archived monthly, never addressed by row", until="2027-06-30"),
        ),
        finding("extension-outdated", Severity.INFO, Pillar.OPERATIONS, Subject(kind="extension", name="pg_trgm")),
    ]  # fmt: skip
    return findings, [pair[1] for pair in pairs]


def _step(number: int, operation: AnyOperation, title: str, **fields: object) -> Step:
    return Step(id=f"step-{number}", operation=operation.id, title=title, **fields)  # type: ignore[arg-type]


def _plan(findings: Sequence[Finding], operations: Sequence[AnyOperation]) -> Plan:
    served = {operation: finding.fingerprint for finding in findings for operation in finding.operations}
    expand, contract, prepare = [], [], []
    for number, operation in enumerate(operations):
        marks = (served[operation.id],)
        if isinstance(operation, AddIndex):
            name = f"{operation.table}_{operation.columns[0]}_idx"
            expand.append(_step(
                number, operation, f"Build shop.{name}", transactional=False, lock="SHARE UPDATE EXCLUSIVE",
                statements=(f"CREATE INDEX CONCURRENTLY {name}\nON shop.{operation.table} ({operation.columns[0]});",),
                duration_seconds=31.0 + 7 * number, blocking_seconds=0.0, disk_bytes=(40 + number) * MIB,
                basis="41,200,000 rows at 1.3 million rows a second, as measured when the last index was built",
                verify=f"SELECT indisvalid FROM pg_index WHERE indexrelid = 'shop.{name}'::regclass;",
                rollback=(f"DROP INDEX CONCURRENTLY IF EXISTS shop.{name};",), findings=marks,
                precondition="SELECT count(*) = 0 FROM pg_stat_progress_create_index;",
            ))  # fmt: skip
        elif isinstance(operation, DropIndex):
            contract.append(_step(
                number, operation, f"Drop shop.{operation.name}", transactional=False, lock="SHARE UPDATE EXCLUSIVE",
                statements=(f"DROP INDEX CONCURRENTLY shop.{operation.name};",), duration_seconds=0.2,
                blocking_seconds=0.0, rollback=(f"CREATE INDEX CONCURRENTLY {operation.name} ON shop.orders (id);",),
                verify=f"SELECT to_regclass('shop.{operation.name}') IS NULL;", findings=marks,
                basis="a catalog change",
            ))  # fmt: skip
        elif isinstance(operation, SetSetting):
            prepare.append(_step(
                number, operation, f"Set {operation.name} to {operation.value}", transactional=False,
                statements=(f"ALTER SYSTEM SET {operation.name} = '{operation.value}';", "SELECT pg_reload_conf();"),
                rollback=(f"ALTER SYSTEM SET {operation.name} = '{operation.previous}';", "SELECT pg_reload_conf();"),
                verify=f"SHOW {operation.name};", findings=marks, duration_seconds=0.1,
                blocks=Blocks.EVERYTHING if operation.restart else Blocks.NOTHING,
                blocking_seconds=20.0 if operation.restart else 0.0, basis="a restart of the server",
                notes=("The new value waits for a restart: do it together with the other settings.",),
            ))  # fmt: skip
        elif isinstance(operation, ChangeApplication):
            prepare.append(_step(
                number, operation, "Fetch order lines in one query", audience="application", findings=marks,
                notes=(operation.instruction,),
            ))  # fmt: skip
    retype = next(operation for operation in operations if isinstance(operation, ChangeColumnType))
    shadow = _step(
        90, retype, "Add the shadow column shop.order_lines.id_new", lock="ACCESS EXCLUSIVE", blocks=Blocks.EVERYTHING,
        statements=("SET LOCAL lock_timeout = '2s';", "ALTER TABLE shop.order_lines ADD COLUMN id_new bigint;"),
        duration_seconds=0.05, blocking_seconds=0.05, rollback=("ALTER TABLE shop.order_lines DROP COLUMN id_new;",),
        verify="SELECT count(*) = 1 FROM information_schema.columns\nWHERE column_name = 'id_new';",
        basis="a catalog change", findings=(served[retype.id],),
    )  # fmt: skip
    fill = _step(
        91, retype, "Copy shop.order_lines.id in batches", depends_on=(shadow.id,), transactional=False,
        statements=("UPDATE shop.order_lines SET id_new = id\nWHERE id BETWEEN :low AND :high AND id_new IS NULL;",),
        lock="ROW EXCLUSIVE", duration_seconds=8_400.0, blocking_seconds=0.02, disk_bytes=3_400 * MIB,
        basis="41.2 million rows at 5,000 rows a second", findings=(served[retype.id],),
        notes=("Run it from a script that pauses when the replica lags more than 10 seconds.",),
    )  # fmt: skip
    switch = _step(
        92, retype, "Exchange the columns", depends_on=(fill.id,), lock="ACCESS EXCLUSIVE", blocks=Blocks.EVERYTHING,
        statements=("ALTER TABLE shop.order_lines RENAME COLUMN id TO id_old;",
                    "ALTER TABLE shop.order_lines RENAME COLUMN id_new TO id;"),
        duration_seconds=0.3, blocking_seconds=0.3, basis="two catalog changes", findings=(served[retype.id],),
        rollback=("ALTER TABLE shop.order_lines RENAME COLUMN id TO id_new;",
                  "ALTER TABLE shop.order_lines RENAME COLUMN id_old TO id;"),
    )  # fmt: skip
    drop_old = _step(
        93, retype, "Drop the old column", depends_on=(switch.id,), lock="ACCESS EXCLUSIVE", blocks=Blocks.EVERYTHING,
        statements=("ALTER TABLE shop.order_lines DROP COLUMN id_old;",), duration_seconds=0.1, blocking_seconds=0.1,
        reversible=False, point_of_no_return=True, findings=(served[retype.id],), basis="a catalog change",
    )  # fmt: skip
    return Plan(
        operations=tuple(operations),
        phases=(
            PlanPhase(phase=Phase.PREPARE, steps=tuple(prepare), goal="Make the machine and the application ready.",
                      exit_criterion="The server runs with the new settings."),
            PlanPhase(phase=Phase.EXPAND, steps=(*expand, shadow), goal="Add what is missing beside what is there.",
                      exit_criterion="Every new index is valid."),
            PlanPhase(phase=Phase.BACKFILL, steps=(fill,), goal="Bring the new column up to date.",
                      exit_criterion="No row has an empty id_new."),
            PlanPhase(phase=Phase.SWITCH, steps=(switch,), goal="Let readers and writers use the new column.",
                      exit_criterion="A week without a rollback."),
            PlanPhase(phase=Phase.CONTRACT, steps=(*contract, drop_old), goal="Remove what nothing needs any more.",
                      exit_criterion="The space is given back."),
        ),
        conflicts=(
            Conflict(operations=("drop-index:shop.orders_id_idx", "drop-index:shop.orders_pkey"),
                     decision="shop.orders_pkey stays, shop.orders_id_idx is dropped",
                     reason="two checks proposed to drop the two halves of one pair; a constraint needs the first"),
        ),
    )  # fmt: skip


def _checks(findings: Sequence[Finding]) -> list[CheckResult]:
    failed: dict[str, Finding] = {}
    for item in findings:
        failed.setdefault(item.check, item)
    results = [
        result(check, Pillar(item.pillar), item.severity, Outcome.FAILED, title=item.title, of=41, lost=9.75 - number)
        for number, (check, item) in enumerate(failed.items())
    ]
    results += [
        result("constraint-not-validated", Pillar.INTEGRITY, Severity.MEDIUM, Outcome.PASSED, of=87,
               title="Every constraint was checked against all rows"),
        result("sequence-near-end", Pillar.CAPACITY, Severity.HIGH, Outcome.PASSED, of=22, examined=20,
               title="Every sequence has room", reason="two sequences may not be read",
               grant="GRANT SELECT ON shop.a_seq, shop.b_seq TO auditor;"),
        *(result(f"sound-{n}", pillar, Severity.LOW, Outcome.PASSED) for n, pillar in enumerate(Pillar)),
        result("password-md5", Pillar.SECURITY, Severity.HIGH, Outcome.NOT_ASSESSED, of=0,
               reason="the probe passwords was denied: permission denied for view pg_authid",
               grant="GRANT SELECT ON pg_authid TO auditor;"),
        result("hba-trust", Pillar.SECURITY, Severity.CRITICAL, Outcome.NOT_ASSESSED, of=0,
               reason="the probe host-rules was denied: permission denied", grant="GRANT pg_monitor TO auditor;"),
        result("partition-default-filled", Pillar.CAPACITY, Severity.LOW, Outcome.NOT_APPLICABLE, of=0,
               reason="there are no partitioned tables to look at"),
        result("checkpoints-forced", Pillar.OPERATIONS, Severity.LOW, Outcome.ERROR, of=1,
               reason="ZeroDivisionError: float division by zero"),
    ]  # fmt: skip
    return results


def proof_of(plan: Plan, text: str, *, passed: bool) -> Proof:
    """A proof of a plan, passed or not, that says ``text`` wherever it says something in its own words."""
    verdicts: tuple[Verdict, ...] = ("passed", "not-measured", "passed" if passed else "failed")
    return Proof(
        plan_hash="0f" * 32, engine="sample", server_version="18.6", settings_hash="d1" * 32,
        created_at="2026-11-22T11:00:00+00:00", expires_at="2026-11-29T11:00:00+00:00", scale=0.25, rows=412_000,
        marks=tuple(
            Mark(id=f"M{n}", title=text, verdict=verdicts[n % 3], value=n / 9, limit=0.2, unit="s", reason=text)
            for n in range(1, 15)
        ),
        stalls=tuple(
            Stall(step=step.id, run="forward", client=text, seconds=0.2 / n, statement=text, behind=text)
            for n, step in enumerate(plan.steps[:5], start=1)
        ),
        steps=tuple(
            StepProof(step=step.id, outcome="rehearsed") if n % 4
            else StepProof(step=step.id, outcome="failed" if n == 4 and not passed else "not-rehearsed", reason=text)
            for n, step in enumerate(plan.steps)
        ),
        runs=(Run(name="forward", seconds=31.2, steps=len(plan.steps), probes=91_000, errors=0, longest_seconds=0.2,
                  percentile_seconds=0.01),),
        left_out=(text,),
    )  # fmt: skip


def shop_audit() -> Audit:
    """An audit of a shop that grew for six years."""
    findings, operations = _findings()
    plan = _plan(findings, operations)
    checks = _checks(findings)
    return Audit(
        tool=Tool(name="auditor", version="0.1.0"),
        target=TargetInfo(engine="sample", product="Sample", version="18.6", name="shop",
                          collected_at="2026-11-22T10:00:00+00:00",
                          stats_since="2026-10-12T03:10:00+00:00", stats_days=41.3),
        score=Score(
            overall=49.0, grade="at risk", coverage=0.884, floor=44.1, ceiling=49.0, provisional=True,
            cap="pk-int-exhaustion",
            if_accepted_open=47.9,
            pillars=(
                PillarScore(pillar="modelling", score=91.2, coverage=1.0, earned=9.1, lost=0.9, grey=0.0),
                PillarScore(pillar="integrity", score=88.0, coverage=0.9, earned=7.9, lost=1.1, grey=1.0),
                PillarScore(pillar="indexing", score=41.3, coverage=1.0, earned=4.1, lost=5.9, grey=0.0,
                            worst=("fk-no-index", "index-duplicate")),
                PillarScore(pillar="capacity and scaling", score=49.0, coverage=1.0, earned=5.2, lost=4.8, grey=0.0,
                            worst=("pk-int-exhaustion",)),
                PillarScore(pillar="security and compliance", score=62.0, coverage=0.4, earned=2.5, lost=1.5, grey=6.0,
                            worst=("role-superuser-application",)),
                PillarScore(pillar="availability and recovery", score=None, coverage=0.0, earned=0, lost=0, grey=8.0),
                PillarScore(pillar="evolution", score=100.0, coverage=1.0, earned=3.0, lost=0.0, grey=0.0),
            ),
        ),
        findings=tuple(findings), checks=tuple(checks),
        probes=(
            *(ProbeResult(probe=name, outcome=ProbeOutcome.OK, rows=31 * n, milliseconds=1.5 * n)
              for n, name in enumerate(("server", "settings", "schemas", "tables", "columns", "indexes", "constraints",
                                        "sequences", "sizes", "table-usage", "index-usage", "statements", "sessions"))),
            ProbeResult(probe="passwords", outcome=ProbeOutcome.DENIED, milliseconds=0.4,
                        reason="permission denied for view pg_authid", grant="GRANT SELECT ON pg_authid TO auditor;"),
            ProbeResult(probe="host-rules", outcome=ProbeOutcome.DENIED, milliseconds=0.4, reason="permission denied",
                        grant="GRANT pg_monitor TO auditor;"),
            ProbeResult(probe="slow-log", outcome=ProbeOutcome.UNSUPPORTED, reason="no log file was given"),
        ),
        plan=plan,
        proof=proof_of(plan, "The longest wait of a client", passed=True),
        inventory=Inventory(
            bytes=21_474_836_480, tables=31, indexes=118, columns=402, foreign_keys=41,
            largest=tuple(
                TableSummary(name=f"shop.{name}", rows=rows, bytes=rows * 190, heap_bytes=rows * 120,
                             index_bytes=rows * 60, columns=9, indexes=4)
                for name, rows in (("order_lines", 41_200_000), ("payments", 6_310_442), ("orders", 5_902_118),
                                   ("audit_log", 3_100_000), ("customers", 910_225), ("products", 21_004))
            ),
        ),
        diagram=shop_diagram(),
        documentation={item.check: DOCUMENTATION for item in findings},
    )  # fmt: skip


def shop_diagram() -> Diagram:
    """A small schema with a chain, a hub, a cycle, a self-reference and an island."""
    names = ("customers", "orders", "order_lines", "products", "categories", "payments", "settings", "a", "b", "c")
    edges = ((1, 0), (2, 1), (2, 3), (3, 4), (4, 4), (5, 1), (5, 0), (7, 8), (8, 9), (9, 7), (2, 0))
    return Diagram(
        relations=tuple(
            Relation(schema="shop", name=name, columns=(
                ("id", "bigint", "PK"), ("parent_id", "bigint", "FK"),
                ("created_at", "timestamp with time zone", ""), ("amount", "numeric(10,2)", ""),
            )[: 2 + number % 3]) for number, name in enumerate(names)
        ),
        references=tuple(
            Reference(source=source, target=target, columns=("parent_id",), nullable=bool(source % 2), unique=False)
            for source, target in edges
        ),
        left_out=3,
    )  # fmt: skip


def large_audit(tables: int, per_table: int = 2, checks: int = 40) -> Audit:
    """An audit with ``tables * per_table`` findings, each with an operation and a step."""
    base = shop_audit()
    severities, pillars = list(Severity), list(Pillar)
    findings, operations, steps = [], [], []
    for number in range(tables * per_table):
        check = number % checks
        operation = AddIndex(schema="app", table=f"entity_{number % tables:05}", columns=(f"ref_{number}_id",))
        item = finding(
            f"rule-{check:02}", severities[1 + check % 4], pillars[check % len(pillars)],
            Subject(kind="column", name=f"app.entity_{number % tables:05}.ref_{number}_id"),
            operations=(operation,), impact=Impact(rows=number, bytes=number * 8192),
            evidence=(Evidence(name="rows", value=number * 17, unit="rows", probe="tables"),
                      Evidence(name="size", value=number * 8192, unit="bytes", probe="sizes")),
            related=(Subject(kind="table", name=f"app.entity_{number % tables:05}"),),
            explanation=f"Each delete in app.parent has to find the referring rows of app.entity_{number % tables:05} "
                        f"({number * 17:,} rows) by a scan, because no index holds the column.",
        )  # fmt: skip
        findings.append(item)
        operations.append(operation)
        steps.append(Step(
            id=f"expand-{number}", title=f"Build an index on {item.subject.name}", operation=operation.id,
            statements=(f"CREATE INDEX CONCURRENTLY entity_{number}_idx ON app.entity_{number % tables:05} (ref_id);",),
            transactional=False, lock="SHARE UPDATE EXCLUSIVE", blocking_seconds=0.0, duration_seconds=1.0 + number / 7,
            disk_bytes=number * 4096, basis=f"{number * 17:,} rows at 1 million rows a second",
            verify=f"SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.entity_{number}_idx'::regclass;",
            rollback=(f"DROP INDEX CONCURRENTLY IF EXISTS app.entity_{number}_idx;",), findings=(item.fingerprint,),
        ))  # fmt: skip
    results = [
        result(f"rule-{check:02}", pillars[check % len(pillars)], severities[1 + check % 4], Outcome.FAILED, of=tables)
        for check in range(checks)
    ]
    return Audit(
        tool=base.tool, target=base.target, score=base.score, findings=tuple(findings), checks=tuple(results),
        probes=base.probes, inventory=replace(base.inventory, tables=tables),
        plan=Plan(operations=tuple(operations), phases=(
            PlanPhase(phase=Phase.EXPAND, steps=tuple(steps), goal="Add what is missing."),)),
        documentation={r.check: DOCUMENTATION for r in results},
    )  # fmt: skip


def hostile_audit(names: Sequence[str] = HOSTILE) -> Audit:
    """An audit in which every text that comes from a database, and then some, is one of the given names."""
    base = shop_audit()
    findings, operations, steps = [], [], []
    for number, name in enumerate(names):
        operation = AddIndex(schema=name, table=name, columns=(name,))
        item = finding(
            "fk-no-index" if number % 2 else "table-no-pk", list(Severity)[number % 5], Pillar.INDEXING,
            Subject(kind="column", name=f"{name}.{name}"), title=f"Column {name} has no index",
            related=(Subject(kind="table", name=name),), operations=(operation,),
            evidence=(Evidence(name="name", value=name, unit=name, probe="tables"),),
            impact=Impact(risk=f"{name} may break", rows=1), explanation=f"{name} is {name}.",
            recommendation=f"Mend {name}.",
            suppressed=Suppression(reason=name) if number % 7 == 6 else None,
        )  # fmt: skip
        findings.append(item)
        operations.append(operation)
        steps.append(Step(
            id=name, title=f"Build on {name}", operation=operation.id, statements=(f'CREATE INDEX ON "{name}" (x);',),
            lock=name, basis=name, precondition=name, verify=name, rollback=(name,), notes=(name,),
            findings=(item.fingerprint,), point_of_no_return=number % 3 == 0,
        ))  # fmt: skip
    relations = tuple(Relation(schema=name, name=name, columns=((name, name, "PK"),)) for name in names)
    references = tuple(
        Reference(source=n, target=(n * 7) % len(names), columns=(names[n],), nullable=True, unique=True)
        for n in range(len(names))
    )
    checks = [
        result("fk-no-index", Pillar.INDEXING, Severity.MEDIUM, Outcome.FAILED),
        result("table-no-pk", Pillar.INDEXING, Severity.MEDIUM, Outcome.FAILED),
        *(result(f"denied-{n}", Pillar.SECURITY, Severity.LOW, Outcome.NOT_ASSESSED, reason=name, grant=name)
          for n, name in enumerate(names)),
        *(result(f"error-{n}", Pillar.SECURITY, Severity.LOW, Outcome.ERROR, reason=name)
          for n, name in enumerate(names)),
    ]  # fmt: skip
    plan = Plan(
        operations=tuple(operations), phases=(PlanPhase(phase=Phase.EXPAND, steps=tuple(steps), goal=names[0]),),
        conflicts=tuple(Conflict(operations=(name,), decision=name, reason=name) for name in names),
    )  # fmt: skip
    return Audit(
        tool=base.tool, target=TargetInfo(engine="sample", version=names[0], name=names[0], collected_at=names[0]),
        score=base.score, findings=tuple(findings), checks=tuple(checks), probes=base.probes,
        plan=plan, proof=proof_of(plan, "".join(names), passed=False),
        inventory=Inventory(bytes=None, tables=1, indexes=0, columns=0, foreign_keys=0, largest=tuple(
            TableSummary(name=name, rows=None, bytes=None, heap_bytes=None, index_bytes=None, columns=1, indexes=0)
            for name in names)),
        diagram=Diagram(relations=relations, references=references),
        documentation={"fk-no-index": {"summary": names[0], "When it is fine": "\n\n".join(names)}},
    )  # fmt: skip


def empty_audit() -> Audit:
    """An audit of nothing: an empty database that nobody may look into."""
    base = shop_audit()
    return Audit(
        tool=base.tool, target=TargetInfo(engine="sample", version="18", name="empty", collected_at="2026-11-22"),
        score=Score(overall=None, grade="not assessed", coverage=0.0, floor=None, ceiling=None, provisional=True,
                    pillars=()),
        findings=(), checks=(), probes=(), plan=Plan(), documentation={},
        inventory=Inventory(bytes=None, tables=0, indexes=0, columns=0, foreign_keys=0, largest=()),
    )  # fmt: skip
