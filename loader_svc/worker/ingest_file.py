"""What is in a file that an ingest found: read once in blocks, before its load reads it again in pieces."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from dwsim_wire.staging import StagingRoot
from loader_svc.core.conforming import refuse_other_columns
from loader_svc.core.document import Table
from loader_svc.core.faults import FormatNotLoadable, SchemaMismatch
from loader_svc.core.ingests import ReadFile, Sight
from loader_svc.core.loads import Failure
from loader_svc.core.pieces import PIECE_BYTES, Piece, RowGroup, divided
from loader_svc.warehouses.parquet_window import Fetch, footer, opened, parquet

BLOCK_BYTES = 8 << 20
MICROSECOND_NANOSECONDS = 1000


@dataclass(frozen=True)
class FileReading:
    """How files of a table are read: in pieces of at most `most` bytes, unless the warehouse `reads_files` itself."""

    table: Table
    most: int
    reads_files: Callable[[], bool]

    def read(self, sight: Sight) -> ReadFile | None:
        """Read a file and see whether it fits the table; None where it is not any more what was seen."""
        place = StagingRoot.parse(sight.uri)
        try:
            with opened(place) as (size, fetch):
                if size != sight.bytes:
                    return None
                found = self._read(
                    sight, fetch if size > BLOCK_BYTES else _from_memory(fetch(0, size) if size else b"")
                )
            return found if _is_as_seen(place, sight) else None
        except FileNotFoundError:
            return None
        except OSError as error:
            return ReadFile(sight, failure=Failure("INGEST_NOT_READABLE", f"the file cannot be read: {error.strerror}"))

    def _read(self, sight: Sight, fetch: Fetch) -> ReadFile:
        try:
            groups = self._row_groups(sight.bytes, fetch)
            pieces = self._pieces(sight, groups)
        except (FormatNotLoadable, SchemaMismatch) as fault:
            checksum, _ = _checksums(sight.bytes, fetch, ())
            return ReadFile(sight, checksum, failure=Failure.of(fault))
        checksum, checked = _checksums(sight.bytes, fetch, pieces)
        return ReadFile(sight, checksum, sum(group.rows for group in groups), pieces=checked)

    def _row_groups(self, size: int, fetch: Fetch) -> list[RowGroup]:
        """Row groups of a Parquet file that fits the table."""
        try:
            file = parquet(size, fetch)
            schema, facts = file.schema_arrow, file.metadata
            groups = [_row_group(facts.row_group(place)) for place in range(facts.num_row_groups)]
        except (pa.ArrowException, ValueError, OSError):  # which of them is the damage's whim
            raise FormatNotLoadable(
                "the file is not a whole Parquet file",
                hint="write it under a name that begins with `_` or `.`, and rename it when it is whole",
            ) from None
        refuse_other_columns(self.table, schema)
        return groups

    def _pieces(self, sight: Sight, groups: Sequence[RowGroup]) -> list[Piece]:
        """Pieces of a large file; none of one that is read whole."""
        large = max(sight.bytes, sum(group.raw for group in groups)) > min(self.most, PIECE_BYTES)
        pieces = divided(groups, self.most) if large and not self.reads_files() else []
        return pieces if len(pieces) > 1 else []


def _row_group(facts: pq.RowGroupMetaData) -> RowGroup:
    columns = [facts.column(place) for place in range(facts.num_columns)]
    starts = [
        min(column.data_page_offset, column.dictionary_page_offset or column.data_page_offset) for column in columns
    ]
    ends = [start + column.total_compressed_size for start, column in zip(starts, columns, strict=True)]
    return RowGroup(min(starts, default=0), max(ends, default=0), facts.num_rows, facts.total_byte_size)


def _checksums(size: int, fetch: Fetch, pieces: Sequence[Piece]) -> tuple[str, tuple[Piece, ...]]:
    """Checksum of a file, and those of its pieces, by one reading."""
    whole, parts = xxhash.xxh3_128(), [xxhash.xxh3_128() for _ in pieces]
    for start, block in _blocks(size, fetch):
        whole.update(block)
        for piece, part in zip(pieces, parts, strict=True):
            part.update(block[max(piece.offset - start, 0) : max(piece.offset + piece.bytes - start, 0)])
    end = footer(size, fetch) if pieces else b""
    for part in parts:
        part.update(end)
    checked = (replace(piece, checksum=part.hexdigest()) for piece, part in zip(pieces, parts, strict=True))
    return whole.hexdigest(), tuple(checked)


def _blocks(size: int, fetch: Fetch) -> Iterator[tuple[int, memoryview]]:
    for start in range(0, size, BLOCK_BYTES):
        yield start, memoryview(fetch(start, min(BLOCK_BYTES, size - start)))


def _from_memory(content: bytes | memoryview) -> Fetch:
    return lambda start, length: content[start : start + length]


def _is_as_seen(place: StagingRoot, sight: Sight) -> bool:
    """Whether nobody wrote to the file meanwhile; an object is replaced as a whole, and checked by its load."""
    if place.bucket:
        return True
    facts = place.path.stat()
    return (facts.st_size, facts.st_mtime_ns // MICROSECOND_NANOSECONDS) == (sight.bytes, sight.time)
