BEGIN;
SET LOCAL statement_timeout TO 5000;
LOCK TABLE "_dwsim_load";
SET LOCAL statement_timeout TO 0;
UPDATE _dwsim_load SET state = 'ENDED', touched = GETDATE() WHERE uid = '000000026c6f616465722d61' AND epoch = 1 AND state = 'STAGING';
SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' AND c.relkind IN ('r', 'v') ORDER BY c.relname;
DROP TABLE IF EXISTS "_dwsim_00000002_0";
DELETE FROM _dwsim_ledger WHERE uid = '000000026c6f616465722d61';
COMMIT;
