"""The shop at work for a moment: what its applications ask and write.

The choices are drawn from a fixed seed, so that every demonstration makes the same calls. The statements are such as
applications send; that some of them are unwise is the point of an audit.
"""

from __future__ import annotations

import random

from auditor_connectors.postgresql.demo.sessions import Ask, Sessions

PRODUCTS, CUSTOMERS, ORDERS = 3_000, 20_000, 30_000


def run(sessions: Sessions) -> None:
    """Let every application do its work once."""
    dice = random.Random(2026)  # noqa: S311 -- a sample, not a secret
    storefront(sessions.ask("storefront"), dice)
    checkout(sessions, dice)
    backoffice(sessions.ask("backoffice"), dice)
    worker(sessions)
    warehouse(sessions.ask(""), dice)
    reports(sessions.ask("metabase"))
    sessions.settle()


def storefront(ask: Ask, dice: random.Random) -> None:
    """Show accounts with their orders, products with pictures and reviews, and what a search finds."""
    for _ in range(80):
        _account(ask, dice.randint(1, CUSTOMERS), dice)
    for _ in range(300):
        _product_page(ask, 1 + int(PRODUCTS * dice.random() ** 2), dice)
    for word in ("lamp", "oak", "gift", "chair", "blan", "copper"):
        ask(
            "SELECT id, name, price FROM shop.products WHERE search_text LIKE %s ORDER BY name LIMIT 24",
            f"%{word}%",
        )
    for page in range(12):
        ask(
            "SELECT id, title, body, rating FROM shop.product_reviews"
            " WHERE published ORDER BY created_at DESC LIMIT 20 OFFSET %s",
            page * 800,
        )


def _account(ask: Ask, customer: int, dice: random.Random) -> None:
    ask("SELECT value FROM shop.settings WHERE key = %s", "shop.currency")
    (email,) = ask("SELECT email FROM shop.customers WHERE id = %s", customer).fetchone() or ("",)
    ask("SELECT * FROM shop.customers WHERE email = %s AND deleted_at IS NULL", email)
    ask("UPDATE shop.customers SET last_login_at = now(), login_count = login_count + 1 WHERE id = %s", customer)
    ask("UPDATE shop.counters SET value = value + 1, updated_at = now() WHERE name = %s", "logins_today")
    orders = ask(
        "SELECT id, order_number, status, total, placed_at FROM shop.orders"
        " WHERE customer_id = %s AND deleted_at IS NULL ORDER BY placed_at DESC LIMIT 15",
        dice.choice((1, customer, customer)),
    )
    for order, *_ in orders.fetchall():
        items = ask("SELECT product_id, quantity, unit_price FROM shop.order_items WHERE order_id = %s", order)
        for item in items.fetchall():
            ask("SELECT id, sku, name, price FROM shop.products WHERE id = %s", item[0])


def _product_page(ask: Ask, product: int, dice: random.Random) -> None:
    ask("SELECT value FROM shop.settings WHERE key = %s", "search.minimum_length")
    ask("SELECT * FROM shop.sellable_products WHERE id = %s", product)
    ask("SELECT path, alt_text FROM shop.product_images WHERE product_id = %s ORDER BY position", product)
    ask("SELECT attribute_name, attribute_value FROM shop.product_attributes WHERE product_id = %s", product)
    ask(
        "SELECT rating, title, body FROM shop.product_reviews WHERE product_id = %s ORDER BY created_at DESC LIMIT 5",
        product,
    )
    ask("UPDATE shop.products SET view_count = view_count + 1 WHERE id = %s", product)
    ask("UPDATE shop.counters SET value = value + 1, updated_at = now() WHERE name = %s", "visitors_today")
    ask(
        "INSERT INTO shop.page_views (visitor_id, product_id, url, device, country, viewed_at)"
        " VALUES (md5(%s::text)::uuid::text, %s, %s, 'phone', 'DE', now())",
        dice.randint(1, 14_000),
        product,
        f"https://shop.example.com/p/{product}",
    )


def checkout(sessions: Sessions, dice: random.Random) -> None:
    """Take orders, and look up what was paid, billed and done."""
    for number in range(120):
        with sessions.transaction("checkout-api") as ask:
            _take_order(ask, number, dice.randint(1, CUSTOMERS), dice.randint(1, PRODUCTS))
    ask = sessions.ask("checkout-api")
    for _ in range(250):
        ask("SELECT id, status, amount FROM shop.payments WHERE order_id = %s", dice.randint(1, ORDERS))
    for _ in range(60):
        order = dice.randint(1, ORDERS)
        ask("SELECT number, gross, status FROM shop.invoices WHERE order_id = %s", order)
        ask("SELECT status, changed_at FROM shop.order_status_history WHERE order_id = %s", order)


def _take_order(ask: Ask, number: int, customer: int, product: int) -> None:
    (order,) = ask(
        "INSERT INTO shop.orders"
        " (order_number, public_id, customer_id, status, channel, subtotal, tax, total, placed_at)"
        " VALUES (%s, md5(%s)::uuid::text, %s, 'paid', 'web', 50, 9.5, 59.5, now()) RETURNING id",
        f"S-2026-{900_000 + number}",
        f"new-{number}",
        customer,
    ).fetchone() or (0,)
    ask(
        "INSERT INTO shop.order_items (order_id, product_id, sku, name, quantity, unit_price)"
        " SELECT %s, id, sku, name, 1, price FROM shop.products WHERE id = %s",
        order,
        product,
    )
    ask(
        "INSERT INTO shop.order_status_history (order_id, status, changed_by) VALUES (%s, 'paid', 'payments')",
        order,
    )
    ask(
        "INSERT INTO shop.payments (order_id, provider, provider_reference, method, amount, status, raw_response)"
        " VALUES (%s, 'acme-pay', %s, 'paypal', 59.5, 'captured', '{\"result\": \"approved\"}')",
        order,
        f"new-{number}",
    )
    ask(
        "UPDATE fulfilment.stock_levels SET reserved = reserved + 1, updated_at = now()"
        " WHERE warehouse_id = 1 AND product_id = %s",
        product,
    )
    ask(
        "INSERT INTO fulfilment.stock_movements (warehouse_id, product_id, quantity, reason, moved_at)"
        " VALUES (1, %s, -1, 'sale', now())",
        product,
    )
    ask(
        "INSERT INTO shop.audit_log (actor, action, entity_type, entity_id)"
        " VALUES ('checkout', 'order.create', 'order', %s)",
        order,
    )
    for counter in ("orders_today", "revenue_today"):
        ask("UPDATE shop.counters SET value = value + 1, updated_at = now() WHERE name = %s", counter)


def backoffice(ask: Ask, dice: random.Random) -> None:
    """Search customers, page through orders, read what happened to one of them."""
    for name in ("mey", "kell", "dahl", "son", "berg", "gar"):
        ask(
            "SELECT id, email, city FROM shop.customers WHERE last_name ILIKE %s OR city ILIKE %s",
            f"%{name}%",
            f"%{name}%",
        )
    for page in range(10):
        ask("SELECT * FROM shop.order_overview ORDER BY placed_at DESC LIMIT 50 OFFSET %s", page * 2500)
        ask("SELECT count(*) FROM shop.orders")
    for _ in range(40):
        order = dice.randint(1, ORDERS)
        ask("SELECT * FROM shop.comments WHERE commentable_type = 'Order' AND commentable_id = %s", order)
        ask("SELECT * FROM shop.audit_log WHERE entity_type = 'order' AND entity_id = %s", order)
        ask("SELECT * FROM shop.support_tickets WHERE customer_id = %s", dice.randint(1, CUSTOMERS))
    for visitor in range(25):
        ask(
            "SELECT url, viewed_at FROM shop.page_views WHERE visitor_id = md5(%s::text)::uuid::text",
            visitor,
        )


def worker(sessions: Sessions) -> None:
    """Take jobs from the queue, delete old statistics and carts, and prepare the charts."""
    for _ in range(80):
        with sessions.transaction("worker") as ask:
            (job, *_) = ask(
                "SELECT id, queue, payload FROM shop.job_queue WHERE state = 'ready'"
                " ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED"
            ).fetchone() or (0,)
            ask("UPDATE shop.job_queue SET state = 'done', finished_at = now() WHERE id = %s", job)
    ask = sessions.ask("worker")
    for day in range(6, 12):
        ask("DELETE FROM shop.page_views WHERE viewed_at < %s", f"2026-10-{day:02}")
    ask("DELETE FROM shop.carts WHERE updated_at < %s", "2026-10-23")
    ask("REFRESH MATERIALIZED VIEW shop.daily_sales")


def warehouse(ask: Ask, dice: random.Random) -> None:
    """Follow parcels, and look how much there is."""
    for _ in range(120):
        parcel = dice.randint(1, 20_000)
        ask("SELECT status, shipped_at FROM fulfilment.shipments WHERE order_id = %s", parcel)
        ask(
            "SELECT code, place, happened_at FROM fulfilment.shipment_events"
            " WHERE shipment_id = %s ORDER BY happened_at",
            parcel,
        )
        ask(
            "SELECT quantity, reserved FROM fulfilment.stock_levels WHERE warehouse_id = %s AND product_id = %s",
            dice.randint(1, 5),
            dice.randint(1, PRODUCTS),
        )
    for product in range(1, 21):
        ask(
            "SELECT sum(quantity) FROM fulfilment.stock_movements WHERE product_id = %s AND moved_at >= '2026-01-01'",
            product,
        )


def reports(ask: Ask) -> None:
    """Draw the charts of the morning, and export for the accountant."""
    for _ in range(3):
        ask(
            "SELECT actor, entity_type, entity_id, payload ->> 'request', count(*) FROM shop.audit_log"
            " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 100"
        )
        ask(
            "SELECT c.country, p.category_id, date_trunc('month', o.placed_at), sum(i.quantity * i.unit_price)"
            " FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id"
            " JOIN shop.order_items i ON i.order_id = o.id JOIN shop.products p ON p.id = i.product_id"
            " GROUP BY 1, 2, 3 ORDER BY 3, 4 DESC"
        )
        ask("SELECT * FROM shop.order_items ORDER BY name, created_at")
    ask("SELECT * FROM shop.audit_log WHERE occurred_at >= %s", "2026-06-01")
    ask("SELECT day, sum(turnover) FROM shop.daily_sales GROUP BY day ORDER BY day")
