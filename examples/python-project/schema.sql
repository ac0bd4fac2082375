-- The warehouse that the models below are written for, as Amazon Redshift has it.

CREATE TABLE customers (
    customer_id  BIGINT       NOT NULL PRIMARY KEY DISTKEY,
    email        VARCHAR(120) NOT NULL UNIQUE,
    country_code CHAR(2)      NOT NULL,
    created_at   TIMESTAMP    NOT NULL
)
SORTKEY (created_at);

CREATE TABLE orders (
    order_id    BIGINT        NOT NULL PRIMARY KEY,
    customer_id BIGINT        NOT NULL REFERENCES customers (customer_id) DISTKEY,
    status      VARCHAR(20)   NOT NULL,
    ordered_at  TIMESTAMP     NOT NULL,
    shipped_at  TIMESTAMP,
    amount      DECIMAL(10,2) NOT NULL
)
SORTKEY (ordered_at);
