"""What the examples' documents promise, as queries that answer 0."""

from collections.abc import Mapping

_ORPHANS = (
    "SELECT COUNT(*) FROM {child} c LEFT JOIN {parent} p ON {on} WHERE p.{column} IS NULL AND c.{key} IS NOT NULL"
)


def orphans(child: str, keys: str, parent: str, columns: str) -> str:
    """Rows of `child` whose foreign key names no row of `parent`; several columns are separated by blanks."""
    pairs = list(zip(keys.split(), columns.split(), strict=True))
    on = " AND ".join(f"p.{column} = c.{key}" for key, column in pairs)
    return _ORPHANS.format(child=child, parent=parent, on=on, key=pairs[0][0], column=pairs[0][1])


def duplicates(table: str, columns: str) -> str:
    """Tuples of a key that are there more than once."""
    return f"SELECT COUNT(*) FROM (SELECT {columns} FROM {table} GROUP BY {columns} HAVING COUNT(*) > 1) AS twice"


TPCH = {
    "nations in regions": orphans("nation", "n_regionkey", "region", "r_regionkey"),
    "suppliers in nations": orphans("supplier", "s_nationkey", "nation", "n_nationkey"),
    "customers in nations": orphans("customer", "c_nationkey", "nation", "n_nationkey"),
    "orders of customers": orphans("orders", "o_custkey", "customer", "c_custkey"),
    "supplies of parts": orphans("partsupp", "ps_partkey", "part", "p_partkey"),
    "supplies of suppliers": orphans("partsupp", "ps_suppkey", "supplier", "s_suppkey"),
    "lines of orders": orphans("lineitem", "l_orderkey", "orders", "o_orderkey"),
    "lines of supplies": orphans("lineitem", "l_partkey l_suppkey", "partsupp", "ps_partkey ps_suppkey"),
    "distinct order keys": duplicates("orders", "o_orderkey"),
    "distinct supplies": duplicates("partsupp", "ps_partkey, ps_suppkey"),
    "distinct lines": duplicates("lineitem", "l_orderkey, l_linenumber"),
    "four suppliers a part": (
        "SELECT COUNT(*) FROM (SELECT ps_partkey FROM partsupp GROUP BY ps_partkey HAVING COUNT(*) <> 4) AS others"
    ),
    "one to seven lines, numbered from one": (
        "SELECT COUNT(*) FROM (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey"
        " HAVING COUNT(*) > 7 OR MIN(l_linenumber) <> 1 OR MAX(l_linenumber) <> COUNT(*)) AS others"
    ),
    "orders without lines": (
        "SELECT COUNT(*) FROM orders LEFT JOIN lineitem ON l_orderkey = o_orderkey WHERE l_orderkey IS NULL"
    ),
    "dates in order": (
        "SELECT COUNT(*) FROM lineitem JOIN orders ON o_orderkey = l_orderkey"
        " WHERE NOT (o_orderdate < l_shipdate AND l_shipdate < l_receiptdate AND o_orderdate < l_commitdate)"
    ),
    "prices of the parts": (
        "SELECT COUNT(*) FROM lineitem JOIN part ON p_partkey = l_partkey"
        " WHERE l_extendedprice <> l_quantity * p_retailprice"
    ),
    "prices by formula": (
        "SELECT COUNT(*) FROM part"
        " WHERE p_retailprice * 100 <> 90000 + FLOOR(p_partkey / 10) % 20001 + 100 * (p_partkey % 1000)"
    ),
    "flags": (
        "SELECT COUNT(*) FROM lineitem WHERE (l_returnflag = 'N') <> (l_receiptdate > DATE '1995-06-17')"
        " OR (l_linestatus = 'O') <> (l_shipdate > DATE '1995-06-17')"
    ),
    "whole quantities": (
        "SELECT COUNT(*) FROM lineitem WHERE l_quantity <> FLOOR(l_quantity) OR l_quantity > 50 OR l_quantity < 1"
    ),
    "country codes": "SELECT COUNT(*) FROM customer WHERE LEFT(c_phone, 2) <> CAST(c_nationkey + 10 AS VARCHAR(2))",
    "geography": (
        "SELECT COUNT(*) FROM nation JOIN region ON r_regionkey = n_regionkey"
        " WHERE (r_name = 'EUROPE') <> (n_name IN ('FRANCE', 'GERMANY', 'ROMANIA', 'RUSSIA', 'UNITED KINGDOM'))"
    ),
}

SAAS_EVENTS = {
    "users of accounts": orphans("users", "account_id", "accounts", "account_id"),
    "events of users": orphans("events", "user_id", "users", "user_id"),
    "subscriptions of accounts": orphans("subscriptions", "account_id", "accounts", "account_id"),
    "one subscription each": duplicates("subscriptions", "account_id"),
    "distinct e-mails": duplicates("users", "email"),
    "accounts without users": (
        "SELECT COUNT(*) FROM accounts a LEFT JOIN users u ON u.account_id = a.account_id WHERE u.user_id IS NULL"
    ),
    "events of the user's account": (
        "SELECT COUNT(*) FROM events e JOIN users u ON u.user_id = e.user_id WHERE e.account_id <> u.account_id"
    ),
    "time goes on": (
        "SELECT COUNT(*) FROM (SELECT happened_at, LAG(happened_at) OVER (ORDER BY event_id) AS before FROM"
        " events) AS pairs"
        " WHERE happened_at < before"
    ),
    "usage grows": (
        "SELECT CASE WHEN SUM(CASE WHEN happened_at >= TIMESTAMP '2025-10-01' THEN 1 ELSE 0 END) * 4 >"
        " COUNT(*) THEN 0 ELSE 1 END"
        " FROM events WHERE happened_at < TIMESTAMP '2026-01-01'"
    ),
    "weekends are quiet": (
        "SELECT CASE WHEN SUM(CASE WHEN EXTRACT(dayofweek FROM happened_at) IN (0, 6) THEN 1 ELSE 0 END) * 5 < COUNT(*)"
        " THEN 0 ELSE 1 END FROM events"
    ),
    "errors take no time": "SELECT COUNT(*) FROM events WHERE (kind = 'error') <> (duration_ms IS NULL)",
    "users join after the account": (
        "SELECT COUNT(*) FROM users u JOIN accounts a ON a.account_id = u.account_id WHERE u.joined_at < a.signed_up_at"
    ),
    "cancelled after the start": (
        "SELECT COUNT(*) FROM subscriptions"
        " WHERE is_cancelled <> (cancelled_on IS NOT NULL) OR cancelled_on <= started_on"
    ),
    "free is free": "SELECT COUNT(*) FROM subscriptions WHERE (plan = 'free') <> (monthly_price = 0)",
    "cities of countries": ("SELECT COUNT(*) FROM accounts WHERE (country = 'JP') <> (city IN ('Tokyo', 'Osaka'))"),
}

HR = {
    "managers of departments": orphans("departments", "manager_id", "employees", "employee_id"),
    "departments of employees": orphans("employees", "department_id", "departments", "department_id"),
    "managers of employees": orphans("employees", "manager_id", "employees", "employee_id"),
    "salaries of employees": orphans("salaries", "employee_id", "employees", "employee_id"),
    "absences of employees": orphans("absences", "employee_id", "employees", "employee_id"),
    "distinct logins": duplicates("employees", "login"),
    "distinct titles": duplicates("departments", "title"),
    "distinct revisions": duplicates("salaries", "employee_id, revision"),
    "20 to 400 people": (
        "SELECT COUNT(*) FROM (SELECT department_id FROM employees GROUP BY department_id"
        " HAVING COUNT(*) NOT BETWEEN 20 AND 400) AS others"
    ),
    "departments without people": (
        "SELECT COUNT(*) FROM departments d LEFT JOIN employees e ON e.department_id = d.department_id"
        " WHERE e.employee_id IS NULL"
    ),
    "five levels": (
        "WITH RECURSIVE levels (employee_id, depth) AS (SELECT employee_id, 1 FROM employees WHERE manager_id IS NULL"
        " UNION ALL SELECT e.employee_id, l.depth + 1 FROM employees e JOIN levels l ON e.manager_id = l.employee_id)"
        " SELECT CASE WHEN MAX(depth) = 5 AND COUNT(*) = (SELECT COUNT(*) FROM employees) THEN 0 ELSE 1 END FROM levels"
    ),
    "hired after the opening": (
        "SELECT COUNT(*) FROM employees e JOIN departments d ON d.department_id = e.department_id"
        " WHERE e.hired_on < d.opened_on OR e.left_on <= e.hired_on OR e.born_on >= e.hired_on"
    ),
    "grades are the employees'": (
        "SELECT COUNT(*) FROM salaries s JOIN employees e ON e.employee_id = s.employee_id WHERE s.grade <> e.grade"
    ),
    "amounts by formula": (
        "SELECT COUNT(*) FROM salaries WHERE amount <> 28000 + 6500 * grade + 1800 * revision + allowance"
    ),
    "absences end": "SELECT COUNT(*) FROM absences WHERE last_day < first_day",
}

PROMISES: Mapping[str, Mapping[str, str]] = {"tpch": TPCH, "saas-events": SAAS_EVENTS, "hr": HR}
