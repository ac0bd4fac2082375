"""A small shop: every kind of key, in Redshift's words."""

from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.schema.v1.schema_service_pb2 import ImportSqlRequest

from dwsim_wire.client import call
from tests.clients import Clients

SHOP = """
CREATE TABLE customers (
    customer_id BIGINT NOT NULL PRIMARY KEY ENCODE az64,
    email VARCHAR(80) NOT NULL UNIQUE,
    full_name VARCHAR(60),
    is_active BOOLEAN NOT NULL,
    balance DECIMAL(12,2),
    born DATE
) DISTSTYLE ALL;
CREATE TABLE products (product_id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL, price DECIMAL(8,2) NOT NULL);
CREATE TABLE orders (
    order_id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (customer_id),
    referrer_id BIGINT REFERENCES customers (customer_id),
    created_at TIMESTAMP NOT NULL
) DISTKEY (customer_id) SORTKEY (created_at);
CREATE TABLE order_items (
    order_id BIGINT NOT NULL REFERENCES orders (order_id),
    product_id INTEGER NOT NULL REFERENCES products (product_id),
    quantity SMALLINT NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
"""
ROWS = {"customers": 400, "products": 50, "orders": 2_000, "order_items": 6_000}

# Each answers 0 where the loaded shop keeps its promises.
PROMISES = {
    "duplicate customers": "SELECT COUNT(*) - COUNT(DISTINCT customer_id) FROM customers",
    "duplicate e-mails": "SELECT COUNT(*) - COUNT(DISTINCT email) FROM customers",
    "duplicate products": "SELECT COUNT(*) - COUNT(DISTINCT product_id) FROM products",
    "duplicate orders": "SELECT COUNT(*) - COUNT(DISTINCT order_id) FROM orders",
    "duplicate row ids": "SELECT COUNT(*) - COUNT(DISTINCT _row_id) FROM order_items",
    "duplicate order items": (
        "SELECT COUNT(*) FROM (SELECT order_id, product_id FROM order_items GROUP BY order_id, product_id"
        " HAVING COUNT(*) > 1) AS twice"
    ),
    "orders without customer": (
        "SELECT COUNT(*) FROM orders o LEFT JOIN customers c ON o.customer_id = c.customer_id"
        " WHERE c.customer_id IS NULL"
    ),
    "orders without referrer": (
        "SELECT COUNT(*) FROM orders o LEFT JOIN customers c ON o.referrer_id = c.customer_id"
        " WHERE c.customer_id IS NULL AND o.referrer_id IS NOT NULL"
    ),
    "items without order": (
        "SELECT COUNT(*) FROM order_items i LEFT JOIN orders o ON i.order_id = o.order_id WHERE o.order_id IS NULL"
    ),
    "items without product": (
        "SELECT COUNT(*) FROM order_items i LEFT JOIN products p ON i.product_id = p.product_id"
        " WHERE p.product_id IS NULL"
    ),
}


async def load_shop(dwsim: Clients, name: str, seed: int = 42) -> Run:
    """Import, generate and load a shop; answers the ended run."""
    await call(dwsim.schema.ImportSql, ImportSqlRequest(name=name, sql=SHOP, table_rows=ROWS))
    started = await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, batch_rows=500, seed=seed))
    ended = await dwsim.run_ended(started.run_id)
    assert ended.state == Run.COMPLETED, ended.failure
    load = await dwsim.load_of(started.run_id)
    assert load.state == Load.COMPLETED, load.failure
    return ended
