"""Snowflake reads staged files in S3 itself where a storage integration is named: every statement, against a file.

No account is at hand: a recording session answers in its place; the bucket is real. `make golden` rewrites the file.
"""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from pydantic import SecretStr

from dwsim_wire.object_store import open_bucket
from loader_svc.core.document import parse_experiment
from loader_svc.core.faults import StagedFileChanged
from loader_svc.core.loads import Batch
from loader_svc.warehouses import snowflake_external as external
from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.snowflake_names import with_targets
from loader_svc.warehouses.snowflake_session import Session
from tests.golden.redshift_goldens import REWRITE
from tests.loader_svc.staged_runs import SHOP, customers
from tests.loader_svc.warehouses.orders import go_on, order
from tests.s3 import Prefix

GOLDEN = Path(__file__).parent / "goldens" / "snowflake_external_stage.sql"
ACCOUNT = SecretStr("snowflake://u:p@org-account/db")
ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "SELECT NAMESPACE": [("shop_5f0c", "SHOP")],
    "SELECT 1 FROM _DWSIM_LOAD": [(1,)],
    "SELECT EPOCH": [(1, "STAGING")],
    "COPY INTO": [("part-00000.parquet", "LOADED", 30, 30), ("part-00001.parquet", "LOADED", 10, 10)],
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements that an account would get; it answers what a load has to hear."""
    statements: list[str] = []

    def recorded(session: Session, sql: str, _parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        statements.append(" ".join(sql.split()))
        session.changed = 1
        return next((rows for start, rows in ANSWERS.items() if statements[-1].startswith(start)), [])

    monkeypatch.setattr(Session, "_run", recorded)
    monkeypatch.setattr(Session, "number", "7")
    return statements


def batch(s3: Prefix, index: int, rows: pa.Table) -> Batch:
    """Put a file into the bucket as a run does."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink)
    content = sink.getvalue()
    place = s3.root.child("generated", "shop", "1", "customers", f"part-{index:05}.parquet")
    open_bucket(place.bucket).put(place, memoryview(content))
    return Batch("customers", index, 0, rows.num_rows, place.uri, content.size, "")


def test_files_in_a_bucket_are_copied_from_where_they_are(sent: list[str], s3: Prefix) -> None:
    """Nothing is uploaded; rows and ledger commit together, and no DDL is between."""
    writer = SnowflakeWriter(ACCOUNT, "DWSIM_S3")
    asked = replace(order(writer, rows={"customers": 40}), namespace="shop_5f0c")
    files = [batch(s3, 0, customers(0, 30)), batch(s3, 1, customers(30, 10))]
    with closing(writer.claim(asked)) as staging:
        sent.clear()
        staging.stage_files(files, go_on)
    shown = ";\n".join(sent).replace(s3.root.bucket + str(s3.root.path), "BUCKET/STAGING") + ";\n"
    if os.environ.get(REWRITE):
        GOLDEN.write_text(shown)
    assert shown == GOLDEN.read_text()
    for sql in sent:
        assert sqlglot.parse(sql, dialect="snowflake")


def test_a_file_that_is_gone_or_has_another_size_is_named(sent: list[str], s3: Prefix) -> None:
    """Snowflake would load what is there now."""
    writer = SnowflakeWriter(ACCOUNT, "DWSIM_S3")
    asked = replace(order(writer, rows={"customers": 30}), namespace="shop_5f0c")
    whole = batch(s3, 0, customers(0, 30))
    with closing(writer.claim(asked)) as staging:
        with pytest.raises(StagedFileChanged, match="bytes, not"):
            staging.stage_files([replace(whole, bytes=1)], go_on)
        with pytest.raises(StagedFileChanged, match="is missing"):
            staging.stage_files([replace(whole, uri=whole.uri.replace("part-00000", "part-00009"))], go_on)
    assert not [sql for sql in sent if sql.startswith("COPY")]


def test_what_cannot_be_read_as_it_is_is_uploaded() -> None:
    """Files in a directory, of several folders, of others."""
    table = with_targets(parse_experiment(SHOP).tables[0])
    here = Batch("customers", 0, 0, 1, "s3://bucket/run/customers/part-00000.parquet", 1, "")
    assert external.is_readable([here], table)
    assert not external.is_readable([here, replace(here, uri="s3://bucket/other/part-00001.parquet")], table)
    assert not external.is_readable([replace(here, uri="file:///run/customers/part-00000.parquet")], table)
    assert not external.is_readable([replace(here, conform_to=table)], table)
