"""`make demo`, as a stranger runs it, at 1:50; then the loaded warehouse, checked by SQL behind the product's back."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

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


@dataclass(frozen=True)
class Demo:
    """What the demo printed and left behind."""

    output: str
    warehouse: Path


@pytest.fixture(scope="module")
def demo() -> Demo:
    done = subprocess.run(
        ["make", "demo", "ROWS=0.02"], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = [path for path in (ROOT / ".demo").rglob("*.db") if "warehouses" in path.parts]
    assert len(files) == 1
    return Demo(done.stdout, files[0])


@pytest.fixture
def warehouse(demo: Demo) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo.warehouse}?mode=ro", uri=True)) as connection:
        yield connection


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
    ours = str(ROOT / ".demo")
    left = [p.pid for p in psutil.process_iter(["cmdline"]) if ours in " ".join(p.info["cmdline"] or [])]
    assert left == []
    assert os.fspath(demo.warehouse).startswith(ours)


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize(("table", "rows"), ROWS.items())
def test_every_table_has_exactly_the_rows_asked_for(table: str, rows: int, warehouse: sqlite3.Connection) -> None:
    """Not one more, not one less."""
    assert warehouse.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (rows,)


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("promise", PROMISES)
def test_the_loaded_demo_keeps_what_its_ddl_promises(promise: str, warehouse: sqlite3.Connection) -> None:
    """Keys distinct, no orphan, tuples unique, required columns filled."""
    assert warehouse.execute(PROMISES[promise]).fetchone() == (0,)
