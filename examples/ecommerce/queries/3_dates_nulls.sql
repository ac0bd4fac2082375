-- Orders by quarter: how many never shipped, how long the others took, what discounts and coupons did.
SELECT DATE_TRUNC('quarter', ordered_at)                              AS quarter,
       COUNT(*)                                                       AS orders,
       SUM(CASE WHEN shipped_at IS NULL THEN 1 ELSE 0 END)            AS not_shipped,
       AVG(ABS(DATEDIFF(day, ordered_at, shipped_at)))                AS days_between,
       COUNT(coupon_code)                                             AS with_coupon,
       SUM(total_amount * (1 - COALESCE(discount_rate, 0)))           AS net_amount,
       SUM(CASE WHEN NVL(is_gift, FALSE) THEN 1 ELSE 0 END)           AS gifts
FROM orders
WHERE ordered_at >= '2024-01-01'
GROUP BY 1
ORDER BY 1 DESC
LIMIT 12;
