"""PostgreSQL 12 to 18, and what speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from auditor.connector import CollectOptions, ProbeInfo, Progress, Recipe, RehearsalOptions
from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.plan import Plan
from auditor.model.proof import Proof
from auditor.model.snapshot import Snapshot
from auditor.target import Target


class PostgreSQL:
    """The connector. It is light: the driver, the probes and the recipes are imported when they are asked for."""

    engine = "postgresql"
    title = "PostgreSQL"
    schemes = ("postgresql", "postgres")
    example = "postgresql://user:password@host:5432/database"
    demonstrates = True
    rehearses = True

    def collect(self, target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
        """Read the target.

        Raises:
            UsageError: the URL has an option that the client library does not know.
            UnreachableError: the server cannot be reached or refuses the login.

        """
        from auditor_connectors.postgresql.collect import collect

        return collect(target, options, progress)

    def databases(self, target: Target, options: CollectOptions) -> Sequence[str]:
        """Name the databases of the server that can be audited one by one, sorted.

        Raises:
            UnreachableError: the server cannot be reached or refuses the login.

        """
        from auditor_connectors.postgresql.collect import databases

        return databases(target, options)

    def probes(self) -> Iterable[ProbeInfo]:
        """List every probe, in the order in which they run."""
        from auditor_connectors.postgresql.probes import PROBES
        from auditor_connectors.slowlog import SLOW_LOG

        for probe in PROBES:
            yield ProbeInfo(
                probe=probe.name,
                purpose=probe.purpose,
                privilege=probe.privilege,
                since=str(probe.since // 10000) if probe.since else "",
                timeout=probe.timeout,
            )
        yield SLOW_LOG

    def recipes(self) -> Mapping[str, Recipe]:
        """Map kinds of operations to the recipes that perform them on this engine."""
        from auditor_connectors.postgresql.recipes import RECIPES

        return RECIPES

    def export_formats(self) -> Sequence[ExportFormat]:
        """List the formats of the engine's own programs in which a plan can be written."""
        from auditor_connectors.postgresql.exporting import FORMATS

        return FORMATS

    def dialect(self) -> Dialect:
        """How statements are guarded in the files of migration tools that serve many engines."""
        from auditor_connectors.postgresql.exporting import DIALECT

        return DIALECT

    def rehearse(self, plan: Plan, options: RehearsalOptions, tell: Callable[[str], None]) -> Proof:
        """Carry out a plan on a disposable server under load, and tell what was measured.

        Raises:
            UsageError: the database may not be used, or there is no server and no room for one.
            UnreachableError: a server cannot be reached or refuses the login.

        """
        from auditor_connectors.postgresql.rehearsal import rehearse

        return rehearse(plan, options, tell)

    def demo(self, tell: Callable[[str], None] | None = None) -> AbstractContextManager[str]:
        """Start a disposable server with a sample database; the value is its URL, and leaving the context ends it.

        Raises:
            UsageError: what the demonstration needs is not installed.

        """
        from auditor_connectors.postgresql.demo import demo

        return demo(tell)


connector = PostgreSQL()
