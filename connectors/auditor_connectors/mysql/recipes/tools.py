"""Changes by a tool that copies the table beside itself while clients write: gh-ost, or pt-online-schema-change.

What each refuses and how it is called: gh-ost, "Requirements and limitations" and "Command line flags"; Percona
Toolkit, "pt-online-schema-change". The command lines hold neither a host's name nor a password.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Literal

from auditor.connector import Draft
from auditor.model.catalog import Table
from auditor.model.facts import Facts
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.estimates import LOCK_WAIT_SECONDS, Estimate
from auditor_connectors.mysql.recipes.queries import all_of, no_references, no_triggers, table_is_absent
from auditor_connectors.mysql.recipes.sql import qualified
from auditor_connectors.mysql.recipes.steps import OBSERVATION_DAYS, SHORT_WAIT, runbook

Tool = Literal["gh-ost", "pt-online-schema-change"]

GH_OST: Tool = "gh-ost"
PT_OSC: Tool = "pt-online-schema-change"

TOOL_BYTES_PER_SECOND = 4e6
"""What is reckoned with: rows are copied in small statements, and the tool waits whenever the server is busy."""

_HAS_ROW_LOG = (
    "SELECT @@GLOBAL.log_bin = 1 AND @@GLOBAL.binlog_format = 'ROW' AND upper(@@GLOBAL.binlog_row_image) = 'FULL'"
)
# Of a name with a quote pt-online-schema-change 3.2.1 said that there is no such table.
_PLAIN = re.compile(r"[\w$]+\Z")
_LOAD = "--max-load=Threads_running=50 --critical-load=Threads_running=200"
_CHECK_NAMES = (
    "The copy gets names of its own for the table's checks: names of checks are shared by the whole database. Look "
    "whether anything knows them."
)


def choose(facts: Facts, table: Table, changed_keys: Iterable[str] = ()) -> Tool | None:
    """Choose the tool that can copy the table, None where none can.

    ``changed_keys`` are foreign keys that are dropped before, so that they are not in the way.
    """
    if not _has_key(facts, table) or not (_PLAIN.match(table.schema) and _PLAIN.match(table.name)):
        return None
    ending = set(changed_keys)
    keys = [key for key in facts.constraints_of(table.key, "foreign-key") if key.name not in ending]
    referring = [key for key in facts.referencing(table.key) if key.name not in ending]
    if any(key.referenced_key == table.key for key in keys):
        return None  # both refuse a table that refers to itself
    triggers = any(trigger.table_key == table.key for trigger in facts.triggers)
    logs = (facts.setting("log_bin") or "").upper() in ("ON", "1")
    fits = facts.target.engine == "mysql" and facts.target.flavour != "Amazon Aurora" and logs
    return GH_OST if fits and not (keys or referring or triggers) else PT_OSC


def by_tool(
    facts: Facts,
    phase: Phase,
    title: str,
    *,
    table: Table,
    clauses: str,
    tool: Tool,
    verify: str | None,
    precondition: str | None,
    notes: Iterable[str],
    without_keys: Iterable[str] = (),
) -> Iterator[Draft]:
    """Draft the change by the tool, and the drop of what it leaves behind.

    ``without_keys``: foreign keys that are dropped before.
    """
    ending = frozenset(without_keys)
    old = (table.schema, f"_{table.name}_{'del' if tool == GH_OST else 'old'}")
    command = _gh_ost if tool == GH_OST else _pt_osc
    needed = (_HAS_ROW_LOG, no_triggers(table.key), no_references(table.key)) if tool == GH_OST else ()
    yield runbook(
        phase,
        f"{title}, by {tool}",
        notes=(
            *notes,
            f"$ {command(facts, table, clauses, ending, execute=False)}",
            f"$ {command(facts, table, clauses, ending, execute=True)}",
            "The first command tries it and changes nothing. Both read how to connect from the file that they name.",
            *_cares(facts, table, tool),
            f"It ends by changing the names of two tables: others wait at most {LOCK_WAIT_SECONDS} s per try.",
            f"Way back: the same tool with the old definition. {'.'.join(old)} keeps the rows of this moment only.",
        ),
        verify=verify,
        precondition=all_of(precondition, table_is_absent(old), *needed),
        takes=_takes(table),
        lock="exclusive metadata lock",
        blocks=Blocks.EVERYTHING,
        blocking_seconds=float(LOCK_WAIT_SECONDS),
    )
    yield runbook(
        Phase.CONTRACT,
        f"Drop {'.'.join(old)}, which the tool left behind",
        SHORT_WAIT,
        f"DROP TABLE IF EXISTS {qualified(old)}",
        notes=("Its rows are those of the moment of the change: nothing reads it.",),
        verify=table_is_absent(old),
        reversible=False,
        observe_days=OBSERVATION_DAYS,
        takes=estimates.brief("files are removed"),
        lock="exclusive metadata lock",
    )


_WITHOUT_OLD_WORDS = 80400
"""From here on MySQL knows no SHOW SLAVE HOSTS, which older releases of the tool need to find replicas."""


def _has_key(facts: Facts, table: Table) -> bool:
    """Whether some key tells every row apart: the rows are copied along it."""
    columns = {column.name: column for column in table.columns}
    return any(
        index.unique and all(part.column in columns and not columns[part.column].nullable for part in index.parts)
        for index in facts.indexes_of(table.key)
    )


def _takes(table: Table) -> Estimate:
    if table.bytes is None:
        return Estimate(None, None, "the table's size is not known")
    size = estimates.human_bytes(table.bytes)
    basis = (
        f"{size} copied at {TOOL_BYTES_PER_SECOND / 1e6:.0f} MB/s (default calibration), longer on a busy server; "
        f"needs {size} in the data directory and about as much for the binary log"
    )
    return Estimate(round(table.bytes / TOOL_BYTES_PER_SECOND + 1.0, 3), table.bytes, basis)


def _cares(facts: Facts, table: Table, tool: Tool) -> Iterator[str]:
    if any(one.kind == "check" for one in facts.constraints_of(table.key)):
        yield _CHECK_NAMES
    if tool == PT_OSC:
        if facts.constraints_of(table.key, "foreign-key"):
            yield "The foreign keys of the copy get an underscore before their names."
        if not facts.probes.get("triggers") or facts.probes["triggers"].outcome.value != "ok":
            yield "The audit could not see triggers: if the table has some, add --preserve-triggers."
        if facts.server.replicas and facts.target.engine == "mysql" and facts.version >= _WITHOUT_OLD_WORDS:
            yield "For this version of the server it takes Percona Toolkit 3.7 or later."
        yield (
            "Rows go over by INSERT IGNORE: one that the new definition refuses is lost without a word. The "
            "precondition looks for them; nothing may write any meanwhile."
        )
    if facts.server.replicas:
        yield "It waits when a replica lags by more than a second; see that it finds all of them."


def _gh_ost(facts: Facts, table: Table, clauses: str, without_keys: frozenset[str], *, execute: bool) -> str:
    return " ".join(
        (
            'gh-ost --conf="$HOME/.gh-ost.cnf" --host="$HOST"',
            f"--database={shlex.quote(table.schema)} --table={shlex.quote(table.name)}",
            f"--alter={shlex.quote(clauses)}",
            *(() if facts.server.replicas else ("--allow-on-master",)),
            f"{_LOAD} --chunk-size=1000 --max-lag-millis=1000 --cut-over-lock-timeout-seconds={LOCK_WAIT_SECONDS}",
            "--default-retries=60 --verbose",
            *(("--execute",) if execute else ()),
        )
    )


def _pt_osc(facts: Facts, table: Table, clauses: str, without_keys: frozenset[str], *, execute: bool) -> str:
    referring = [key for key in facts.referencing(table.key) if key.name not in without_keys]
    preserved = any(trigger.table_key == table.key for trigger in facts.triggers)
    return " ".join(
        (
            'pt-online-schema-change --defaults-file="$HOME/.my.cnf"',
            f"--alter {shlex.quote(clauses)}",
            *(("--alter-foreign-keys-method=rebuild_constraints",) if referring else ()),
            *(("--preserve-triggers",) if preserved else ()),
            f"{_LOAD} --no-drop-old-table",
            "--recursion-method=processlist --max-lag=1" if facts.server.replicas else "--recursion-method=none",
            f"--set-vars=lock_wait_timeout={LOCK_WAIT_SECONDS},innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}",
            "--tries=create_triggers:60:1,drop_triggers:60:1,swap_tables:60:1",
            "--execute" if execute else "--dry-run",
            shlex.quote(f"D={table.schema},t={table.name}"),
        )
    )
