"""MongoDB, and what speaks its protocol: standalone servers, replica sets, sharded clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.connector import CollectOptions, ProbeInfo, Progress, Recipe
from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.snapshot import Snapshot
from auditor.target import Target
from auditor_connectors.without_rehearsal import WithoutRehearsal


class MongoDB(WithoutRehearsal):
    """The connector."""

    engine = "mongodb"
    title = "MongoDB"
    schemes: Sequence[str] = ("mongodb", "mongodb+srv")
    example = "mongodb://user:password@host:27017/database?authSource=admin"

    def collect(self, target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
        """Read the target: one database of the deployment, or all of them where the URL names none.

        Raises:
            UsageError: the URL has an option that is unknown or has a wrong value, or the log file cannot be read.
            UnreachableError: the deployment cannot be reached, refuses the login or has no such database.

        """
        from auditor_connectors.mongodb.collect import collect

        return collect(target, options, progress)

    def databases(self, target: Target, options: CollectOptions) -> Sequence[str]:
        """Name the databases of the server that can be audited one by one, sorted.

        Raises:
            UnreachableError: the server cannot be reached or refuses the login.

        """
        from auditor_connectors.mongodb.collect import databases

        return databases(target, options)

    def probes(self) -> Iterable[ProbeInfo]:
        """List every probe, in the order in which they run."""
        from auditor_connectors.mongodb.probes import PROBES
        from auditor_connectors.slowlog import SLOW_LOG

        for probe in PROBES:
            yield ProbeInfo(probe=probe.name, purpose=probe.purpose, privilege=probe.privilege)
        yield SLOW_LOG

    def recipes(self) -> Mapping[str, Recipe]:
        """Map kinds of operations to the recipes that perform them on this engine."""
        from auditor_connectors.mongodb.recipes import RECIPES

        return RECIPES

    def export_formats(self) -> Sequence[ExportFormat]:
        """List the formats of the engine's own programs in which a plan can be written."""
        from auditor_connectors.mongodb.exporting import FORMATS

        return FORMATS

    def dialect(self) -> Dialect:
        """How statements are guarded in the files of programs that run them."""
        from auditor_connectors.mongodb.exporting import DIALECT

        return DIALECT


connector = MongoDB()
