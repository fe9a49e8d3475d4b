"""Who buys: accounts, sessions, carts and messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pymongo import IndexModel

from tests.mongodb_shop.making import DAYS, END, Collection, Document, Maker

_LOGINS = 400
"""Of the oldest customer; the newest has none."""


def collections(maker: Maker) -> Iterator[Collection]:
    """Customers first: others refer to them."""
    documents = [_customer(maker, number, maker.count(300)) for number in range(maker.count(300))]
    maker.customers = [document["_id"] for document in documents]
    yield Collection("customers", documents, [IndexModel({"email": 1}, unique=True, name="by_email")])
    yield _sessions(maker)
    yield _login_tokens(maker)
    yield _carts(maker)
    yield _notifications(maker)
    yield _events(maker)


def _customer(maker: Maker, number: int, of: int) -> Document:
    joined = maker.moment(number, of)
    age = (END - joined).days
    document: Document = {
        "_id": maker.identifier(joined),
        "email": f"customer{number}@shop.example",
        "name": maker.name(),
        "createdAt": joined,
        "country": maker.random.choice(["AT", "CH", "DE", "FR"]),
        "phone": "+49" + maker.digits(9),
        "passwordHash": "$2b$12$" + maker.text(8).replace(" ", "")[:53].ljust(53, "x"),
        "cardNumber": "4000" + maker.digits(12),
        "address": {"street": maker.text(2), "zip": maker.digits(5), "city": maker.text(1)},
        "loginHistory": [
            {"at": joined + timedelta(days=age * login / _LOGINS), "ip": f"10.0.{login % 250}.{number % 250}"}
            for login in range(_LOGINS * age // DAYS)
        ],
        "recentProducts": [f"{maker.random.randint(0, 199):08d}" for _ in range(maker.random.randint(3, 10))],
        "points": maker.random.randint(0, 9000),
    }
    if number % 25 == 0:  # an old form sent text
        document["points"] = str(document["points"])
    return document


def _sessions(maker: Maker) -> Collection:
    """Sessions that nothing removes."""
    of = maker.count(600)
    documents: list[Document] = [
        {
            "_id": maker.token(),
            "customerId": maker.random.choice(maker.customers),
            "createdAt": maker.moment(number, of),
            "lastSeenAt": maker.moment(number, of) + timedelta(minutes=20),
            "data": {"theme": "dark", "basket": maker.random.randint(0, 9)},
        }
        for number in range(of)
    ]
    return Collection("sessions", documents, [IndexModel({"customerId": 1}, name="by_customer")])


def _login_tokens(maker: Maker) -> Collection:
    """Tokens that expire as they should."""
    documents: list[Document] = [
        {"_id": maker.token(), "customerId": customer, "expiresAt": datetime(2100, 1, 1, tzinfo=END.tzinfo)}
        for customer in maker.customers[:100]
    ]
    indexes = [IndexModel({"expiresAt": 1}, expireAfterSeconds=0, name="expiry"), IndexModel({"customerId": 1})]
    return Collection("loginTokens", documents, indexes)


def _carts(maker: Maker) -> Collection:
    """Carts that should expire, by a moment that is text; who owns one has two names."""
    of = maker.count(200)
    documents: list[Document] = []
    for number in range(of):
        at = maker.moment(number, of)
        owner = "user_id" if number < of // 3 else "userId"
        document: Document = {
            "_id": maker.identifier(at),
            owner: maker.random.choice(maker.customers),
            "expiresAt": (at + timedelta(days=7)).isoformat(timespec="seconds"),
            "lines": [{"sku": f"{maker.random.randint(0, 199):08d}", "quantity": maker.random.randint(1, 3)}],
        }
        documents.append(document)
    indexes = [
        IndexModel({"expiresAt": 1}, expireAfterSeconds=0, name="expiry"),
        IndexModel({"userId": 1}, name="by_user"),
        IndexModel({"user_id": 1}, name="by_old_user"),
    ]
    return Collection("carts", documents, indexes)


def _notifications(maker: Maker) -> Collection:
    """Three kinds of document, and each says of which kind it is."""
    of = maker.count(240)
    documents: list[Document] = []
    for number in range(of):
        at = maker.moment(number, of)
        document: Document = {"_id": maker.identifier(at), "customerId": maker.random.choice(maker.customers), "at": at}
        document |= (
            {"kind": "mail", "address": f"customer{number}@shop.example", "subject": maker.text(3)},
            {"kind": "sms", "phone": "+49" + maker.digits(9), "parts": 1},
            {"kind": "push", "device": maker.token(), "badge": number % 5, "sound": "ping"},
        )[number % 3]
        documents.append(document)
    return Collection("notifications", documents, [IndexModel({"customerId": 1, "at": -1}, name="by_customer")])


def _events(maker: Maker) -> Collection:
    """Three kinds of document, and none says of which kind it is."""
    of = maker.count(300)
    documents: list[Document] = []
    for number in range(of):
        at = maker.moment(number, of)
        document: Document = {"_id": maker.identifier(at), "at": at}
        document |= (
            {"url": f"/p/{number % 200:08d}", "x": maker.random.randint(0, 1900), "y": maker.random.randint(0, 900)},
            {"term": maker.text(2), "hits": maker.random.randint(0, 80), "filters": [maker.text(1)]},
            {"sku": f"{number % 200:08d}", "paid": maker.decimal(maker.cents()), "voucher": maker.token()[:8]},
        )[number % 3]
        documents.append(document)
    return Collection("events", documents, [IndexModel({"at": 1}, name="by_time")])
