-- Family: System functions

-- Page: SYSTEM$TYPEOF, functions/system_typeof
SELECT SYSTEM$TYPEOF(NULL);
-- REFUSED "NULL[LOB]"

-- Page: SYSTEM$WAIT, functions/system_wait
SELECT SYSTEM$WAIT(1);
-- REFUSED "waited 1 seconds"

-- Page: SYSTEM$CANCEL_QUERY, functions/system_cancel_query
SELECT SYSTEM$CANCEL_QUERY('no such query');
-- REFUSED null
