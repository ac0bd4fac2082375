"""UNLOAD and COPY through the service's own door, on SQLite, with a directory as staging area."""

import json
from pathlib import Path
from typing import Any

import grpc
import pyarrow.parquet as pq
import pytest
from dwsim.query.v1 import query_service_pb2 as pb

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from query_svc.worker import unloading
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn
from tests.query_svc.transfer_stories import TRIPS, WRITING, Trip, there_and_back, write

C = grpc.StatusCode


def _lake(query: RunningQuery) -> Path:
    return query.data_dir / "staging" / "buckets" / "lake"


def _files(query: RunningQuery) -> list[str]:
    root = query.data_dir / "staging" / "buckets"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


async def _refused(query: RunningQuery, sql: str, **facts: Any) -> RemoteFault:
    """How a statement is refused, before or behind its first message."""
    with pytest.raises(RemoteFault) as refused:
        await query.execute(sql, **WRITING | facts)
    return refused.value


@pytest.mark.parametrize("trip", TRIPS, ids=lambda trip: trip.name)
async def test_what_is_unloaded_is_copied_back_unchanged(query: RunningQuery, trip: Trip) -> None:
    """A pipeline that hands tables over as files must lose neither a digit, a NULL nor a quote."""
    await there_and_back(query, trip)


async def test_files_are_those_that_redshift_writes(query: RunningQuery) -> None:
    """Scripts name files, read their lines and their manifest."""
    sql = (
        "UNLOAD ('SELECT customer_id, name, country_code, is_active, balance FROM customers ORDER BY 1') TO 's3://lake/"
    )
    await write(query, f"{sql}text_' NULL AS 'null' PARALLEL OFF")
    await write(query, f"{sql}csv/' FORMAT AS CSV HEADER EXTENSION 'csv' MANIFEST")
    await write(query, f"{sql}json/' JSON")
    assert (_lake(query) / "text_000").read_text().splitlines() == [
        "1|Ada|DE|t|10.25",
        "2|Émile|FR|f|0.10",
        "3|bob|DE|null|null",
        "4|Eve%|null|t|0.20",
    ]
    lines = (_lake(query) / "csv" / "0000_part_00.csv").read_text().splitlines()
    assert lines[:2] == ["customer_id,name,country_code,is_active,balance", "1,Ada,DE,t,10.25"]
    manifest = json.loads((_lake(query) / "csv" / "manifest").read_text())
    size = (_lake(query) / "csv" / "0000_part_00.csv").stat().st_size
    assert manifest == {"entries": [{"url": "s3://lake/csv/0000_part_00.csv", "meta": {"content_length": size}}]}
    rows = [json.loads(line) for line in (_lake(query) / "json" / "0000_part_00").read_text().splitlines()]
    assert rows[2] == {"customer_id": 3, "name": "bob", "country_code": "DE", "is_active": None, "balance": None}


async def test_partitions_are_folders(query: RunningQuery) -> None:
    """A lake's readers know a partition by its folder's name alone."""
    sql = "UNLOAD ('SELECT name, country_code FROM customers') TO 's3://lake/by' PARQUET PARTITION BY (country_code)"
    await write(query, sql)
    assert [name.rpartition("/")[0] for name in _files(query)] == [
        "lake/by/country_code=DE",
        "lake/by/country_code=FR",
        "lake/by/country_code=__HIVE_DEFAULT_PARTITION__",
    ]
    one = pq.read_table(_lake(query) / "by/country_code=DE/0000_part_00.parquet", partitioning=None)
    assert one.to_pydict() == {"name": ["Ada", "bob"]}
    await write(query, f"{sql} INCLUDE ALLOWOVERWRITE")
    assert pq.read_schema(_lake(query) / "by/country_code=DE/0000_part_00.parquet").names == ["name", "country_code"]


async def test_a_full_file_is_followed_by_another(query: RunningQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    """MAXFILESIZE keeps files small enough for whoever reads them; no row falls between two."""
    monkeypatch.setattr(unloading, "SLICE_BYTES", 64 << 10)
    numbers = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i, REPEAT(''x'', 3000)"
    )
    files = await write(query, f"UNLOAD ('{numbers} FROM n') TO 's3://lake/big/' CSV MAXFILESIZE 5 MB")
    assert [row[0] for row in files] == [
        "s3://lake/big/0000_part_00",
        "s3://lake/big/0000_part_01",
        "s3://lake/big/0000_part_02",
    ]
    assert sum(int(str(row[1]).partition(".")[0]) for row in files) == 3000
    assert all(path.stat().st_size <= 5 << 20 for path in (_lake(query) / "big").iterdir())
    await write(query, "CREATE TABLE big (i INT, x VARCHAR(3000))")
    assert await write(query, "COPY big FROM 's3://lake/big/' CSV") == [[3000]]
    assert await query.rows("SELECT COUNT(DISTINCT i), MIN(LEN(x)) FROM big", scratch="mine") == [[3000, 3000]]


async def test_an_unload_that_fails_leaves_no_file(query: RunningQuery) -> None:
    """Half a table in a lake would be read as a whole one."""
    broken = "UNLOAD ('SELECT 1 / (order_id - 5) FROM orders ORDER BY order_id') TO 's3://lake/x/' CSV"
    assert (await _refused(query, broken)).reason == "EXECUTION_FAILED"
    few = await _refused(
        query, "UNLOAD ('SELECT * FROM orders') TO 's3://lake/x/' CSV", limits=pb.QueryLimits(max_rows=2)
    )
    assert (few.code, few.reason) == (C.RESOURCE_EXHAUSTED, "RESULT_TOO_LARGE")
    assert _files(query) == []
    await write(query, "UNLOAD ('SELECT 1 AS a') TO 's3://lake/x/' CSV")
    there = await _refused(query, "UNLOAD ('SELECT 2 AS a') TO 's3://lake/x/' CSV")
    assert (there.code, there.reason) == (C.ALREADY_EXISTS, "FILE_EXISTS")
    assert (_lake(query) / "x/0000_part_00").read_text() == "1\n"
    await write(query, "UNLOAD ('SELECT 2 AS a') TO 's3://lake/x/' CSV ALLOWOVERWRITE")
    assert (_lake(query) / "x/0000_part_00").read_text() == "2\n"


FILES: dict[str, str | bytes] = {
    "wide.csv": "1,a\n2,b,c\n",
    "typed.csv": '1,"a\nb"\n2,c\nx,d\n',
    "long.csv": "1,abc\n2,éé\n",
    "null.csv": "1,a\n,b\n",
    "latin.csv": b"1,\xe9\n",
    "range.csv": "2147483648,a\n",
    "array.json": '[{"id": 1}]',
    "cut.json": '{"id": 1}\n{"id": 2',
    "typed.json": '{"id": 1, "w": "a"}\n\n{"id": "x"}\n',
    "list": '{"files": []}',
    "gone": '{"entries": [{"url": "s3://lake/nowhere", "mandatory": true}]}',
}
BAD_FILES = [
    ("wide.csv' CSV", "wide.csv, line 2: it has 3 values for 2 columns"),
    ("typed.csv' CSV", "typed.csv, line 4, column 'id': 'x' is no INTEGER"),
    ("long.csv' CSV", "long.csv, line 2, column 'w': the text has 4 bytes, VARCHAR(3) holds 3"),
    ("null.csv' CSV", "null.csv, line 2, column 'id': the value is NULL"),
    ("latin.csv' CSV", "latin.csv cannot be read as CSV in UTF-8"),
    ("range.csv' CSV", "range.csv, line 1, column 'id': '2147483648' is no INTEGER"),
    ("wide.csv' CSV GZIP", "wide.csv cannot be read as CSV in gzip"),
    ("wide.csv' PARQUET", "wide.csv cannot be read as PARQUET"),
    ("array.json' JSON 'auto'", "array.json, line 1: it is no JSON object"),
    ("cut.json' JSON 'auto'", "cut.json, line 2: it is no JSON"),
    ("typed.json' JSON 'auto'", "typed.json, line 3, column 'id': 'x' is no INTEGER"),
    ("list' CSV MANIFEST", "list is no manifest"),
    ("gone' CSV MANIFEST", "lists s3://lake/nowhere, which is not there"),
    ("nothing' CSV", "there are no files below s3://lake/nothing"),
]


async def test_a_file_that_does_not_fit_loads_no_row_and_is_named_with_its_line(query: RunningQuery) -> None:
    """Whoever mends a file of a million lines must not have to look for the one that is wrong."""
    await write(query, "CREATE TABLE t (id INT NOT NULL, w VARCHAR(3))")
    _lake(query).mkdir(parents=True)
    for name, text in FILES.items():
        (_lake(query) / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    for source, words in BAD_FILES:
        fault = await _refused(query, f"COPY t FROM 's3://lake/{source}")
        assert words in fault.message, (source, fault.message)
        assert fault.reason in {"INVALID_FILE", "FILE_NOT_FOUND"}
    assert await query.rows("SELECT COUNT(*) FROM t", scratch="mine") == [[0]]


async def test_copy_reads_values_as_redshift_does(query: RunningQuery) -> None:
    """Empty fields, other ways to write a truth or a day, and digits beyond the scale have rules of their own."""
    await write(
        query, "CREATE TABLE t (id INT IDENTITY(1,1), w VARCHAR(9), n DECIMAL(5,1), ok BOOLEAN, d DATE, f REAL)"
    )
    _lake(query).mkdir(parents=True)
    (_lake(query) / "a.csv").write_text('"",1.29,yes,20240229,\n  x , -1.29 ,0,2024/3/1,1e3\n\\N,,,,\n')
    (_lake(query) / "_hidden.csv").write_text("not read")
    assert await write(query, "COPY t FROM 's3://lake/' CSV") == [[3]]
    read = "SELECT id, w, n, ok, d, f FROM t ORDER BY id"
    first = [
        [1, "", "1.2", True, "2024-02-29", None],
        [2, "  x ", "-1.2", False, "2024-03-01", 1000],
        [3, None, None, None, None, None],
    ]
    assert await query.rows(read, scratch="mine") == first
    await write(query, "COPY t FROM 's3://lake/a' CSV ROUNDEC TRIMBLANKS")
    rounded = (await query.rows(read, scratch="mine"))[3:5]
    assert [row[:3] for row in rounded] == [[4, "", "1.3"], [5, "  x", "-1.3"]]


REFUSALS = [
    ("UNLOAD ('SELECT 1') TO 's3://lake/x' ENCRYPTED", "NOT_TRANSLATABLE", "not encrypted"),
    ("UNLOAD ('SELECT 1') TO 's3://lake/x' FIXEDWIDTH '1:2'", "NOT_TRANSLATABLE", "FORMAT CSV"),
    ("UNLOAD ('SELECT 1') TO 's3://lake/x' PARQUET GZIP", "NOT_TRANSLATABLE", "COMPRESSION"),
    ("UNLOAD ('SELECT 1') TO 's3://lake/x' CSV CLEANPATH", "NOT_TRANSLATABLE", "ALLOWOVERWRITE"),
    ("UNLOAD ('SELECT 1') TO 's3://lake/x' CSV SPEEDY", "INVALID_SQL", "'SPEEDY' does not fit"),
    ("UNLOAD ('SELECT 1') TO 's3://lake/x' MAXFILESIZE 1 MB", "INVALID_SQL", "5 MB to 6.2 GB"),
    ("UNLOAD ('DELETE FROM orders') TO 's3://lake/x'", "WRITE_REFUSED", "only reading"),
    ("UNLOAD ('SELECT 1; SELECT 2') TO 's3://lake/x'", "SEVERAL_STATEMENTS", "2 statements"),
    ("UNLOAD ('SELECT nam FROM customers') TO 's3://lake/x'", "UNKNOWN_COLUMN", "line 1, column 17"),
    ("UNLOAD ('SELECT 1 AS a, 2 AS a') TO 's3://lake/x' JSON", "INVALID_SQL", "two columns"),
    ("UNLOAD ('SELECT name FROM customers') TO 's3://lake/x' PARTITION BY (nam)", "UNKNOWN_COLUMN", "mean name"),
    ("UNLOAD ('SELECT 1') TO 's3://lake/../x'", "INVALID_SQL", "no place in a bucket"),
    ("UNLOAD ('SELECT 1') TO '/tmp/x'", "INVALID_SQL", "s3://bucket/prefix"),
    ("COPY orders FROM 's3://lake/x' CSV", "WRITE_REFUSED", "only tables there"),
    ("COPY shop.orders FROM 's3://lake/x' CSV", "WRITE_REFUSED", "shop"),
    ("COPY t FROM 's3://lake/x' CSV MAXERROR 5", "NOT_TRANSLATABLE", "all rows or none"),
    ("COPY t FROM 's3://lake/x' AVRO", "NOT_TRANSLATABLE", "CSV, JSON, PARQUET"),
    ("COPY t FROM 's3://lake/x' JSON 's3://lake/paths'", "NOT_TRANSLATABLE", "'auto'"),
    ("COPY t FROM 's3://lake/x' PARQUET DELIMITER ','", "NOT_TRANSLATABLE", "DELIMITER"),
    ("COPY t FROM 's3://lake/x' CSV DATEFORMAT 'DD.MM.YYYY'", "NOT_TRANSLATABLE", "'auto'"),
    ("COPY t FROM 'dynamodb://x'", "WRITE_REFUSED", "staging area"),
    ("COPY t (b) FROM 's3://lake/x' CSV", "UNKNOWN_COLUMN", "no column 'b'"),
    ("COPY t (a, a) FROM 's3://lake/x' CSV", "INVALID_SQL", "named twice"),
]  # fmt: skip


async def test_what_cannot_be_honoured_is_refused_by_name(query: RunningQuery) -> None:
    """An option that is dropped in silence makes a file or a table that the real warehouse would not make."""
    await write(query, "CREATE TABLE t (a INT)")
    for sql, reason, words in REFUSALS:
        fault = await _refused(query, sql)
        assert (fault.reason, words in f"{fault.message} {fault.hint}") == (reason, True), (
            sql,
            fault.message,
            fault.hint,
        )
    with pytest.raises(RemoteFault) as reading:
        await query.execute("UNLOAD ('SELECT 1') TO 's3://lake/x'")
    assert (reading.value.reason, "allow_writes" in reading.value.hint) == ("WRITE_REFUSED", True)
    assert _files(query) == []


async def test_keys_in_a_statement_are_kept_nowhere(query: RunningQuery) -> None:
    """The history is readable by everybody; a pasted COPY may have the keys of a real account."""
    keys = "CREDENTIALS 'aws_access_key_id=AKIA123;aws_secret_access_key=hush' REGION 'eu-west-1'"
    answer = await query.execute(f"UNLOAD ('SELECT 1 AS a') TO 's3://lake/x' CSV {keys}", **WRITING)
    assert [note.partition(" ")[0] for note in answer.summary.notes] == ["CREDENTIALS", "REGION"]
    await _refused(query, f"COPY t FROM 's3://lake/x' ACCESS_KEY_ID 'AKIA123' SECRET_ACCESS_KEY AS 'hush' {keys}")
    history = str(await call(query.stub.ListQueries, pb.ListQueriesRequest()))
    assert ("hush" in history, "AKIA123" in history, "UNLOAD" in history) == (False, False, True)
    assert "hush" not in str(answer.schema)


async def test_no_link_leads_out_of_the_staging_area(query: RunningQuery, tmp_path: Path) -> None:
    """A directory is shared with whoever may write there."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("1\n")
    _lake(query).mkdir(parents=True)
    (_lake(query) / "out").symlink_to(outside)
    (_lake(query) / "secret.csv").symlink_to(outside / "secret.csv")
    await write(query, "CREATE TABLE t (a INT)")
    assert (await _refused(query, "UNLOAD ('SELECT 1') TO 's3://lake/out/x' CSV")).reason == "UNKNOWN_BUCKET"
    assert (await _refused(query, "COPY t FROM 's3://lake/out/' CSV")).reason == "UNKNOWN_BUCKET"
    assert (await _refused(query, "COPY t FROM 's3://lake/secret' CSV")).reason == "FILE_NOT_FOUND"
    assert [path.name for path in outside.iterdir()] == ["secret.csv"]


async def test_what_a_dead_service_left_unfinished_goes_at_the_next_start(
    tmp_path: Path, loader: LoaderStandIn
) -> None:
    """A disk must not fill with files that nobody can see."""
    spool = tmp_path / "data" / "staging" / "buckets" / ".spool" / "old"
    spool.mkdir(parents=True)
    async with running(tmp_path / "data", loader):
        assert not spool.exists()
