-- dialect: redshift
-- A retail schema as a warehouse dump writes it.
SET search_path TO retail;

CREATE TABLE IF NOT EXISTS retail.customers (
    customer_id   BIGINT       NOT NULL IDENTITY(1,1) ENCODE az64,
    email         VARCHAR(120) NOT NULL UNIQUE,
    full_name     CHARACTER VARYING(100),
    is_active     BOOLEAN DEFAULT true,
    birth_date    DATE,
    signed_up_at  TIMESTAMP WITHOUT TIME ZONE DEFAULT sysdate NOT NULL SORTKEY,
    credit        NUMERIC(12,2) DEFAULT 0.00 CHECK (credit >= 0),
    PRIMARY KEY (customer_id)
)
DISTSTYLE KEY
DISTKEY (customer_id);

CREATE TABLE retail.products (
    product_id INT4 PRIMARY KEY DISTKEY,
    sku        CHAR(12) NOT NULL ENCODE lzo,
    title      VARCHAR(MAX) COLLATE CASE_INSENSITIVE,
    price      DECIMAL(10,2) NOT NULL,
    attributes SUPER,
    CONSTRAINT uq_sku UNIQUE (sku)
) INTERLEAVED SORTKEY (product_id, sku);

GRANT SELECT ON ALL TABLES IN SCHEMA retail TO GROUP analysts;

CREATE TABLE retail.orders (
    order_id    BIGINT NOT NULL,
    customer_id BIGINT NOT NULL REFERENCES retail.customers (customer_id),
    gift_for    BIGINT REFERENCES retail.customers ON DELETE SET NULL,
    status      VARCHAR(20) DEFAULT 'new; unpaid'::varchar,
    placed_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (order_id)
) DISTSTYLE AUTO COMPOUND SORTKEY (placed_at, order_id) BACKUP NO;

CREATE TABLE retail.order_items (
    order_id   BIGINT NOT NULL,
    line_no    SMALLINT NOT NULL,
    product_id INT NOT NULL,
    quantity   INT NOT NULL,
    discount   REAL,
    PRIMARY KEY (order_id, line_no),
    CONSTRAINT fk_order FOREIGN KEY (order_id) REFERENCES retail.orders (order_id)
) ENCODE AUTO;

ALTER TABLE ONLY retail.order_items ADD CONSTRAINT fk_product FOREIGN KEY (product_id) REFERENCES retail.products;

COMMENT ON TABLE retail.orders IS 'One row per order; it''s final.';
COMMENT ON COLUMN retail.orders.status IS 'new, paid, shipped';

CREATE VIEW retail.big_orders AS SELECT order_id FROM retail.order_items WHERE quantity > 10;
