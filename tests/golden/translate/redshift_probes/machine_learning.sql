-- Family: Machine learning functions

-- Page: EXPLAIN_MODEL function, r_explain_model_function.html
SELECT EXPLAIN_MODEL('churn');
-- REFUSED null
SELECT sale_id, EXPLAIN_MODEL(buyer) FROM sales;
-- REFUSED null
SELECT JSON_SERIALIZE(EXPLAIN_MODEL('churn'));
-- REFUSED null
