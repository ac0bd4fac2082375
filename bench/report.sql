WITH bounds AS (
  SELECT
    MIN(created_at) AS first_order,
    MAX(created_at) AS last_order
  FROM orders
),
recent AS (
  SELECT
    o.order_id,
    o.customer_id,
    o.status,
    o.amount,
    o.created_at,
    o.ship_date,
    DATE_TRUNC('month', o.created_at) AS month,
    DATEDIFF(day, o.created_at, o.ship_date) AS days_to_ship,
    NVL(o.note, 'none') AS note
  FROM orders o
  CROSS JOIN bounds b
  WHERE o.created_at >= DATEADD(month, -12, b.last_order)
    AND o.amount > 0
    AND o.status <> 'returned'
),
customers AS (
  SELECT
    customer_id,
    COUNT(*) AS orders,
    COUNT(DISTINCT month) AS months,
    SUM(amount) AS revenue,
    AVG(amount) AS basket,
    MIN(created_at) AS first_order,
    MAX(created_at) AS last_order
  FROM recent
  GROUP BY customer_id
  HAVING COUNT(*) > 1
),
ranked AS (
  SELECT
    customer_id,
    orders,
    months,
    revenue,
    basket,
    RANK() OVER (ORDER BY revenue DESC) AS place,
    NTILE(10) OVER (ORDER BY revenue DESC) AS tenth
  FROM customers
),
monthly AS (
  SELECT
    r.month,
    r.status,
    c.tenth,
    COUNT(*) AS orders,
    COUNT(DISTINCT r.customer_id) AS customers,
    SUM(r.amount) AS revenue,
    SUM(
      CASE
        WHEN r.days_to_ship <= 2 THEN 1
        ELSE 0
      END
    ) AS fast,
    SUM(
      CASE
        WHEN r.days_to_ship > 10 THEN 1
        ELSE 0
      END
    ) AS slow,
    MAX(LEN(r.note)) AS longest_note
  FROM recent r
  JOIN ranked c
    ON c.customer_id = r.customer_id
  WHERE c.place <= 1000
  GROUP BY
    r.month,
    r.status,
    c.tenth
)
SELECT
  m.month,
  m.status,
  m.tenth,
  m.orders,
  m.customers,
  m.revenue,
  m.fast,
  m.slow,
  m.longest_note,
  LAG(m.revenue) OVER (
    PARTITION BY m.status, m.tenth
    ORDER BY m.month
  ) AS revenue_before,
  SUM(m.revenue) OVER (
    PARTITION BY m.status, m.tenth
    ORDER BY m.month
    ROWS UNBOUNDED PRECEDING
  ) AS revenue_so_far
FROM monthly m
ORDER BY
  m.month,
  m.status,
  m.tenth
LIMIT 10
