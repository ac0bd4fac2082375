-- A shop, as Amazon Redshift DDL: four tables, keys of every kind, the physical attributes of a real cluster.

CREATE TABLE customers (
    customer_id     BIGINT        NOT NULL ENCODE az64 DISTKEY,
    first_name      VARCHAR(60)   NOT NULL ENCODE zstd,
    last_name       VARCHAR(60)   NOT NULL ENCODE zstd,
    email           VARCHAR(120)  NOT NULL ENCODE zstd,
    phone           VARCHAR(40)            ENCODE zstd,
    birth_date      DATE                   ENCODE az64,
    city            VARCHAR(80)            ENCODE zstd,
    country_code    CHAR(2)       NOT NULL ENCODE bytedict,
    is_subscribed   BOOLEAN       NOT NULL DEFAULT FALSE,
    credit_limit    DECIMAL(12,2)          ENCODE az64,
    created_at      TIMESTAMP     NOT NULL ENCODE az64,
    PRIMARY KEY (customer_id),
    UNIQUE (email)
)
DISTSTYLE KEY
SORTKEY (created_at);

CREATE TABLE products (
    product_id      INTEGER       NOT NULL PRIMARY KEY,
    sku             VARCHAR(24)   NOT NULL UNIQUE,
    product_name    VARCHAR(120)  NOT NULL ENCODE zstd,
    category        VARCHAR(40)            ENCODE bytedict,
    unit_price      DECIMAL(10,2) NOT NULL ENCODE az64,
    weight_kg       REAL,
    description     VARCHAR(400)           ENCODE zstd,
    is_active       BOOLEAN       NOT NULL DEFAULT TRUE,
    launched_on     DATE,
    discontinued_on DATE
)
DISTSTYLE ALL
COMPOUND SORTKEY (category, product_id);

CREATE TABLE orders (
    order_id        BIGINT        NOT NULL ENCODE az64,
    customer_id     BIGINT        NOT NULL ENCODE az64 DISTKEY REFERENCES customers (customer_id),
    referred_by     BIGINT                 ENCODE az64 REFERENCES customers (customer_id),
    status          VARCHAR(20)   NOT NULL ENCODE bytedict,
    ordered_at      TIMESTAMP     NOT NULL ENCODE az64 SORTKEY,
    shipped_at      TIMESTAMP              ENCODE az64,
    shipping_fee    DECIMAL(8,2)  NOT NULL DEFAULT 0,
    total_amount    DECIMAL(12,2) NOT NULL ENCODE az64,
    discount_rate   DECIMAL(5,4),
    coupon_code     VARCHAR(16)            ENCODE zstd,
    is_gift         BOOLEAN,
    PRIMARY KEY (order_id)
);

CREATE TABLE order_items (
    order_id        BIGINT        NOT NULL ENCODE az64 DISTKEY,
    line_no         SMALLINT      NOT NULL ENCODE az64,
    product_id      INTEGER       NOT NULL ENCODE az64,
    quantity        INTEGER       NOT NULL ENCODE az64,
    unit_price      DECIMAL(10,2) NOT NULL ENCODE az64,
    discount_amount DECIMAL(10,2)          ENCODE az64,
    returned_on     DATE                   ENCODE az64,
    PRIMARY KEY (order_id, line_no),
    FOREIGN KEY (order_id)   REFERENCES orders (order_id),
    FOREIGN KEY (product_id) REFERENCES products (product_id)
)
DISTSTYLE KEY
INTERLEAVED SORTKEY (order_id, product_id);
