"""The snapshot: everything that was read from a target, at one moment, with what could not be read and why."""

from __future__ import annotations

import re
from collections.abc import Collection

from msgspec import Struct

from auditor.model.catalog import Catalog
from auditor.model.keyspace import Keyspace
from auditor.model.security import Security
from auditor.model.server import Server
from auditor.model.vocabulary import ProbeOutcome
from auditor.model.workload import Workload

SCHEMA_VERSION = "1"


class TargetInfo(Struct, frozen=True, kw_only=True):
    """What was audited. Names only: no host, no user, no password.

    ``product`` is the engine's name as its makers write it, for people; None when ``engine`` says it well enough.
    ``flavour`` is a compatible product that the server's own answers reveal, None for the original.
    ``stats_since`` is when the usage counters began; ``stats_days`` how long before ``collected_at`` that was.
    """

    engine: str
    product: str | None = None
    flavour: str | None = None
    version: str
    name: str
    collected_at: str
    stats_since: str | None = None
    stats_days: float | None = None
    managed: bool = False


class ProbeResult(Struct, frozen=True, kw_only=True):
    """One bounded read: what it is for, what became of it and what it cost.

    ``reason`` says why it is not ``ok``, in words fit for a report; ``grant`` is the statement that would make it
    possible, None when nothing that a grant can do would. A probe that is ``ok`` may carry a ``reason`` too: what
    it could see only in part.
    """

    probe: str
    outcome: ProbeOutcome
    rows: int = 0
    milliseconds: float = 0.0
    reason: str | None = None
    grant: str | None = None


_OURS = re.compile(r"`[^`]*`|(?<![\w./-])(foreign key|table|row|column)(s?)(?![\w-]|\.\w)", re.IGNORECASE)


class Terms(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the engine's people call what this model calls table, row, column and foreign key.

    ``script`` is the name by which highlighters know the language of statements.
    """

    table: str = "table"
    row: str = "row"
    column: str = "column"
    reference: str = "foreign key"
    script: str = "sql"

    def word(self, word: str) -> str:
        """What the engine's people call a table, a row or a column, one or many of them; any other word stays."""
        for ours, theirs in (("table", self.table), ("row", self.row), ("column", self.column)):
            if word in (ours, f"{ours}s"):
                return word.replace(ours, theirs)
        return word

    def prose(self, text: str, names: Collection[str] = ()) -> str:
        """A text of a check that serves several engines, in the words of this one's people.

        Words in backticks and parts of dotted names are no prose; nor is what is among the ``names`` of objects.
        """
        if self == Terms():
            return text
        theirs = {"table": self.table, "row": self.row, "column": self.column, "foreign key": self.reference}

        def said(match: re.Match[str]) -> str:
            if match[1] is None or match[0] in names:
                return match[0]
            word = theirs[match[1].lower()]
            return (word.capitalize() if match[1][0].isupper() else word) + match[2]

        return _OURS.sub(said, text)


class Capabilities(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the engine can do, stated by its connector so that nothing else need know engines by name.

    ``language`` names the SQL grammar for parsing statement texts (as sqlglot spells it), None where they are no SQL.
    ``terms`` are the words of a report. ``page_bytes`` is the size of the blocks that statistics count.
    ``own_versions`` is True for a product that numbers and supports its versions by itself. ``promotes_indexes``: a
    unique index can become the primary key as it stands, without building another one. ``partial_indexes``: an index
    can leave rows out by a condition. ``casts``: a change of a column's type can say by ``column::type`` how its values
    are converted. ``uuid_type`` is what keeps a UUID best, ``decimal_type`` an amount of money.
    ``idle_transaction_timeout`` is the setting that ends sessions which sit idle in a transaction.
    ``database_is_schema``: what a statement is sent to as a database is what holds its tables. ``columns_fold``: names
    of columns are the same in upper and lower case, and counted statements may write them otherwise than the catalog,
    those of tables too. ``mirrored_indexes``: an index serves as well as the one whose directions are all the other way
    round. ``counts_by_index``: scans are counted for each index by itself, and all servers that count were asked for
    theirs. ``columns_anew``: a column takes or refuses NULL, or gets another type, by a statement that writes all of
    its definition.
    """

    language: str | None = None
    terms: Terms = Terms()
    page_bytes: int = 8192
    own_versions: bool = False
    promotes_indexes: bool = False
    partial_indexes: bool = False
    casts: bool = False
    uuid_type: str = "uuid"
    decimal_type: str = "numeric(19,4)"
    idle_transaction_timeout: str | None = None
    database_is_schema: bool = False
    columns_fold: bool = False
    mirrored_indexes: bool = False
    counts_by_index: bool = False
    columns_anew: bool = False


class Snapshot(Struct, frozen=True, kw_only=True):
    """Everything that the probes brought. The same snapshot always gives the same audit."""

    schema_version: str = SCHEMA_VERSION
    tool_version: str
    target: TargetInfo
    capabilities: Capabilities = Capabilities()
    probes: tuple[ProbeResult, ...] = ()
    server: Server = Server()
    catalog: Catalog = Catalog()
    keyspace: Keyspace = Keyspace()
    security: Security = Security()
    workload: Workload = Workload()
