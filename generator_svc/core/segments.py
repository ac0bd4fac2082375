"""Segments: what a table's sizes were when its rows were made. A run makes the first; an append adds the next."""

from collections.abc import Mapping, Sequence

from generator_svc.core.spec import Segment, TableSpec

Segments = Mapping[str, tuple[Segment, ...]]


def first_segments(tables: Sequence[TableSpec], rows: Mapping[str, int]) -> dict[str, tuple[Segment, ...]]:
    """One segment per table, each seeing all parents' rows."""
    return {
        table.name: (Segment(0, rows[table.name], {parent: rows.get(parent, 0) for parent in _parents(table)}),)
        for table in tables
    }


def next_segments(
    previous: Mapping[str, Sequence[Segment]], rows: Mapping[str, int], version: int = 0
) -> dict[str, tuple[Segment, ...]]:
    """Add a segment of `rows` rows (0 if not named) to every table; no earlier segment changes."""
    totals = {table: total_rows(segments) + rows.get(table, 0) for table, segments in previous.items()}
    return {
        table: (
            *segments,
            Segment(
                total_rows(segments),
                rows.get(table, 0),
                {parent: totals[parent] for parent in (segments[-1].parent_rows if segments else ())},
                version,
            ),
        )
        for table, segments in previous.items()
    }


def total_rows(segments: Sequence[Segment]) -> int:
    """Rows of a table over all its segments."""
    return segments[-1].first_row + segments[-1].rows if segments else 0


def _parents(table: TableSpec) -> list[str]:
    return list(dict.fromkeys(key.parent_table for key in table.foreign_keys))
