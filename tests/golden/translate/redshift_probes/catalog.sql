-- Family: Catalog

-- Page: PG_TABLE_DEF, r_PG_TABLE_DEF.html
SELECT "column", type, encoding, distkey, sortkey, "notnull" FROM pg_table_def WHERE tablename = 'sales' AND schemaname = 'public';
-- EXACT [["sale_id", "bigint", "none", false, 2, true], ["day", "date", "none", false, 1, false], ["seller_id", "bigint", "az64", true, 0, true], ["buyer", "character varying(10)", "zstd", false, 0, false], ["qty", "bigint", "az64", false, 0, false], ["qty_shipped", "bigint", "az64", false, 0, false], ["price", "numeric(8,2)", "none", false, 0, false]]
SELECT DISTINCT tablename FROM pg_catalog.pg_table_def ORDER BY 1;
-- EXACT [["docs"], ["sales"]]
SELECT COUNT(*) FROM pg_table_def WHERE tablename LIKE '\\_dwsim%';
-- EXACT 0
SELECT type FROM pg_table_def WHERE "column" = 'body';
-- EXACT "super"

-- Page: SVV_TABLES, r_SVV_TABLES.html
SELECT table_schema, table_name, table_type, remarks FROM svv_tables ORDER BY table_name;
-- EXACT [["public", "docs", "BASE TABLE", "documents"], ["public", "sales", "BASE TABLE", null]]

-- Page: SVV_COLUMNS, r_SVV_COLUMNS.html
SELECT column_name, ordinal_position, is_nullable, data_type, character_maximum_length FROM svv_columns WHERE table_name = 'sales' AND ordinal_position IN (1, 4) ORDER BY ordinal_position;
-- EXACT [["sale_id", 1, "NO", "bigint", null], ["buyer", 4, "YES", "character varying", 10]]
SELECT numeric_precision, numeric_precision_radix, numeric_scale FROM svv_columns WHERE column_name = 'price';
-- EXACT [[8, 10, 2]]

-- Page: SVV_TABLE_INFO, r_SVV_TABLE_INFO.html
SELECT "schema", "table", diststyle, sortkey1, sortkey_num, max_varchar, tbl_rows FROM svv_table_info ORDER BY "table";
-- EXACT [["public", "docs", "ALL", "AUTO(SORTKEY)", 0, 0, 4], ["public", "sales", "KEY(seller_id)", "day", 2, 10, 9]]

-- Page: SVV_ALL_TABLES, r_SVV_ALL_TABLES.html
SELECT table_name FROM svv_all_tables WHERE schema_name = 'public' AND table_type = 'TABLE' ORDER BY table_name;
-- EXACT [["docs"], ["sales"]]

-- Page: SVV_ALL_COLUMNS, r_SVV_ALL_COLUMNS.html
SELECT table_name, COUNT(*) FROM svv_all_columns GROUP BY table_name ORDER BY 1;
-- EXACT [["docs", 2], ["sales", 7]]

-- Page: SVV_REDSHIFT_COLUMNS, r_SVV_REDSHIFT_COLUMNS.html
SELECT column_name, data_type, encoding, sortkey FROM svv_redshift_columns WHERE table_name = 'sales' AND distkey;
-- EXACT [["seller_id", "bigint", "az64", 0]]

-- Page: SVV_ALL_SCHEMAS, r_SVV_ALL_SCHEMAS.html
SELECT database_name, schema_name, schema_type FROM svv_all_schemas;
-- EXACT [["dev", "public", "local"]]

-- Page: SVV_REDSHIFT_TABLES, r_SVV_REDSHIFT_TABLES.html
SELECT COUNT(*) FROM svv_redshift_tables WHERE schema_name = 'none';
-- EXACT 0

-- Page: System catalog tables, c_intro_catalog_views.html
SELECT c.relname, n.nspname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE a.attnum = 1 AND c.relkind = 'r' ORDER BY 1;
-- EXACT [["docs", "public", "doc_id"], ["sales", "public", "sale_id"]]
SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1;
-- EXACT [["docs"], ["sales"]]

-- Page: Querying the catalog tables, c_join_PG.html
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name;
-- EXACT [["docs", "BASE TABLE"], ["sales", "BASE TABLE"]]
SELECT t.table_name, MAX(c.ordinal_position) FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name) GROUP BY 1 ORDER BY 1;
-- EXACT [["docs", 2], ["sales", 7]]

-- Page: SHOW TABLES, r_SHOW_TABLES.html
SHOW TABLES FROM SCHEMA dev.public;
-- EXACT [["dev", "public", "docs", "TABLE", null, "documents"], ["dev", "public", "sales", "TABLE", null, null]]
SHOW TABLES FROM SCHEMA public LIKE 's%' LIMIT 5;
-- EXACT [["dev", "public", "sales", "TABLE", null, null]]

-- Page: SHOW COLUMNS, r_SHOW_COLUMNS.html
SHOW COLUMNS FROM TABLE dev.public.docs;
-- EXACT [["dev", "public", "docs", "doc_id", 1, null, "NO", "bigint", null, 64, 0, null], ["dev", "public", "docs", "body", 2, null, "YES", "super", null, null, null, null]]
SHOW COLUMNS FROM TABLE public.sails;
-- FAILS

-- Page: SHOW SCHEMAS, r_SHOW_SCHEMAS.html
SHOW SCHEMAS FROM DATABASE dev;
-- EXACT [["dev", "public", 100, "local", null, null, null]]
