"""What a document engine's collections hold beyond what a relational table has: shapes seen in a bounded sample.

A collection is a ``Table`` of the kind "collection", its fields are columns that are named by their dotted path (an
array stands for its elements: ``items.sku``; a dot in a name is doubled), and what only documents have is here.
Everything is a share, a length or a count: no value of a document is ever kept. ``None`` always means "not known",
never "zero".
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ArrayShape(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The lengths of the arrays that a sample found at a path.

    ``older`` and ``newer`` are the mean lengths in the older and the newer half of the documents, where the order of
    their creation is known: arrays that are longer in the older half go on growing.
    """

    mean: float = 0.0
    median: int = 0
    p99: int = 0
    maximum: int = 0
    older: float | None = None
    newer: float | None = None
    bytes_mean: float | None = None


class FieldShape(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a sample showed of a field.

    ``documents`` counts those that have it, of ``of`` that could: all that were looked at, or for a field inside others
    those that have the one around it; inside an array's elements (``in_array``) these are counted. ``types`` maps the
    engine's names of types to the share of the values found there, null among them. ``oldest`` and ``newest`` are the
    shares of the oldest and the newest documents that have it. ``array`` is set where values are arrays. ``length_*``
    are bytes of texts and binaries without their frame. ``formats`` maps the engine's name of a subtype to the share of
    binary values that have it.
    """

    documents: int
    of: int
    types: dict[str, float] = {}
    oldest: float | None = None
    newest: float | None = None
    array: ArrayShape | None = None
    in_array: bool = False
    length_mean: float | None = None
    length_maximum: int | None = None
    bytes_mean: float | None = None
    bytes_maximum: int | None = None
    formats: dict[str, float] = {}

    @property
    def presence(self) -> float:
        """The share of the documents that could have the field and do."""
        return self.documents / self.of if self.of else 0.0


class Sample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a collection was sampled: how many documents, of how many, by which ways, in how many bytes and milliseconds.

    ``strata`` says how many of the documents are the oldest and newest by the order of creation. ``cut`` says which
    budget ended it early; a field that ``documents`` of them do not have may still exist in fewer than 3/documents
    (the rule of three, 95 %: https://doi.org/10.1001/jama.1983.03330370053031).
    """

    documents: int
    of: float | None = None
    method: Literal["all", "random", "bounded"] = "random"
    strata: int = 0
    bytes: int = 0
    milliseconds: float = 0.0
    cut: str | None = None


class ShapeGroup(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Documents of a sample that have about the same fields: their share, and the fields that set them apart."""

    share: float
    fields: tuple[str, ...] = ()


class Link(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A field that seems to hold the key of another collection, tried with a bounded number of its values.

    ``tried`` values were looked up, ``found`` are there. ``cast_found`` would be, were they of the key's type.
    """

    field: str
    database: str
    collection: str
    tried: int = 0
    found: int = 0
    cast_found: int | None = None
    many: bool = False


class Validator(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a collection demands of documents. ``fields`` are those that a schema in it describes."""

    level: Literal["off", "moderate", "strict"] = "strict"
    action: str = "error"
    schema: bool = False
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


class TimeSeries(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a collection keeps measurements in buckets, and how. ``per_bucket`` is their mean number in one."""

    time_field: str
    meta_field: str | None = None
    granularity: str | None = None
    buckets: int | None = None
    per_bucket: float | None = None


class Documents(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What only a collection of documents has.

    ``bytes_*`` are sizes of whole documents, ``depth`` how deep they nest at most, ``paths`` how many different paths
    the sample has. ``name_share`` is the share of the bytes that the names of fields take. ``groups`` are shapes of
    documents that differ much, largest first; ``discriminator`` names a field whose value tells them apart.
    ``successive``: the groups follow each other in the order of creation, instead of standing beside each other.
    ``dynamic`` lists paths whose last name is data (an id, a date) in each document another: it is written ``*``.
    ``shard_key`` lists its fields; of these ``shard_hashed`` counts by the hash of its value. ``stuck_chunks`` are
    parts that are too large to be moved to another shard; where it is not ``balanced`` none is moved.
    """

    bytes_mean: float | None = None
    bytes_p99: int | None = None
    bytes_maximum: int | None = None
    depth: int | None = None
    paths: int | None = None
    name_share: float | None = None
    capped: bool = False
    clustered: bool = False
    encrypted: bool = False
    expire_seconds: int | None = None
    validator: Validator | None = None
    time_series: TimeSeries | None = None
    shard_key: tuple[str, ...] = ()
    shard_hashed: str | None = None
    stuck_chunks: int = 0
    balanced: bool = True
    sample: Sample | None = None
    groups: tuple[ShapeGroup, ...] = ()
    discriminator: str | None = None
    successive: bool = False
    dynamic: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
