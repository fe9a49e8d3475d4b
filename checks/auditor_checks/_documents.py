"""What checks of documents share: who was sampled, how sure a share is, what a sample says as evidence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import sqrt

from auditor.model.catalog import Column, Table
from auditor.model.documents import Documents, FieldShape, Sample
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Subject, Unknown
from auditor.model.operation import MergeClones

EMPTY = frozenset({"null", "undefined"})
"""Types of values that say that there is none."""

_UNIQUE_TYPES = frozenset({"objectId", "binData"})
"""Types of ``_id`` whose values are different in all collections."""

MERGED = 50
"""How many collections a plan merges by steps of their own."""

_Z = 1.959964
"""The two-sided 95 % quantile of the normal distribution."""


def documents_of(table: Table) -> Documents:
    """What only collections have."""
    return table.documents or Documents()


def sample_of(table: Table) -> Sample:
    """The sample of a collection; of no document where there was none."""
    return documents_of(table).sample or Sample(documents=0)


def unsampled(table: Table, least: int = 1) -> Unknown | None:
    """Say why nothing is known of a collection's documents; None where at least so many were looked at, or it is empty.

    A collection that has fewer documents than are needed is judged by nobody, and not unknown.
    """
    sample = sample_of(table)
    if sample.documents >= least or table.rows == 0:
        return None
    if sample.documents and sample.of is not None and sample.of < least:
        return None
    if documents_of(table).sample is None:
        return Unknown(reason=f"the documents of {table.path} were not sampled")
    why = f": the limit on {sample.cut} was reached" if sample.cut is not None else ""
    return Unknown(reason=f"{sample.documents:,} documents of {table.path} could be read{why}")


def field_subject(table: Table, column: Column) -> Subject:
    """A field, as a report names it."""
    return Subject(kind="field", name=table.column_path(column.name))


def collection_subject(table: Table) -> Subject:
    """A collection, as a report names it."""
    return Subject(kind="collection", name=table.path)


def shape_of(column: Column) -> FieldShape:
    """What the sample showed of a field."""
    return column.shape or FieldShape(documents=0, of=0)


def sampled(table: Table) -> Evidence:
    """How many documents a verdict rests on."""
    return Evidence(name="documents sampled", value=sample_of(table).documents, unit="documents", probe="fields")


def rows(table: Table) -> Evidence:
    """How many documents the collection has."""
    known = None if table.rows is None else round(table.rows)
    return Evidence(name="documents", value=known, unit="documents", probe="collection-sizes")


def wilson(part: float, of: float) -> tuple[float, float]:
    """The interval in which the share of all lies with a confidence of 95 %, when ``part`` of ``of`` were found.

    Wilson's score interval: https://doi.org/10.1080/01621459.1927.10502953
    """
    if of <= 0:
        return 0.0, 1.0
    share, weight = part / of, 1 + _Z**2 / of
    middle = (share + _Z**2 / (2 * of)) / weight
    half = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2)) / weight
    return max(0.0, middle - half), min(1.0, middle + half)


def parent(path: str) -> str:
    """The path of what a field is inside of, "" at the top."""
    return path.rpartition(".")[0]


def is_data_name(path: str) -> bool:
    """Whether some name in the path stands for names that are data: nothing can address such a field."""
    return "*" in path.split(".")


def merged(facts: Facts, family: Sequence[Table], stem: str, field: str) -> MergeClones | None:
    """The operation that makes one collection of several whose names differ beside a common part.

    None where their keys may be the same (numbers that each counts by itself), a name that it needs is taken, or they
    are too many to be merged one by one.
    """
    schema, into = family[0].schema, stem.strip("_-.")
    values = {table.name: table.name.removeprefix(stem).removesuffix(stem).strip("_-.") for table in family}
    keys = {column.type for table in family if (column := table.column("_id")) is not None}
    taken = facts.table((schema, into)) is not None or any(table.column(field) is not None for table in family)
    if (
        len(family) > MERGED
        or taken
        or not into
        or not keys <= _UNIQUE_TYPES
        or len(set(values.values())) < len(values)
    ):
        return None
    return MergeClones(schema=schema, into=into, discriminator=field, values=values, type="string")


def schema_of(table: Table, *, stable: float = 0.995) -> str:
    """A JSON schema of what nearly all sampled documents have in common: the fields at the top, their types."""
    properties: dict[str, object] = {}
    required = []
    for column in table.columns:
        shape = shape_of(column)
        if "." in column.name or is_data_name(column.name) or shape.presence < 0.5:
            continue
        types = sorted(name for name, share in shape.types.items() if share > 1 - stable)
        if sum(shape.types[name] for name in types) >= stable:
            properties[column.name] = {"bsonType": types[0] if len(types) == 1 else types}
        if shape.presence == 1.0:
            required.append(column.name)
    rule = {"$jsonSchema": {"bsonType": "object", "required": required, "properties": properties}}
    return json.dumps(rule, ensure_ascii=False)
