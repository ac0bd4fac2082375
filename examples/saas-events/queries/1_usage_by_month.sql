SELECT DATE_TRUNC('month', happened_at) AS month,
       COUNT(*) AS events,
       COUNT(DISTINCT account_id) AS accounts,
       AVG(duration_ms) AS mean_ms
FROM events
GROUP BY 1
ORDER BY 1;
