"""The standard table, through the product's own doors: the schema service's reader and the generator's plan."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from generator_svc.kernel_cache import use_kernel_cache
from schema_svc.core.document import import_spec

ROOT = Path(__file__).parents[1]
# set before the imports below bring numba
use_kernel_cache(ROOT / "build")

from generator_svc.core.document import read_tables, read_target_rows  # noqa: E402
from generator_svc.core.plan import Plan, first_segments  # noqa: E402
from generator_svc.core.run import Batch, RunTable  # noqa: E402

TEXT = Path(__file__).with_name("standard_table.yaml").read_text()
TABLE = "orders"
SEED = 42
AS_OF = dt.date(2026, 1, 1)
BATCH_ROWS = 131_072


def plan(rows: int) -> Plan:
    """The plan of a run that gives the table `rows` rows."""
    document = import_spec(TEXT).document()
    tables = read_tables(document)
    return Plan(tables, first_segments(tables, read_target_rows(document) | {TABLE: rows}), SEED, AS_OF)


def batches(rows: int) -> Iterator[Batch]:
    """The table's batches, as a run cuts them."""
    return RunTable(TABLE, 0, rows, BATCH_ROWS).cut()
