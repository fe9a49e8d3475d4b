"""What is sold: products, orders, invoices and shipments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pymongo import IndexModel

from tests.mongodb_shop.making import END, Collection, Document, Maker

_PRODUCTS = 200
_STATES = ("new", "paid", "sent", "closed")
_INDEXES_OF_LISTINGS = 22


def collections(maker: Maker) -> Iterator[Collection]:
    """Products and orders first: others refer to them."""
    maker.products = [f"{number:08d}" for number in range(_PRODUCTS)]
    yield _products(maker)
    yield _orders(maker)
    yield _invoices(maker)
    yield _shipments(maker)
    yield _product_days(maker)
    yield _categories(maker)
    yield _coupons(maker)
    yield _listings(maker)
    yield Collection("counters", [{"_id": "orders", "next": len(maker.orders)}])


def _products(maker: Maker) -> Collection:
    """A sound collection: exact prices, bounded arrays, a map of few languages, attributes as pairs."""
    documents: list[Document] = []
    for number, sku in enumerate(maker.products):
        cents = maker.cents()
        documents.append(
            {
                "_id": maker.identifier(maker.moment(number, _PRODUCTS)),
                "sku": sku,
                "title": {"de": maker.text(3), "en": maker.text(3), "fr": maker.text(3)},
                "price": maker.decimal(cents),
                "priceHistory": [
                    {"at": END - timedelta(days=30 * month), "price": maker.decimal(cents + month)}
                    for month in range(12)
                ],
                "attributes": [{"k": "colour", "v": maker.text(1)}, {"k": "size", "v": number % 40}],
                "weightKg": maker.random.choice([1, 2, 1.5, 0.25]),
                "rating": round(maker.random.uniform(1, 5), 1),
                "vector": [round(maker.random.uniform(-1, 1), 4) for _ in range(384)],
            }
        )
    indexes = [
        IndexModel({"sku": 1}, unique=True, name="by_sku"),
        IndexModel({"attributes.k": 1, "attributes.v": 1}, name="by_attribute"),
    ]
    return Collection("products", documents, indexes)


def _orders(maker: Maker) -> Collection:
    of = maker.count(1500)
    documents: list[Document] = []
    for number in range(of):
        at = maker.moment(number, of)
        lines = [
            {"sku": maker.random.choice(maker.products), "quantity": maker.random.randint(1, 4)}
            for _ in range(maker.random.randint(1, 6))
        ]
        state = maker.random.choice(_STATES)
        document: Document = {
            "_id": maker.identifier(at),
            # Customers who were deleted have left their orders.
            "customerId": maker.identifier(at) if number % 30 == 0 else maker.random.choice(maker.customers),
            "status": state.title() if number % 20 == 0 else state,
            "createdAt": at,
            "shippedAt": (at + timedelta(days=2)).isoformat(timespec="seconds"),
            "total": maker.cents() / 100,
            "lines": lines,
            "isGift": number % 9 == 0,
        }
        if number < of // 2:
            document["legacyNumber"] = number
        documents.append(document)
    maker.orders = [document["_id"] for document in documents]
    indexes = [
        IndexModel({"status": 1}, name="by_status"),
        IndexModel({"status": 1, "createdAt": -1}, name="by_status_and_time"),
        IndexModel({"legacyNumber": 1}, name="by_legacy_number"),
        IndexModel({"isGift": 1}, name="by_gift"),
    ]
    return Collection("orders", documents, indexes)


def _invoices(maker: Maker) -> Collection:
    """A sound collection: what it refers to is there, indexed and of the same type; a validator guards it."""
    of = maker.count(400)
    documents: list[Document] = [
        {
            "_id": maker.identifier(maker.moment(number, of)),
            "number": f"R{number:07d}",
            "customerId": maker.random.choice(maker.customers),
            "orderId": maker.orders[number * len(maker.orders) // of],
            "issuedAt": maker.moment(number, of),
            "total": maker.decimal(maker.cents()),
            "state": "open" if number % 10 == 0 else "paid",
        }
        for number in range(of)
    ]
    indexes = [
        IndexModel({"number": 1}, unique=True, name="by_number"),
        IndexModel({"customerId": 1, "issuedAt": -1}, name="by_customer"),
        IndexModel({"orderId": 1}, name="by_order"),
        # No prefix of the other: it holds open invoices alone.
        IndexModel({"issuedAt": 1}, name="open", partialFilterExpression={"state": "open"}),
        IndexModel({"issuedAt": 1, "number": 1}, name="by_time"),
    ]
    required = ["number", "customerId", "orderId", "issuedAt", "total", "state"]
    types = {"number": "string", "customerId": "objectId", "orderId": "objectId", "issuedAt": "date",
             "total": "decimal", "state": "string"}  # fmt: skip
    schema = {"required": required, "properties": {name: {"bsonType": kind} for name, kind in types.items()}}
    return Collection("invoices", documents, indexes, {"validator": {"$jsonSchema": schema}})


def _shipments(maker: Maker) -> Collection:
    """They name orders by text, while an order is named by an ObjectId."""
    of = maker.count(300)
    documents: list[Document] = [
        {
            "_id": maker.identifier(maker.moment(number, of)),
            "orderId": str(maker.random.choice(maker.orders)),
            "carrier": maker.random.choice(["post", "courier"]),
            "trackingCode": maker.digits(14),
            "parcels": 1,
        }
        for number in range(of)
    ]
    return Collection("shipments", documents, [IndexModel({"orderId": 1}, name="by_order")])


def _product_days(maker: Maker) -> Collection:
    """Dates as the names of fields."""
    documents: list[Document] = [
        {
            "_id": sku,
            "views": {f"{END - timedelta(days=day):%Y-%m-%d}": maker.random.randint(0, 99) for day in range(120)},
        }
        for sku in maker.products[:60]
    ]
    return Collection("productDays", documents)


def _categories(maker: Maker) -> Collection:
    documents: list[Document] = [
        {"_id": number, "name": maker.text(1), "parentId": (number - 1) // 4 if number else None}
        for number in range(40)
    ]
    return Collection("categories", documents, [IndexModel({"parentId": 1}, name="by_parent")])


def _coupons(maker: Maker) -> Collection:
    """Random UUIDs as text for a key."""
    documents: list[Document] = [
        {"_id": str(maker.uuid()), "percent": maker.random.choice([5, 10, 20]), "used": bool(number % 2)}
        for number in range(maker.count(200))
    ]
    return Collection("coupons", documents)


def _listings(maker: Maker) -> Collection:
    """More indexes than anybody asks for."""
    documents: list[Document] = [
        {"_id": number, **{f"facet{facet:02d}": maker.text(1) for facet in range(_INDEXES_OF_LISTINGS)}}
        for number in range(100)
    ]
    return Collection("listings", documents, [IndexModel({f"facet{n:02d}": 1}) for n in range(_INDEXES_OF_LISTINGS)])
