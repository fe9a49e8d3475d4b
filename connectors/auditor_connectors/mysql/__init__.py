"""MySQL and MariaDB, and what speaks their protocol. Both go through one driver and one set of probes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.connector import CollectOptions, ProbeInfo, Progress, Recipe
from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.snapshot import Snapshot
from auditor.target import Target
from auditor_connectors.without_rehearsal import WithoutRehearsal


class MySQL(WithoutRehearsal):
    """The connector of one product. What a server really is, it says itself, whatever the scheme of the URL."""

    def __init__(self, engine: str, title: str) -> None:
        self.engine = engine
        self.title = title
        self.schemes: Sequence[str] = (engine,)
        self.example = f"{engine}://user:password@host:3306/database"

    def collect(self, target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
        """Read the target: one database of the server, or all of them where the URL names none.

        Raises:
            UsageError: the URL has an option that is unknown or has a wrong value, or the log file cannot be read.
            UnreachableError: the server cannot be reached, refuses the login or has no such database.

        """
        from auditor_connectors.mysql.collect import collect

        return collect(target, options, progress)

    def databases(self, target: Target, options: CollectOptions) -> Sequence[str]:
        """Name the databases of the server that can be audited one by one, sorted.

        Raises:
            UnreachableError: the server cannot be reached or refuses the login.

        """
        from auditor_connectors.mysql.collect import databases

        return databases(target, options)

    def probes(self) -> Iterable[ProbeInfo]:
        """List every probe, in the order in which they run."""
        from auditor_connectors.mysql.probes import PROBES
        from auditor_connectors.mysql.probes.workload import LOG_TABLE

        for probe in (*PROBES, LOG_TABLE):
            yield ProbeInfo(probe=probe.name, purpose=probe.purpose, privilege=probe.privilege)

    def recipes(self) -> Mapping[str, Recipe]:
        """Map kinds of operations to the recipes that perform them on this engine."""
        from auditor_connectors.mysql.recipes import RECIPES

        return RECIPES

    def export_formats(self) -> Sequence[ExportFormat]:
        """List the formats of the engine's own programs in which a plan can be written."""
        from auditor_connectors.mysql.exporting import FORMATS

        return FORMATS

    def dialect(self) -> Dialect:
        """How statements are guarded in the files of migration tools."""
        from auditor_connectors.mysql.exporting import DIALECT

        return DIALECT


mysql = MySQL("mysql", "MySQL")
mariadb = MySQL("mariadb", "MariaDB")
