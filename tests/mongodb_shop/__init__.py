"""A shop with devices in the field, as documents: believable, with known flaws and with sound look-alikes of them.

`manifest.py` says what is planted. The same size and seed give the same documents, whenever and wherever.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from tests.mongodb_shop import commerce, customers, devices, leftovers
from tests.mongodb_shop.making import Collection, Maker

_BATCH = 1000
_BATCH_OF_LARGE = 8


def fill(database: Database[dict[str, Any]], size: int = 1, seed: int = 7) -> None:
    """Make all collections in an empty database.

    ``size`` multiplies how many documents the large collections have: 1 is some 7000 documents and 20 MB, in seconds.
    """
    maker = Maker(size, seed)
    rooms = (customers.collections, commerce.collections, devices.collections, leftovers.collections)
    for make in rooms:
        for collection in make(maker):
            _create(database, collection)
    for name, source, pipeline in leftovers.VIEWS:
        database.create_collection(name, viewOn=source, pipeline=pipeline)


def _create(database: Database[dict[str, Any]], collection: Collection) -> None:
    made = database.create_collection(collection.name, **collection.options)
    if collection.indexes:
        made.create_indexes(collection.indexes)
    step = _BATCH_OF_LARGE if collection.large else _BATCH
    for start in range(0, len(collection.documents), step):
        made.insert_many(collection.documents[start : start + step])
