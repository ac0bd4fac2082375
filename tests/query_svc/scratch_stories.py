"""Sessions in a scratch, statement by statement, that every warehouse must answer alike."""

from dataclasses import dataclass
from typing import Any

import pytest

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery


@dataclass(frozen=True)
class Step:
    """A statement with the number of rows it writes, the rows it answers, or the words of its refusal."""

    sql: str
    rows: list[list[Any]] | None = None
    written: int | None = None
    refused: str = ""


@dataclass(frozen=True)
class Story:
    """A session."""

    name: str
    steps: tuple[Step, ...]


def w(sql: str, written: int) -> Step:
    return Step(sql, written=written)


def r(sql: str, *rows: Any) -> Step:
    return Step(sql, rows=list(rows))


def no(sql: str, words: str) -> Step:
    return Step(sql, refused=words)


STORIES = (
    Story(
        "ctas, then read, insert, update, delete, truncate, drop",
        (
            w("CREATE TABLE paid DISTKEY(order_id) AS SELECT order_id, total, ordered_at, status FROM orders", 5),
            r("SELECT COUNT(*), SUM(total) FROM paid", [5, "112.65"]),
            r("SELECT ordered_at FROM paid WHERE order_id = 4", ["2024-03-01 12:30:15.123456"]),
            w("INSERT INTO paid SELECT order_id + 10, total, ordered_at, status FROM paid WHERE order_id < 3", 2),
            w("UPDATE paid SET total = total * 2, status = 'x' WHERE order_id > 10", 2),
            r("SELECT order_id, total, status FROM paid WHERE order_id > 10 ORDER BY 1",
              [11, "200.20", "x"], [12, "0.40", "x"]),
            w("DELETE FROM paid WHERE order_id = 11", 1),
            w("TRUNCATE TABLE paid", 6),
            r("SELECT COUNT(*) FROM paid", [0]),
            w("DROP TABLE paid", 0),
            no("SELECT * FROM paid", "no table"),
            w("DROP TABLE IF EXISTS paid", 0),
            no("DROP TABLE paid", "no table"),
        ),
    ),
    Story(
        "declared columns keep their types, defaults, numbers and limits",
        (
            w(
                "CREATE TEMP TABLE t (id INT IDENTITY(1,1) DISTKEY, st VARCHAR(4) ENCODE zstd DEFAULT 'new',"
                " amount DECIMAL(10,1) NOT NULL, d DATE, at TIMESTAMP, ok BOOLEAN, big BIGINT, f FLOAT,"
                " wide DECIMAL(38,2), PRIMARY KEY (id)) DISTSTYLE KEY COMPOUND SORTKEY(d, id)",
                0,
            ),
            w("INSERT INTO t (amount, d) VALUES (1.25, '2024-02-29'), (2, DEFAULT)", 2),
            w(
                "INSERT INTO t (amount, st, at, ok, big, f, wide) VALUES (-0.05, 'é', '2024-01-01 10:00:00', TRUE,"
                " 9223372036854775807, 0.1, 1234567890123456.78)",
                1,
            ),
            r(
                "SELECT id, st, amount, d, at, ok, big, f, wide FROM t ORDER BY id",
                [1, "new", "1.3", "2024-02-29", None, None, None, None, None],
                [2, "new", "2.0", None, None, None, None, None, None],
                [
                    *[3, "é", "-0.1", None, "2024-01-01 10:00:00", True, "9223372036854775807", 0.1],
                    "1234567890123456.78",
                ],
            ),
            no("INSERT INTO t (amount, st) VALUES (1, 'longer')", "too long"),
            no("INSERT INTO t (amount, st) VALUES (1, 'ééé')", "too long"),
            no("INSERT INTO t (st) VALUES ('a')", "no NULL"),
            no("INSERT INTO t (amount) VALUES (99999999999)", ""),
            no("INSERT INTO t (amount) SELECT status FROM orders", "CAST"),
            no("INSERT INTO t (amont) VALUES (1)", "did you mean amount?"),
            no("INSERT INTO t (amount, st) VALUES (1)", "1 values for 2 columns"),
            no("CREATE TABLE t (a INT)", "has a table"),
            no("CREATE TABLE u (a DECIMAL(60,2))", "1 to 38 digits"),
            no("CREATE TABLE u (a DECIMAL(2,5))", "1 to 38 digits"),
            no("CREATE TABLE u (a VARCHAR(0))", "1 to 65535"),
            no("CREATE TABLE u (a CHAR(5000))", "1 to 4096"),
            w("CREATE TABLE last (i BIGINT IDENTITY(9223372036854775806, 1), a INT)", 0),
            no("INSERT INTO last (a) VALUES (1), (2), (3)", "no numbers left"),
            w("INSERT INTO last (a) VALUES (1), (2)", 2),
            no("INSERT INTO last (a) VALUES (3)", "no numbers left"),
            w("CREATE TABLE IF NOT EXISTS t (a INT)", 0),
            r("SELECT COUNT(*), MAX(id) FROM t", [3, 3]),
            w("UPDATE t SET st = DEFAULT, d = '2024-03-01', amount = 7 WHERE id = 3", 1),
            r("SELECT st, d, amount FROM t WHERE id = 3", ["new", "2024-03-01", "7.0"]),
        ),
    ),
    Story(
        "a table that no row could go into is refused when it is made",
        (
            no("CREATE TABLE t (a INT DEFAULT nosuch(1))", "column 'a' cannot have DEFAULT nosuch(1)"),
            no("CREATE TABLE t (a INT DEFAULT 'x')", "column 'a' cannot have DEFAULT 'x'"),
            no("CREATE TABLE t (a INT, b INT DEFAULT a + 1)", "column 'b' cannot have DEFAULT a + 1"),
            no("CREATE TABLE t (a INT DEFAULT (SELECT 1))", "column 'a' cannot have DEFAULT (SELECT 1)"),
            no("CREATE TABLE t (a DATE DEFAULT TRUE)", "column 'a' cannot have DEFAULT TRUE"),
            no("CREATE TABLE t (a INT DEFAULT 1 +)", "column 'a' cannot have DEFAULT 1 +"),
            w("CREATE TABLE t (a INT DEFAULT 1 + 1, b TIMESTAMP DEFAULT GETDATE(), c VARCHAR(9) DEFAULT NULL)", 0),
            w("INSERT INTO t (a) VALUES (DEFAULT)", 1),
            r("SELECT a, b IS NULL, c FROM t", [2, False, None]),
        ),
    ),
    Story(
        "a table of the scratch hides the experiment's, which stays reachable",
        (
            w("CREATE TABLE orders AS SELECT order_id FROM shop.orders WHERE order_id < 3", 2),
            r("SELECT COUNT(*) FROM orders", [2]),
            r("SELECT COUNT(*) FROM shop.orders", [5]),
            r("SELECT COUNT(*) FROM mine.orders o JOIN shop.orders s ON s.order_id = o.order_id", [2]),
            w("CREATE TABLE copy (LIKE customers)", 0),
            w("INSERT INTO copy SELECT * FROM customers", 4),
            r("SELECT name, balance, wealth FROM copy WHERE customer_id = 2", ["Émile", "0.10", "1234567890123456.78"]),
        ),
    ),
    Story(
        "views are queries by name",
        (
            w("CREATE VIEW v (a, n) AS SELECT status, COUNT(*) FROM orders GROUP BY status", 0),
            r("SELECT a, n FROM v WHERE a IS NOT NULL ORDER BY a", ["Paid", 1], ["open", 1], ["paid", 2]),
            w("CREATE OR REPLACE VIEW v AS SELECT status AS a FROM orders WITH NO SCHEMA BINDING", 0),
            w("CREATE VIEW vv AS SELECT COUNT(*) FROM v", 0),
            r("WITH orders AS (SELECT 1 AS one) SELECT count FROM vv", [5]),
            r("SELECT x.a FROM v x JOIN v y ON x.a = y.a WHERE x.a = 'open'", ["open"]),
            no("CREATE VIEW v AS SELECT 1 AS a", "has a view"),
            no("UPDATE v SET a = 'x'", "is a view"),
            no("CREATE OR REPLACE VIEW v AS SELECT a FROM v", "would read itself"),
            no("CREATE OR REPLACE VIEW v AS SELECT count AS a FROM vv", "would read itself"),
            no("DROP VIEW shop.v", "not in scratch"),
            w("DROP VIEW v", 0),
            no("SELECT * FROM vv", "'v'"),
        ),
    ),
    Story(
        "rows of other tables change rows",
        (
            w("CREATE TABLE #t AS SELECT order_id AS id, customer_id, total FROM orders", 5),
            w("UPDATE #t SET total = c.balance FROM customers c"
              " WHERE c.customer_id = #t.customer_id AND c.name = 'Ada'", 2),
            r("SELECT id, total FROM #t WHERE customer_id = 1 ORDER BY 1", [1, "10.25"], [2, "10.25"]),
            w("DELETE FROM #t USING customers c WHERE c.customer_id = #t.customer_id AND c.country_code = 'FR'", 2),
            w(
                "MERGE INTO #t USING orders o ON #t.id = o.order_id WHEN MATCHED THEN UPDATE SET total = o.total"
                " WHEN NOT MATCHED THEN INSERT (id, total) VALUES (o.order_id, o.total)",
                5,
            ),
            r("SELECT id, customer_id, total FROM #t ORDER BY 1", *[
                [1, 1, "100.10"], [2, 1, "0.20"], [3, None, "5.00"], [4, None, "7.05"], [5, 4, "0.30"],
            ]),
            no("UPDATE #t SET total = o.total FROM orders o WHERE o.customer_id = #t.customer_id", "changed twice"),
            r("SELECT SUM(total) FROM #t", ["112.65"]),
            w("WITH c AS (SELECT 99 AS n) INSERT INTO #t (id) SELECT n FROM c", 1),
            w("SELECT id INTO TEMP ids FROM #t WHERE id > 4", 2),
            r("SELECT id FROM ids ORDER BY id", [5], [99]),
        ),
    ),
)  # fmt: skip


async def tell(query: RunningQuery, story: Story, scratch: str = "mine") -> None:
    """Run a session; what it writes is seen by its next statement."""
    for step in story.steps:
        if step.refused or (step.rows is None and step.written is None):
            with pytest.raises(RemoteFault) as fault:
                await query.execute(step.sql, allow_writes=True, scratch=scratch)
            assert step.refused in f"{fault.value.message} {fault.value.hint}", step.sql
            continue
        answer = await query.execute(step.sql, allow_writes=True, scratch=scratch)
        assert not answer.summary.failure.reason, (step.sql, answer.summary.failure)
        expected = [[step.written]] if step.rows is None else step.rows
        assert answer.rows == expected, step.sql
