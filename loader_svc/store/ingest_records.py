"""Rows of ingests and their files as the values of `core.ingests`."""

import json
from dataclasses import astuple
from typing import Any

import sqlalchemy as sa

from loader_svc.core.ingests import FileState, Ingest, IngestedFile, NewIngest, ReadFile, Sight
from loader_svc.core.pieces import Piece
from loader_svc.store import tables as t
from loader_svc.store.records import read_failure, write_failure

Row = sa.Row[Any]


def read_ingest(connection: sa.Connection, row: Row) -> Ingest:
    """An ingest with its files counted."""
    files = t.ingested_files
    counts = sa.select(files.c.state, sa.func.count().label("files"), sa.func.sum(files.c.rows).label("rows"))
    of_ingest = counts.where(files.c.ingest_id == row.ingest_id).group_by(files.c.state)
    found = {FileState(each.state): each for each in connection.execute(of_ingest)}
    loaded = (FileState.LOADED, FileState.CHANGED)
    made_of = NewIngest(
        name=row.name,
        uri=row.uri,
        pattern=row.pattern,
        experiment=row.experiment,
        experiment_id=row.experiment_id,
        table=row.table_name,
        warehouse=row.warehouse,
        namespace=row.namespace,
        document=row.document,
    )
    return Ingest(
        ingest_id=row.ingest_id,
        made_of=made_of,
        paused=row.paused,
        failure=read_failure(row.failure),
        create_time=row.create_time,
        look_time=row.look_time,
        files={state: each.files for state, each in found.items()},
        rows=sum(int(found[state].rows) for state in loaded if state in found),
    )


def read_file(row: Row) -> IngestedFile:
    """A file, from a row of `ingested_files`."""
    sight = Sight(row.uri, row.bytes, row.modified)
    pieces = tuple(Piece(*each) for each in json.loads(row.pieces))
    read = ReadFile(sight, row.checksum, row.rows, read_failure(row.failure), pieces)
    return IngestedFile(read, FileState(row.state), row.load_id, row.tries, row.time)


def file_values(file: IngestedFile) -> dict[str, Any]:
    """Columns of a file."""
    return {
        "uri": file.read.sight.uri,
        "bytes": file.read.sight.bytes,
        "modified": file.read.sight.time,
        "checksum": file.read.checksum,
        "rows": file.read.rows,
        "state": file.state,
        "failure": write_failure(file.read.failure),
        "pieces": json.dumps([astuple(piece) for piece in file.read.pieces]),
        "load_id": file.load_id,
        "tries": file.tries,
        "time": file.time,
    }
