"""How a cluster shares out its documents."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from auditor.model.catalog import Table
from auditor.model.documents import Documents
from auditor.model.server import Shard
from auditor_connectors.mongodb.probe import Raw


def shards(raw: Raw) -> tuple[Shard, ...]:
    """The shards, by their numbers: their names tell where they run."""
    rows = [row for row in raw.get("sharding", ()) if "shard" in row]
    return tuple(Shard(name=f"shard {row['shard']}", draining=row["draining"]) for row in rows)


def balancing(raw: Raw) -> bool | None:
    """Whether the balancer is on; None where there is none."""
    return next((bool(row["balancing"]) for row in raw.get("sharding", ()) if "balancing" in row), None)


def distributed(tables: Iterable[Table], raw: Raw) -> tuple[Table, ...]:
    """The collections, with the keys by which they are shared out."""
    known = {(row["database"], row["name"]): row for row in raw.get("sharding", ()) if "key" in row}
    found = []
    for table in tables:
        row = known.get(table.key)
        if row is not None:
            hashed = next((field for field, how in row["key"].items() if how == "hashed"), None)
            own = replace(
                table.documents or Documents(), shard_key=tuple(row["key"]), shard_hashed=hashed,
                stuck_chunks=row["jumbo"], balanced=row["balanced"],
            )  # fmt: skip
            table = replace(table, documents=own)  # noqa: PLW2901 -- the same one, and more is known of it
        found.append(table)
    return tuple(found)
