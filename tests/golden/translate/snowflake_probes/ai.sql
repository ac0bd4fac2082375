-- Family: AI functions

-- Page: AI_COMPLETE, functions/ai_complete
SELECT AI_COMPLETE('a model', NULL);
-- REFUSED null

-- Page: AI_SENTIMENT, functions/ai_sentiment
SELECT AI_SENTIMENT(buyer) FROM sales WHERE 1 = 0;
-- REFUSED []

-- Page: SENTIMENT (SNOWFLAKE.CORTEX), functions/sentiment-snowflake-cortex
SELECT SNOWFLAKE.CORTEX.SENTIMENT(NULL);
-- REFUSED null
