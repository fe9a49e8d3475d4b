"""What is planted in the shop, and what only looks like it.

A flaw has the name of the check that finds it on other engines, where there is one. Subjects are named as reports name
them, below the database ``shop``; a path goes through arrays without numbers. What is named in neither list may be
judged either way.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.mongodb_shop.leftovers import MONTHS


@dataclass(frozen=True)
class Planted:
    """Something in the shop, the flaw that it has or resembles, and what makes it so."""

    kind: str
    name: str
    flaw: str
    because: str


FLAWS = (
    # Documents
    Planted("field", "shop.customers.loginHistory", "array-unbounded", "grows with the age of a customer, to 400"),
    Planted("field", "shop.deviceStates.samples", "array-unbounded", "grows with the age of a device, to 2500"),
    Planted("collection", "shop.pages", "document-bloated", "documents of 1.4 MiB"),
    Planted("field", "shop.attachments.content", "blob-in-row", "200 to 500 KiB of binary data in each"),
    Planted("field", "shop.productDays.views", "dynamic-keys", "120 dates as names of fields"),
    Planted("collection", "shop.events", "polymorphic-undiscriminated", "three shapes, and no field says which"),
    # Types
    Planted("field", "shop.customers.points", "type-drift", "4 % are text, the others integers"),
    Planted("field", "shop.orders.total", "float-money", "amounts as doubles"),
    Planted("field", "shop.orders.shippedAt", "text-holds-typed", "moments as ISO 8601 text"),
    Planted("field", "shop.carts.expiresAt", "text-holds-typed", "moments as ISO 8601 text"),
    Planted("field", "shop.orders.status", "enum-drift", "5 % are capitalised"),
    Planted("field", "shop.carts.user_id", "name-lookalike", "a third of the carts has it in place of userId"),
    Planted("field", "shop.shipments.orderId", "same-name-other-type", "text; the key of orders is an ObjectId"),
    Planted("field", "shop.coupons._id", "pk-uuid-as-text", "random UUIDs as text of 36 bytes"),
    Planted("field", "shop.stores.location", "geo-legacy", "bare pairs without an index for places"),
    Planted("field", "shop.customers.cardNumber", "sensitive-columns", "card numbers in clear"),
    Planted("collection", "shop.readings", "time-series-candidate", "inserted only: moment, device, measurements"),
    # References
    Planted("field", "shop.orders.customerId", "fk-no-index", "names customers; no index begins with it"),
    Planted("field", "shop.orders.customerId", "fk-dangling", "3 % name customers that are gone"),
    # Indexes
    Planted("index", "shop.orders.by_status", "idx-prefix-redundant", "by_status_and_time begins with it"),
    Planted("index", "shop.orders.by_legacy_number", "idx-unused", "work() never uses it"),
    Planted("index", "shop.orders.by_gift", "idx-low-cardinality", "two values"),
    Planted("index", "shop.carts.expiry", "ttl-wrong-type", "expiresAt is text: nothing ever expires"),
    Planted("collection", "shop.sessions", "retention-missing", "sessions of two years, and no TTL index"),
    Planted("collection", "shop.listings", "idx-too-many", "23 indexes"),
    # Collections
    Planted("collection", f"shop.{MONTHS[0]}", "collection-per-period", f"the first of {len(MONTHS)} months"),
    Planted("collection", "shop.orders_backup_20240101", "table-backup-copy", "a copy by its name"),
    Planted("view", "shop.orderOverview", "view-heavy", "joins every order before anything is filtered"),
)
"""What has a flaw."""

SOUND = (
    Planted("field", "shop.customers.recentProducts", "array-unbounded", "10 at most, whatever the age"),
    Planted("field", "shop.products.vector", "array-unbounded", "384 numbers in each: an embedding"),
    Planted("field", "shop.products.priceHistory", "array-unbounded", "12 in each"),
    Planted("field", "shop.orders.lines", "array-unbounded", "1 to 6"),
    Planted("field", "shop.fs.chunks.data", "blob-in-row", "GridFS"),
    Planted("collection", "shop.fs.chunks", "document-bloated", "GridFS"),
    Planted("field", "shop.products.title", "dynamic-keys", "three languages, the same in each"),
    Planted("collection", "shop.notifications", "polymorphic-undiscriminated", "the field kind says which shape"),
    Planted("field", "shop.products.weightKg", "type-drift", "integers and doubles, as JSON brings them"),
    Planted("field", "shop.products.weightKg", "float-money", "no amount of money"),
    Planted("field", "shop.products.rating", "float-money", "no amount of money"),
    Planted("field", "shop.products.price", "float-money", "Decimal128"),
    Planted("field", "shop.categories.parentId", "type-drift", "null in the root alone"),
    Planted("field", "shop.customers.phone", "text-holds-typed", "digits that are no number"),
    Planted("field", "shop.customers.address.zip", "text-holds-typed", "leading zeros count"),
    Planted("field", "shop.products.sku", "text-holds-typed", "leading zeros count"),
    Planted("field", "shop.shipments.trackingCode", "text-holds-typed", "leading zeros count"),
    Planted("field", "shop.customers.country", "enum-drift", "four values, all written alike"),
    Planted("field", "shop.customers.passwordHash", "sensitive-columns", "hashed"),
    Planted("field", "shop.devices.location", "geo-legacy", "GeoJSON with an index"),
    Planted("field", "shop.invoices.customerId", "fk-no-index", "by_customer begins with it"),
    Planted("field", "shop.invoices.customerId", "fk-dangling", "all are there"),
    Planted("field", "shop.invoices.orderId", "same-name-other-type", "ObjectId, as the key of orders"),
    Planted("index", "shop.invoices.open", "idx-prefix-redundant", "partial: by_time is no substitute of its size"),
    Planted("index", "shop.invoices.by_number", "idx-unused", "unique, whoever reads it"),
    Planted("index", "shop.loginTokens.expiry", "ttl-wrong-type", "dates"),
    Planted("collection", "shop.loginTokens", "retention-missing", "a TTL index"),
    Planted("collection", "shop.auditTrail", "retention-missing", "capped"),
    Planted("collection", "shop.temperatures", "time-series-candidate", "it is a time series collection"),
    Planted("collection", "shop.archive_2022", "collection-per-period", "two of them, one a year"),
    Planted("view", "shop.openInvoices", "view-heavy", "begins with a filter that an index serves"),
)
"""What looks as if it had the flaw, and has not."""

WORK = (
    Planted("query", "orders by customerId", "q-unindexed", "scans the collection for a few documents"),
    Planted("query", "orders by status, sorted by total", "q-sort-in-memory", "no index has the order"),
    Planted("query", "orders joined with customers", "q-lookup-heavy", "for every order"),
    Planted("query", "products, 150 skipped", "q-offset-paging", "reads what it skips"),
    Planted("query", "customers by $where", "q-javascript", "JavaScript for each document"),
    Planted("query", "customers by name, whatever the case", "q-regex-any-case", "no index can serve it"),
    Planted("query", "all readings", "q-unbounded-rows", "no limit"),
    Planted("query", "products by sku, one by one", "q-n-plus-one", "120 of the same shape"),
    Planted("query", "counters of orders", "hot-row-counter", "one document for every order"),
    Planted("query", "samples pushed", "array-unbounded", "the array that grows"),
)
"""What work() does that it should not; all else that it does is served by an index."""
