-- Orders by quarter: how many did not ship, who came by referral, what discounts cost.
SELECT DATE_TRUNC('quarter', o.ordered_at)                                                             AS quarter,
       COUNT(*)                                                                                        AS orders,
       SUM(CASE WHEN o.shipped_at IS NULL OR o.status IN ('pending', 'cancelled') THEN 1 ELSE 0 END)   AS not_shipped,
       AVG(ABS(DATEDIFF(day, o.ordered_at, o.shipped_at)))                                             AS days_between,
       COUNT(o.referred_by)                                                                            AS referred,
       SUM(CASE WHEN NVL(o.referred_by, o.customer_id) = o.customer_id THEN 1 ELSE 0 END)              AS came_alone,
       SUM(COALESCE(o.discount_rate, 0) * o.total_amount)                                              AS discounts
FROM orders AS o
WHERE o.ordered_at >= '2024-01-01'
GROUP BY 1
ORDER BY 1 DESC
LIMIT 12;
