-- connect
SET client_encoding TO 'UTF8'; SET timezone TO 'UTC'; SET statement_timeout TO 0; SET search_path TO pg_catalog;
SELECT d.description, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 JOIN pg_user u ON u.usesysid = c.relowner WHERE c.relname = '_dwsim_load' AND c.relkind = 'r' AND u.usename = CURRENT_USER ORDER BY 1;
SET search_path TO "shop", pg_catalog;
BEGIN;
SELECT target, rows, load_id, facts FROM _dwsim_catalog ORDER BY name;
SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' AND c.relkind IN ('r', 'v') ORDER BY c.relname;
DROP TABLE IF EXISTS "orders", "_dwsim_catalog", "_dwsim_ledger", "_dwsim_load" CASCADE;
COMMIT;
SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' LIMIT 1;
BEGIN;
DROP SCHEMA "shop";
COMMIT;
-- connect
SET client_encoding TO 'UTF8'; SET timezone TO 'UTC'; SET statement_timeout TO 0; SET search_path TO pg_catalog;
SELECT d.description, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 JOIN pg_user u ON u.usesysid = c.relowner WHERE c.relname = '_dwsim_load' AND c.relkind = 'r' AND u.usename = CURRENT_USER ORDER BY 1;
