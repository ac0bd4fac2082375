"""`make demo`, as a stranger runs it, at 1:50, on either warehouse; then its tables, by SQL behind its back."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.postgres import stand_in

ROOT = Path(__file__).parents[2]
ROWS = {"customers": 2_000, "products": 200, "orders": 20_000, "order_items": 60_000}
PROMISES = {
    "duplicate customers": "SELECT COUNT(*) - COUNT(DISTINCT customer_id) FROM customers",
    "duplicate e-mails": "SELECT COUNT(*) - COUNT(DISTINCT email) FROM customers",
    "duplicate products": "SELECT COUNT(*) - COUNT(DISTINCT product_id) FROM products",
    "duplicate orders": "SELECT COUNT(*) - COUNT(DISTINCT order_id) FROM orders",
    "duplicate row ids": "SELECT COUNT(*) - COUNT(DISTINCT _row_id) FROM order_items",
    "duplicate tuples": "SELECT COUNT(*) - COUNT(DISTINCT order_id || '/' || line_no) FROM order_items",
    "orders without customer": (
        "SELECT COUNT(*) FROM orders WHERE customer_id NOT IN (SELECT customer_id FROM customers)"
    ),
    "items without order": "SELECT COUNT(*) FROM order_items WHERE order_id NOT IN (SELECT order_id FROM orders)",
    "items without product": (
        "SELECT COUNT(*) FROM order_items WHERE product_id NOT IN (SELECT product_id FROM products)"
    ),
    "required columns with NULL": (
        "SELECT COUNT(*) FROM orders WHERE order_id IS NULL OR customer_id IS NULL OR status IS NULL"
        " OR ordered_at IS NULL OR total_amount IS NULL"
    ),
    "text that is too long": (
        "SELECT COUNT(*) FROM customers WHERE LENGTH(first_name) > 60 OR LENGTH(country_code) > 2"
    ),
}


Ask = Callable[[str], tuple[Any, ...]]


@dataclass(frozen=True)
class Demo:
    """What the demo printed, and how to ask the warehouse that it left behind for one row."""

    output: str
    ask: Ask


@pytest.fixture(scope="module", params=["redshift", pytest.param("sqlite", marks=pytest.mark.slow)])
def demo(request: pytest.FixtureRequest) -> Iterator[Demo]:
    done = subprocess.run(
        ["make", "demo", "ROWS=0.02", f"WAREHOUSE={request.param}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    left = _processes_of(ROOT / ".demo")
    with {"redshift": _redshift, "sqlite": _sqlite}[request.param]() as ask:
        yield Demo(done.stdout + "".join(left), ask)


@contextmanager
def _sqlite() -> Iterator[Ask]:
    [file] = (ROOT / ".demo/warehouses/sqlite").glob("*.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        yield lambda sql: connection.execute(sql).fetchone()


@contextmanager
def _redshift() -> Iterator[Ask]:
    with stand_in(ROOT / ".demo/warehouses/redshift") as server:
        [(schema,)] = server.rows("SELECT schemaname FROM pg_tables WHERE tablename = 'order_items'")
        yield lambda sql: server.rows(f"SET search_path TO {schema}; {sql}")[0]


def _processes_of(directory: Path) -> list[str]:
    """Processes that name a directory or work in it, as PostgreSQL's do."""
    ours = os.fspath(directory)
    return [
        f"left behind: {process}"
        for process in psutil.process_iter(["cmdline", "cwd"])
        if ours in " ".join(process.info["cmdline"] or []) or (process.info["cwd"] or "").startswith(ours)
    ]


@pytest.mark.xdist_group("demo")
def test_the_demo_has_a_line_for_every_stage_and_three_results(demo: Demo) -> None:
    """Rows, seconds, rows a second: what a first-time user looks at."""
    for stage in ("import", "generate", "load"):
        assert re.search(rf"(?im)^\W*{stage}\w*\b.*\d", demo.output), f"no line for {stage} in:\n{demo.output}"
    assert f"{sum(ROWS.values()):,}" in demo.output
    assert "rows/s" in demo.output
    for heading in ("revenue", "running_total", "not_shipped"):
        assert heading in demo.output, demo.output


@pytest.mark.xdist_group("demo")
def test_the_demo_leaves_no_process_behind(demo: Demo) -> None:
    """A laptop full of orphaned services is how a tool gets uninstalled."""
    assert "left behind" not in demo.output


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize(("table", "rows"), ROWS.items())
def test_every_table_has_exactly_the_rows_asked_for(table: str, rows: int, demo: Demo) -> None:
    """Not one more, not one less."""
    assert demo.ask(f"SELECT COUNT(*) FROM {table}") == (rows,)


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("promise", PROMISES)
def test_the_loaded_demo_keeps_what_its_ddl_promises(promise: str, demo: Demo) -> None:
    """Keys distinct, no orphan, tuples unique, required columns filled."""
    assert demo.ask(PROMISES[promise]) == (0,)
