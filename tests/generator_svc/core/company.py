"""A company whose tables refer to each other in every way that deaths must respect, and chains of its change sets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from generator_svc.core.admission import Admitted, RunRequest, admit
from generator_svc.core.change_admission import ChangeRequest
from generator_svc.core.change_plan import ChangePlan
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.run import Run, RunKind, RunState
from generator_svc.core.versions import ChangeOutput, Shares
from tests.generator_svc.documents import NO_FILES, Document, column, refers

Record = dict[str, Any]
KEYS = {
    "regions": ("region_id",),
    "customers": ("customer_id",),
    "profiles": ("profile_id",),
    "employees": ("employee_id",),
    "orders": ("order_id",),
    "items": ("order_id", "line_no"),
}
REFERENCES = {
    ("customers", "region_id"): ("regions", "region_id"),
    ("profiles", "customer_id"): ("customers", "customer_id"),
    ("employees", "manager_id"): ("employees", "employee_id"),
    ("employees", "favourite_id"): ("customers", "customer_id"),
    ("customers", "agent_id"): ("employees", "employee_id"),
    ("orders", "customer_id"): ("customers", "customer_id"),
    ("items", "order_id"): ("orders", "order_id"),
}
ROWS = {"regions": 12, "customers": 150, "profiles": 60, "employees": 80, "orders": 400, "items": 900}


def company() -> Document:
    """Optional, required, popular, unique, tree-like and circular references; columns made from others."""
    choices = {"weighted_choice": {"choices": [{"value": "new"}, {"value": "paid"}, {"value": "sent"}]}}
    zipf = refers("customers", "customer_id") | {"parent_choice": {"zipf": {"exponent": 1.2}}}
    tables = {
        "regions": [
            column("region_id", "INTEGER", required=True),
            column("title", "VARCHAR(20)", required=True),
            column("population", "INTEGER"),
        ],
        "customers": [
            column("customer_id", "BIGINT", required=True),
            column("email", "VARCHAR(80)", required=True, is_unique=True, faker_rule="email"),
            column("region_id", "INTEGER", foreign_key=refers("regions", "region_id", nullable=True)),
            column("agent_id", "BIGINT", foreign_key=refers("employees", "employee_id", nullable=True)),
            column("balance", "DECIMAL(12,2)", min_value=0, max_value=500, null_fraction=0.2),
            column("region", "VARCHAR(20)", rule={"lookup": {"foreign_key": "region_id", "column": "title"}}),
            column("doubled", "DECIMAL(12,2)", rule={"derived": {"expression": "balance * 2"}}),
        ],
        "profiles": [
            column("profile_id", "BIGINT", required=True),
            column(
                "customer_id", "BIGINT", required=True, is_unique=True, foreign_key=refers("customers", "customer_id")
            ),
            column("points", "INTEGER"),
        ],
        "employees": [
            column("employee_id", "BIGINT", required=True),
            column("manager_id", "BIGINT", foreign_key=refers("employees", "employee_id", nullable=True)),
            column("favourite_id", "BIGINT", foreign_key=refers("customers", "customer_id", nullable=True)),
            column("salary", "INTEGER", required=True),
        ],
        "orders": [
            column("order_id", "BIGINT", required=True),
            column("customer_id", "BIGINT", required=True, foreign_key=zipf),
            column("status", "VARCHAR(20)", required=True, rule=choices),
            column("created_at", "TIMESTAMP", required=True),
        ],
        "items": [
            column("order_id", "BIGINT", required=True, foreign_key=refers("orders", "order_id")),
            column("line_no", "INTEGER", required=True),
            column("quantity", "INTEGER", required=True, min_value=1, max_value=9),
            column("shipped_at", "TIMESTAMP", rule={"offset": {"column": "order_id.created_at", "min": 1, "max": 9}}),
        ],
    }
    return {"name": "company", "id": "c1", "revision": 1, "tables": [_table(*each) for each in tables.items()]}


def _table(name: str, columns: Sequence[Document]) -> Document:
    keys = KEYS[name]
    key = {"primary_key": list(keys)} if len(keys) == 1 else {"composite_keys": [{"columns": list(keys)}]}
    return {"name": name, "columns": columns, "target_rows": ROWS[name], **key}


@dataclass(frozen=True)
class Chain:
    """A full run and the change sets after it, admitted as the service would."""

    document: Document
    runs: tuple[Admitted, ...]

    def then(self, output: ChangeOutput = ChangeOutput.CDC_FEED, **facts: Any) -> "Chain":
        """The next change set; `facts` are of RunRequest, with `shares` and `table_shares`."""
        changes = ChangeRequest(output, facts.pop("shares", Shares()), facts.pop("table_shares", {}))
        request = RunRequest(kind=RunKind.CHANGE_SET, changes=changes, **facts)
        return Chain(
            self.document, (*self.runs, admit(request, self.document, NO_FILES, ended(self.runs[-1], len(self.runs))))
        )

    @property
    def changes(self) -> ChangePlan:
        """Plan of the last change set."""
        assert self.runs[-1].changes
        return self.runs[-1].changes


def begun(document: Document | None = None, **facts: Any) -> Chain:
    """A full run of the company."""
    document = document or company()
    return Chain(document, (admit(RunRequest(**facts), document, NO_FILES),))


def ended(admitted: Admitted, run_id: int) -> Run:
    """A completed run of what was admitted."""
    return Run(run_id, "company", "c1", 1, RunState.COMPLETED, admitted.order, "", None, 0, 0)


def rows_made(admitted: Admitted, table: str) -> list[Record]:
    """All rows that a run stages of a table."""
    return [row for cells in _made(admitted, table) for row in cells.to_pylist()]


def content(admitted: Admitted) -> Mapping[str, str]:
    """Content hash of every table."""
    hashes = {}
    for table in admitted.order.tables:
        whole = ContentHash()
        for batch in reversed(list(table.cut())):
            whole.add(*admitted.maker.made(batch))
        hashes[table.name] = whole.hex()
    return hashes


def keyed(table: str, rows: Sequence[Record]) -> dict[tuple[Any, ...], Record]:
    """Rows by their key, which no two have."""
    by_key = {key_of(table, row): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


def key_of(table: str, row: Record) -> tuple[Any, ...]:
    """Values of a row's key."""
    return tuple(row[name] for name in KEYS[table])


def snapshots(chain: Chain, version: int) -> dict[str, list[Record]]:
    """All tables as they are at a version, computed directly."""
    history = chain.changes.history
    return {name: history.snapshot(name, 0, history.rows_of(name), version).to_pylist() for name in KEYS}


def _made(admitted: Admitted, table: str) -> Iterator[pa.RecordBatch]:
    for each in admitted.order.tables:
        if each.name == table:
            for batch in each.cut():
                yield admitted.maker.made(batch).cells
