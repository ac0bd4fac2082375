"""Runs as a generator would stage them: Parquet files on disk, events about them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from dwsim.common.v1.load_options_pb2 import LoadOptions
from dwsim.generator.v1 import event_pb2, run_pb2
from dwsim.schema.v1 import experiment_pb2
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot

INT = {"data_type": "INT", "logical_type": {"kind": "INT32"}}
SHOP: dict[str, Any] = {
    "name": "shop",
    "id": "5f0c",
    "dialect": "REDSHIFT",
    "tables": [
        {
            "name": "customers",
            "primary_key": ["customer_id"],
            "properties": {"distkey": "customer_id"},
            "columns": [
                {"name": "customer_id", "required": True, **INT},
                {"name": "name", "data_type": "VARCHAR(40)", "logical_type": {"kind": "STRING", "length": 40}},
            ],
        },
        {
            "name": "orders",
            "primary_key": ["order_id"],
            "columns": [
                {"name": "order_id", "required": True, **INT},
                {
                    "name": "customer_id",
                    "foreign_key": {"references_table": "customers", "references_column": "customer_id"},
                    **INT,
                },
                {
                    "name": "amount",
                    "data_type": "DECIMAL(10,2)",
                    "logical_type": {"kind": "DECIMAL", "precision": 10, "scale": 2},
                },
            ],
        },
    ],
}
CUSTOMERS, ORDERS, BATCH_ROWS = 70, 250, 50


def customers(first: int, count: int) -> pa.Table:
    ids = range(first + 1, first + count + 1)
    return pa.table({"customer_id": pa.array(ids, pa.int32()), "name": [f"customer {i}" for i in ids]})


def orders(first: int, count: int) -> pa.Table:
    ids = range(first + 1, first + count + 1)
    cents = pa.array([i * 7 % 100_000 for i in ids], pa.decimal128(10, 0))
    return pa.table(
        {
            "order_id": pa.array(ids, pa.int32()),
            "customer_id": pa.array([i % CUSTOMERS + 1 for i in ids], pa.int32()),
            "amount": pa.compute.divide(cents.cast(pa.decimal128(12, 2)), pa.scalar(100, pa.decimal128(3, 0))).cast(
                pa.decimal128(10, 2), safe=False
            ),
        }
    )


MAKERS = {"customers": customers, "orders": orders}
SIZES = {"customers": CUSTOMERS, "orders": ORDERS}


class StagedRun:
    """One run of SHOP: its files are written, to `bucket` too, when the events about them are asked for."""

    def __init__(
        self,
        folder: Path,
        run_id: int = 1,
        *,
        sizes: dict[str, int] | None = None,
        first_rows: dict[str, int] | None = None,
        document: dict[str, Any] | None = None,
        kind: str = "FULL",
        auto_load: bool = True,
        seed: int = 42,
        batch_rows: int = BATCH_ROWS,
        base: int = 0,
        bucket: StagingRoot | None = None,
        load_options: LoadOptions | None = None,
    ) -> None:
        self._load_options = load_options
        self._bucket = bucket
        self.run_id, self.document = run_id, document or SHOP
        self._folder = folder / str(run_id)
        self._base = base
        self._sizes, self._first = sizes or SIZES, first_rows or {}
        self._kind, self._auto_load, self._seed, self._batch_rows = kind, auto_load, seed, batch_rows

    def events(self, state: str = "COMPLETED") -> list[event_pb2.Event]:
        """The whole life of the run."""
        return [self.started(), *self.batches(), self.ended(state)]

    def started(self) -> event_pb2.Event:
        run = run_pb2.Run(
            run_id=self.run_id,
            experiment=self.document["name"],
            experiment_id=self.document["id"],
            kind=run_pb2.Run.Kind.Value(self._kind),
            state=run_pb2.Run.RUNNING,
            seed=self._seed,
            auto_load=self._auto_load,
            base_run_id=self._base,
            load_options=self._load_options,
            create_time=Timestamp(seconds=1_700_000_000 + self.run_id),
            tables=[
                run_pb2.RunTable(
                    name=name, first_row=self._first.get(name, 0), rows=rows, batches=-(-rows // self._batch_rows)
                )
                for name, rows in self._sizes.items()
            ],
        )
        experiment = ParseDict(self.document, experiment_pb2.Experiment())
        return self._event(run_started=event_pb2.RunStarted(run=run, experiment=experiment))

    def batches(self, tables: Sequence[str] = ()) -> Iterator[event_pb2.Event]:
        for table, rows in self._sizes.items():
            for index, offset in enumerate(range(0, rows, self._batch_rows)):
                if not tables or table in tables:
                    count = min(self._batch_rows, rows - offset)
                    yield self.batch(table, index, self._first.get(table, 0) + offset, count)

    def batch(self, table: str, index: int, first: int, count: int) -> event_pb2.Event:
        path = self.path(table, index)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            pq.write_table(MAKERS[table](first, count), path)
        content, place = path.read_bytes(), StagingRoot(path)
        if self._bucket:
            place = self._bucket.child(table, path.name)
            open_bucket(place.bucket).put(place, memoryview(content))
        return self._event(
            batch_finished=event_pb2.BatchFinished(
                table=table,
                batch_index=index,
                first_row=first,
                rows=count,
                uri=place.uri,
                bytes=len(content),
                checksum=xxhash.xxh3_128_hexdigest(content),
            )
        )

    def path(self, table: str, index: int) -> Path:
        return self._folder / table / f"part-{index:05}.parquet"

    def ended(self, state: str = "COMPLETED") -> event_pb2.Event:
        ended = event_pb2.RunEnded(state=run_pb2.Run.State.Value(state))
        if state == "FAILED":
            ended.failure.message = "the disk is full"
        return self._event(run_ended=ended)

    def deleted(self) -> event_pb2.Event:
        return self._event(run_deleted=event_pb2.RunDeleted(files=1))

    def _event(self, **what: Any) -> event_pb2.Event:
        return event_pb2.Event(
            run_id=self.run_id, experiment=self.document["name"], experiment_id=self.document["id"], **what
        )


def more_orders(
    folder: Path, run_id: int, *, base: int, rows: int, first: int = ORDERS, auto_load: bool = True
) -> StagedRun:
    """An append of orders."""
    return StagedRun(
        folder,
        run_id,
        kind="APPEND",
        base=base,
        sizes={"orders": rows},
        first_rows={"orders": first},
        batch_rows=30,
        auto_load=auto_load,
    )
