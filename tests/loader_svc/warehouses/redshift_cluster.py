"""A double of Redshift with a writer to it and a bucket; `cluster` is a fixture of this folder's tests."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from dwsim_wire.object_store import open_bucket
from loader_svc.core.loads import Batch, LoadOrder
from loader_svc.warehouses.redshift import RedshiftWriter
from loader_svc.warehouses.redshift_copy import CopyAccess
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.warehouses.orders import go_on, order
from tests.loader_svc.warehouses.redshift_double import RedshiftDouble
from tests.postgres import Database
from tests.s3 import Prefix

DOCUMENT: dict[str, Any] = SHOP | {
    "tables": [
        SHOP["tables"][0] | {"properties": {"distkey": "customer_id", "diststyle": "KEY", "backup": "NO"}},
        {
            **SHOP["tables"][1],
            "properties": {"sortkey": '"order_id", customer_id', "sortkey_style": "COMPOUND", "diststyle": "EVEN"},
            "columns": [
                SHOP["tables"][1]["columns"][0] | {"properties": {"encode": "az64"}},
                *SHOP["tables"][1]["columns"][1:],
            ],
        },
    ],
}


class Cluster:
    """A double, a writer to it, and a bucket."""

    def __init__(self, double: RedshiftDouble, database: Database, s3: Prefix, access: CopyAccess) -> None:
        self.double, self.database, self._s3 = double, database, s3
        self.writer = RedshiftWriter(SecretStr(double.url), access)

    def batch(self, table: str, rows: pa.Table, index: int = 0) -> Batch:
        """Put a file into the bucket as a run does."""
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink)
        content = sink.getvalue()
        place = self._s3.root.child("generated", "shop", "1", table, f"part-{index:05}.parquet")
        open_bucket(place.bucket).put(place, memoryview(content))
        return Batch(table, index, 0, rows.num_rows, place.uri, content.size, "")

    def order(self, load_id: int = 1, **facts: Any) -> LoadOrder:
        """An order for tables of DOCUMENT, unless another one is given."""
        return order(self.writer, load_id, **{"document": DOCUMENT, **facts})

    def load(self, load_id: int, count: int, first: int = 0, **facts: Any) -> None:
        """Load orders whole."""
        with closing(self.writer.claim(self.order(load_id, rows={"orders": count}, **facts))) as staging:
            staging.stage_files([self.batch("orders", orders(first, count))], go_on)
            staging.prepare(go_on)
            staging.apply(go_on)

    def shown(self) -> str:
        """The statements so far, with this test's own place in the bucket taken out."""
        text = ";\n".join(" ".join(sql.split()) for sql in self.double.statements) + ";\n"
        text = re.sub(r"session = \d+", "session = PROCESS", text)
        return text.replace(str(self._s3.root.path), "/STAGING").replace("-- connect;", "-- connect")

    def since(self) -> None:
        """Forget the statements so far."""
        self.double.statements.clear()

    def names(self) -> list[str]:
        """Objects in the test's place."""
        return self._s3.names()


@pytest.fixture
def cluster(database: Database, s3: Prefix) -> Iterator[Cluster]:
    double = RedshiftDouble(database)
    with closing(double):
        yield Cluster(double, database, s3, CopyAccess())
