-- dialect: snowflake
-- What is refused or mended, and why; nothing costs its neighbours.
CREATE TABLE base (id INT PRIMARY KEY, v VARCHAR(5))
CREATE TABLE no_semicolon_before (id INT);
CREATE TABLE trailing_comma (id INT, v INT,);
CREATE TABLE copy_of_nothing LIKE elsewhere;
CREATE TABLE by_query AS SELECT 1 AS one;
CREATE TABLE by_query_named (one, two) AS SELECT 1, 2;
CREATE TABLE by_query_late CLUSTER BY (a) AS SELECT 1 AS a;
CREATE TABLE by_template USING TEMPLATE (SELECT 1);
CREATE DYNAMIC TABLE by_lag TARGET_LAG = '1 minute' WAREHOUSE = w AS SELECT 1 AS one;
CREATE EXTERNAL TABLE outside (v VARCHAR AS (value:c1::VARCHAR)) LOCATION = @stage;
CREATE EVENT TABLE happenings;
CREATE TABLE unknown_option (id INT) SOME UNKNOWN CLAUSE (1, 2);
CREATE TABLE twice (id INT, ID INT);
CREATE TABLE key_of_nothing (id INT, PRIMARY KEY (nothing));
CREATE TABLE "BASE" (id INT);
CREATE TABLE "Base" (id INT);
CREATE TABLE "a/b" (id INT);
CREATE TABLE dropped (id INT);
DROP TABLE IF EXISTS dropped, never_there;
CREATE TABLE dropped (id INT, again INT);
CREATE TABLE orphan (base_id INT REFERENCES base (id), other INT REFERENCES other_schema.elsewhere (id), q INT REFERENCES by_query);
CREATE TABEL typo (a INT);
ALTER TABLE by_query ADD COLUMN a INT;
ALTER TABLE base RENAME TO no_semicolon_before;
ALTER TABLE base ADD COLUMN a INT, DROP COLUMN nothing;
ALTER TABLE base DROP CONSTRAINT nothing;
ALTER SESSION SET timezone = 'UTC';
CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS BEGIN CREATE TABLE in_procedure (a INT); END;
LET x := 1;
BEGIN
CREATE TABLE in_block (a INT);
END;
x := 2;
PUT file://rows.csv @~;
CREATE SEQUENCE counter START = 5 INCREMENT = 2;
CREATE TABLE counted (id INT DEFAULT counter.NEXTVAL, other INT DEFAULT lake.raw.unknown.nextval);
GRANT SELECT ON base TO ROLE r;
