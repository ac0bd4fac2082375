"""Pieces of large Parquet files: some row groups in a row, read by themselves. Pure: places in, places out."""

from collections.abc import Sequence
from dataclasses import dataclass

from loader_svc.core.faults import FormatNotLoadable

PIECE_BYTES = 16 << 20
"""A file or piece of more is divided where it can be."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A row group: where its bytes begin and end in the file, its rows, and its bytes before compression."""

    start: int
    end: int
    rows: int
    raw: int

    @property
    def size(self) -> int:
        """Bytes that reading it takes."""
        return max(self.raw, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Piece:
    """Row groups that are read at once; `checksum` is that of their bytes with the file's footer behind them."""

    first_group: int
    groups: int
    offset: int
    bytes: int
    rows: int
    checksum: str = ""


def divided(groups: Sequence[RowGroup], most: int) -> list[Piece]:
    """Divide a file into pieces of `PIECE_BYTES` or one row group, none of more than `most`."""
    for place, group in enumerate(groups):
        if group.size > most:
            raise FormatNotLoadable(
                f"row group {place} of the file has {group.size} bytes, and at most {most} are read at once",
                hint="write the file with smaller row groups, or raise DW_SIMULATOR_INGEST_PIECE_BYTES",
            )
    return [_piece(groups, first, end) for first, end in _runs(groups, min(most, PIECE_BYTES))]


def _runs(groups: Sequence[RowGroup], wanted: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    first = 0
    for place in range(1, len(groups) + 1):
        if place == len(groups) or _size(groups[first : place + 1]) > wanted:
            runs.append((first, place))
            first = place
    return runs


def _size(groups: Sequence[RowGroup]) -> int:
    """Bytes that reading groups takes; those between them, which others wrote there, are read too."""
    span = max(group.end for group in groups) - min(group.start for group in groups)
    return max(span, sum(group.raw for group in groups))


def _piece(groups: Sequence[RowGroup], first: int, end: int) -> Piece:
    chosen = groups[first:end]
    start = min(group.start for group in chosen)
    size = max(group.end for group in chosen) - start
    return Piece(first, end - first, start, size, sum(group.rows for group in chosen))
