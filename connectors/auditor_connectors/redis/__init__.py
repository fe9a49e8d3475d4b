"""Redis and Valkey, and what speaks their protocol: single servers, replicas, watched by Sentinel, clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.connector import CollectOptions, ProbeInfo, Progress, Recipe
from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.snapshot import Snapshot
from auditor.target import Target
from auditor_connectors.without_rehearsal import WithoutRehearsal


class Redis(WithoutRehearsal):
    """The connector."""

    engine = "redis"
    title = "Redis"
    schemes: Sequence[str] = (
        "redis", "rediss", "valkey", "valkeys", "unix", "redis+unix", "valkey+unix",
        "redis+sentinel", "rediss+sentinel", "valkey+sentinel", "redis-sentinel", "rediss-sentinel",
    )  # fmt: skip
    example = "redis://user:password@host:6379/"

    def collect(self, target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
        """Read the target: one numbered database, or all of them where the URL names none.

        Raises:
            UsageError: the URL has an option that is unknown or has a wrong value.
            UnreachableError: the server cannot be reached or refuses the login.

        """
        from auditor_connectors.redis.collect import collect

        return collect(target, options, progress)

    def databases(self, target: Target, options: CollectOptions) -> Sequence[str]:
        """Name the numbered databases that have keys.

        Raises:
            UnreachableError: the server cannot be reached or refuses the login.

        """
        from auditor_connectors.redis.collect import databases

        return databases(target, options)

    def probes(self) -> Iterable[ProbeInfo]:
        """List every probe, in the order in which they run."""
        from auditor_connectors.redis.probes import PROBES

        for probe in PROBES:
            yield ProbeInfo(probe=probe.name, purpose=probe.purpose, privilege=probe.privilege)

    def recipes(self) -> Mapping[str, Recipe]:
        """Map kinds of operations to the recipes that perform them on this engine."""
        from auditor_connectors.redis.recipes import RECIPES

        return RECIPES

    def export_formats(self) -> Sequence[ExportFormat]:
        """List the formats of the engine's own programs in which a plan can be written."""
        from auditor_connectors.redis.exporting import FORMATS

        return FORMATS

    def dialect(self) -> Dialect:
        """How statements are guarded in the files of programs that run them."""
        from auditor_connectors.redis.exporting import DIALECT

        return DIALECT


connector = Redis()
