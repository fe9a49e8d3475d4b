"""What the documents are made with: one source of chance, moments that end at a fixed one, identifiers with a time."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId
from pymongo import IndexModel

Document = dict[str, Any]

END = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment of the newest document."""
DAYS = 730
"""How far the oldest one lies before it."""

_NAMES = ("Anna", "Ben", "Carla", "David", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kim", "Lena")
_FAMILIES = ("Adler", "Becker", "Conti", "Duval", "Evans", "Fischer", "Garcia", "Huber", "Ivanov", "Jansen")
_WORDS = ("light", "field", "river", "stone", "cloud", "paper", "amber", "north", "quiet", "maple", "copper", "linen")


@dataclass(frozen=True)
class Collection:
    """A collection with its documents, its indexes and what it is created with. ``large`` ones go in small batches."""

    name: str
    documents: list[Document]
    indexes: Sequence[IndexModel] = ()
    options: dict[str, Any] = field(default_factory=dict)
    large: bool = False


class Maker:
    """Makes values, and keeps the identifiers that other collections refer to."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.random = random.Random(seed)
        self.customers: list[ObjectId] = []
        self.orders: list[ObjectId] = []
        self.products: list[str] = []
        self.devices: list[ObjectId] = []

    def count(self, base: int) -> int:
        """How many documents of a collection that grows with the size."""
        return base * self.size

    def moment(self, number: int, of: int) -> datetime:
        """The moment of a document by its number, from the oldest to the newest."""
        return END - timedelta(seconds=DAYS * 86400 * (of - number) // of)

    def identifier(self, moment: datetime) -> ObjectId:
        """An identifier as a driver would have made it at that moment."""
        return ObjectId(int(moment.timestamp()).to_bytes(4, "big") + self.random.randbytes(8))

    def uuid(self) -> uuid.UUID:
        """A random UUID."""
        return uuid.UUID(bytes=self.random.randbytes(16), version=4)

    def token(self) -> str:
        """A secret of 24 random bytes as text."""
        return base64.urlsafe_b64encode(self.random.randbytes(24)).decode()

    def name(self) -> str:
        """The name of a person."""
        return f"{self.random.choice(_NAMES)} {self.random.choice(_FAMILIES)}"

    def text(self, words: int) -> str:
        """Words."""
        return " ".join(self.random.choices(_WORDS, k=words))

    def cents(self) -> int:
        """A price in the smallest unit."""
        return self.random.randint(99, 49_999)

    def decimal(self, cents: int) -> Decimal128:
        """The same as an exact amount."""
        return Decimal128(Decimal(cents).scaleb(-2))

    def digits(self, count: int) -> str:
        """A number that is text because its leading zeros count."""
        return "".join(self.random.choices("0123456789", k=count))
