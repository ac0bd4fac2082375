-- dialect: snowflake
-- Names: quoted, reserved, qualified, folded; schemas kept apart.
CREATE TABLE Plain (Id INT, "Mixed Case" INT, "select" INT, "with ""quotes""" INT, größe INT, _under INT, dollar$sign INT);
CREATE TABLE "Plain two" (ID INT);
CREATE TABLE lake.sales.orders (id INT PRIMARY KEY, customer INT REFERENCES customers (id));
CREATE TABLE lake.sales.customers (id INT PRIMARY KEY);
CREATE TABLE lake.archive.orders (id INT PRIMARY KEY);
CREATE TABLE pond.archive.orders (id INT PRIMARY KEY, old INT REFERENCES lake.archive.orders (id));
CREATE TABLE lake..defaulted (id INT);
CREATE TABLE words (comment INT, tag VARCHAR(3), date DATE, timestamp TIMESTAMP, key INT, value VARIANT, type VARCHAR(9),
    primary_ INT, "primary" INT, row_id INT, name VARCHAR(5), language INT, length INT, index INT);
CREATE TABLE constraint_names (a INT CONSTRAINT "Not Empty" NOT NULL, CONSTRAINT "Key of A" UNIQUE (a));
