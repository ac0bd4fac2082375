-- dialect: redshift
-- Every statement is accounted for, whatever its neighbours are.
BEGIN;
CREATE SCHEMA staging AUTHORIZATION loader;
CREATE TABLE good (id INT PRIMARY KEY, parent_id INT REFERENCES good (id));
CREATE TABLE missing_comma (a INT b INT);
CREATE TABLE no_type (a, b INT);
CREATE TABLE unknown_type (a INTT);
CREATE TABLE unclosed (a INT;
CREATE TABLE two_keys (a INT PRIMARY KEY, b INT PRIMARY KEY);
CREATE TABLE copied (LIKE good);
CREATE TABLE selected AS SELECT 1 AS one;
CREATE EXTERNAL TABLE spectrum.clicks (at TIMESTAMP) STORED AS PARQUET LOCATION 's3://bucket/clicks';
CREATE TABLE sketches (h HLLSKETCH);
CREATE TABLE IF NOT EXISTS good (other INT);
CREATE TABLE good (id INT);
CREATE TABLE child (id INT, unclosed_id INT REFERENCES unclosed (a));
CREAT TABLE typo (a INT);
INSERT INTO good VALUES (1, NULL), (2, 'a;b');
COPY good FROM 's3://bucket/good' IAM_ROLE 'arn' FORMAT PARQUET;
ALTER TABLE good OWNER TO somebody;
ALTER TABLE nowhere ADD PRIMARY KEY (id);
ALTER TABLE child ADD COLUMN added VARCHAR(5) DEFAULT 'x' NOT NULL;
COMMENT ON COLUMN child.nothing IS 'there is no such column';
CREATE FUNCTION f (INT) RETURNS INT STABLE AS $$ SELECT $1; $$ LANGUAGE sql;
CREATE TEMP TABLE "Mixed Case" ("Quoted ""Name""" INT, "select" INT) SORTKEY AUTO;
CREATE TABLE other.good (id BIGINT PRIMARY KEY);
CREATE TABLE at_the_end (a VARCHAR(10) DEFAULT 'never closed);
CREATE TABLE afterwards (a INT);
