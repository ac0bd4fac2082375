WITH RECURSIVE levels (employee_id, depth) AS (
    SELECT employee_id, 1 FROM employees WHERE manager_id IS NULL
    UNION ALL
    SELECT e.employee_id, l.depth + 1 FROM employees e JOIN levels l ON e.manager_id = l.employee_id
)
SELECT depth, COUNT(*) AS people FROM levels GROUP BY depth ORDER BY depth;
