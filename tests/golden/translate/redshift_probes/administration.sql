-- Family: System administration functions

-- Page: CURRENT_SETTING, r_CURRENT_SETTING.html
SELECT CURRENT_SETTING('query_group');
-- REFUSED "unset"

-- Page: SET_CONFIG, r_SET_CONFIG.html
SELECT SET_CONFIG('query_group', 'test', true);
-- REFUSED "test"

-- Page: PG_TERMINATE_BACKEND, PG_TERMINATE_BACKEND.html
SELECT PG_TERMINATE_BACKEND(8585);
-- REFUSED 1
