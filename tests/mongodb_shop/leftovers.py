"""What has gathered over the years: files in documents, a collection a month, copies, logs, views."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bson import Binary
from pymongo import IndexModel

from tests.mongodb_shop.making import END, Collection, Document, Maker

VIEWS = (
    (
        "orderOverview",
        "orders",
        [{"$lookup": {"from": "customers", "localField": "customerId", "foreignField": "_id", "as": "customer"}}],
    ),
    ("openInvoices", "invoices", [{"$match": {"state": "open", "issuedAt": {"$gt": datetime(2025, 1, 1)}}}]),  # noqa: DTZ001 -- BSON knows UTC alone
)
"""Name, collection and pipeline: one joins everything, the other reads what an index holds."""
MONTHS = tuple(f"logs_{year}_{month:02d}" for year in (2024, 2025) for month in range(1, 13))
_CHUNK = 255 * 1024
"""https://www.mongodb.com/docs/manual/core/gridfs/"""


def collections(maker: Maker) -> Iterator[Collection]:
    """They refer to nothing."""
    yield _attachments(maker)
    yield from _files(maker)
    yield _pages(maker)
    for number, name in enumerate(MONTHS):
        at = END - timedelta(days=30 * (len(MONTHS) - number))
        lines: list[Document] = [
            {"_id": maker.identifier(at), "at": at, "level": "info", "text": maker.text(6)} for _ in range(15)
        ]
        yield Collection(name, lines)
    for year in (2022, 2023):
        yield Collection(f"archive_{year}", [{"_id": 1, "year": year, "orders": maker.random.randint(1, 9999)}])
    copied: list[Document] = [
        {"_id": order, "status": "paid", "total": maker.decimal(maker.cents())} for order in maker.orders[:100]
    ]
    yield Collection("orders_backup_20240101", copied)
    audit: list[Document] = [{"_id": number, "at": END, "what": maker.text(4)} for number in range(200)]
    yield Collection("auditTrail", audit, options={"capped": True, "size": 1 << 20})


def _attachments(maker: Maker) -> Collection:
    """Files inside documents that are read with them."""
    documents: list[Document] = []
    for number in range(12):
        at = maker.moment(number, 12)
        content = Binary(maker.random.randbytes(maker.random.randint(200, 500) * 1024))
        documents.append({"_id": maker.identifier(at), "name": f"{maker.text(1)}.pdf", "at": at, "content": content})
    return Collection("attachments", documents, large=True)


def _files(maker: Maker) -> Iterator[Collection]:
    """Files as GridFS keeps them."""
    files: list[Document] = []
    chunks: list[Document] = []
    for number in range(4):
        at = maker.moment(number, 4)
        file = maker.identifier(at)
        files.append({"_id": file, "length": 3 * _CHUNK, "chunkSize": _CHUNK, "uploadDate": at, "filename": "a.mp4"})
        for part in range(3):
            data = Binary(maker.random.randbytes(_CHUNK))
            chunks.append({"_id": maker.identifier(at), "files_id": file, "n": part, "data": data})
    yield Collection("fs.files", files, [IndexModel({"filename": 1, "uploadDate": 1})])
    yield Collection("fs.chunks", chunks, [IndexModel({"files_id": 1, "n": 1}, unique=True)], large=True)


def _pages(maker: Maker) -> Collection:
    """Documents above a mebibyte, because a page keeps all that it ever said."""
    documents: list[Document] = []
    for number in range(16):
        at = maker.moment(number, 16)
        versions = [{"number": version, "text": maker.text(900)} for version in range(250)]
        documents.append({"_id": maker.identifier(at), "slug": f"page-{number}", "at": at, "versions": versions})
    return Collection("pages", documents, [IndexModel({"slug": 1}, unique=True)], large=True)
