"""A day in the shop: reads and writes that indexes serve, and those that they do not (`manifest.WORK`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pymongo.database import Database

from tests.mongodb_shop.making import END


def work(database: Database[dict[str, Any]], rounds: int = 1) -> None:
    """Read and write; one round takes about a second. Nothing is drawn by chance."""
    customers = [found["_id"] for found in database.customers.find({}, {"_id": 1}).sort("_id").limit(40)]
    devices = [found["_id"] for found in database.devices.find({}, {"_id": 1}).sort("_id").limit(40)]
    for turn in range(rounds):
        _served(database, customers, devices)
        _not_served(database, customers)
        _written(database, devices, turn)


def _served(database: Database[dict[str, Any]], customers: list[Any], devices: list[Any]) -> None:
    """What an index serves."""
    for number, customer in enumerate(customers):
        database.customers.find_one({"_id": customer})
        database.customers.find_one({"email": f"customer{number}@shop.example"})
        list(database.invoices.find({"customerId": customer}).sort("issuedAt", -1).limit(10))
        list(database.sessions.find({"customerId": customer}))
        list(database.carts.find({"userId": customer}))
        list(database.carts.find({"user_id": customer}))
    for day in range(20):
        newest = {"status": "paid", "createdAt": {"$gte": END - timedelta(days=day)}}
        list(database.orders.find(newest).sort("createdAt", -1).limit(20))
    list(database.orders.find({"isGift": True}).limit(10))
    list(database.products.find({"attributes.k": "size", "attributes.v": 7}))
    list(database.categories.find({"parentId": 3}))
    list(database.openInvoices.find().limit(10))
    list(database.invoices.find({"issuedAt": {"$gte": END - timedelta(days=9)}}).sort([("issuedAt", 1), ("number", 1)]))
    for invoice in database.invoices.find({}, {"orderId": 1}).sort("number", 1).limit(10):
        list(database.shipments.find({"orderId": str(invoice["orderId"])}))
        list(database.invoices.find({"orderId": invoice["orderId"]}))
    for customer in customers[:10]:
        list(database.notifications.find({"customerId": customer}).sort("at", -1).limit(10))
        list(database.loginTokens.find({"customerId": customer}))
    list(database.events.find({"at": {"$gte": END - timedelta(days=9)}}))
    for number in range(22):
        list(database.listings.find({f"facet{number:02d}": "amber"}))
    near = {"$near": {"$geometry": {"type": "Point", "coordinates": [10, 50]}, "$maxDistance": 100_000}}
    list(database.devices.find({"location": near}))
    database["fs.files"].find_one({"filename": "a.mp4"})
    for device in devices:
        list(database.readings.find({"deviceId": device, "at": {"$gte": END - timedelta(hours=2)}}).limit(50))
        database.devices.find_one({"_id": device})


def _not_served(database: Database[dict[str, Any]], customers: list[Any]) -> None:
    """What is read at a price."""
    for customer in customers:
        list(database.orders.find({"customerId": customer}))
    for _ in range(20):
        list(database.orders.find({"status": "paid"}).sort("total", -1).limit(20))
    joined = {"from": "customers", "localField": "customerId", "foreignField": "_id", "as": "customer"}
    for _ in range(3):
        list(database.orders.aggregate([{"$lookup": joined}, {"$project": {"customer.loginHistory": 0}}]))
    for _ in range(20):
        list(database.products.find({}, {"sku": 1}).sort("sku", 1).skip(150).limit(10))
    for _ in range(3):
        list(database.customers.find({"$where": "this.loginHistory.length > 350"}, {"_id": 1}))
    for name in ("anna", "ben", "carla") * 5:
        list(database.customers.find({"name": {"$regex": f"^{name}", "$options": "i"}}, {"_id": 1}))
    list(database.readings.find())
    for number in range(120):
        database.products.find_one({"sku": f"{number:08d}"}, {"price": 1})


def _written(database: Database[dict[str, Any]], devices: list[Any], turn: int) -> None:
    for number in range(100):
        database.counters.update_one({"_id": "orders"}, {"$inc": {"next": 1}})
        sample = {"at": END + timedelta(minutes=number), "value": 20.5}
        database.deviceStates.update_one({"_id": devices[number % len(devices)]}, {"$push": {"samples": sample}})
    moments = (END + timedelta(days=turn, seconds=number) for number in range(500))
    measured = {"temperature": 20.5, "humidity": 50.5}
    database.readings.insert_many(
        [{"deviceId": devices[number % len(devices)], "at": at, **measured} for number, at in enumerate(moments)]
    )
