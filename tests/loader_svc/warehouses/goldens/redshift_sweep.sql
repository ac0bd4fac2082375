-- connect
SET client_encoding TO 'UTF8'; SET timezone TO 'UTC'; SET statement_timeout TO 0; SET search_path TO pg_catalog;
SELECT d.description, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 JOIN pg_user u ON u.usesysid = c.relowner WHERE c.relname = '_dwsim_load' AND c.relkind = 'r' AND u.usename = CURRENT_USER ORDER BY 1;
SET search_path TO "shop", pg_catalog;
SELECT uid FROM _dwsim_load WHERE state = 'STAGING' AND (loader_id = 'loader-a' OR touched < GETDATE() - INTERVAL '86400 seconds');
BEGIN;
SET LOCAL statement_timeout TO 5000;
LOCK TABLE "_dwsim_load";
SET LOCAL statement_timeout TO 0;
UPDATE _dwsim_load SET state = 'ENDED', epoch = epoch + 1 WHERE uid = '000000016c6f616465722d61';
SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' AND c.relkind IN ('r', 'v') ORDER BY c.relname;
DROP TABLE IF EXISTS "_dwsim_00000001_0";
DELETE FROM _dwsim_ledger WHERE uid = '000000016c6f616465722d61';
COMMIT;
