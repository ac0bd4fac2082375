SELECT EXTRACT(hour FROM happened_at) AS hour, COUNT(*) AS events
FROM events
GROUP BY 1
ORDER BY 1;
