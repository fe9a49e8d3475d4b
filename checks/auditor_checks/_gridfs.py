"""What GridFS stores: files in two collections of one prefix.

https://www.mongodb.com/docs/manual/core/gridfs/
"""

from __future__ import annotations

from auditor.model.catalog import Table

_CHUNK = {"_id", "files_id", "n", "data"}


def is_chunks(table: Table) -> bool:
    """Whether the collection holds the chunks of files."""
    return table.name.endswith(".chunks") and {column.name for column in table.columns} >= _CHUNK


def is_gridfs(table: Table) -> bool:
    """Whether the collection belongs to GridFS: its applications do not choose what it looks like."""
    named = table.name.endswith(".files") and table.column("chunkSize") is not None
    return is_chunks(table) or named
