"""How large files are divided."""

import pytest

from loader_svc.core.faults import FormatNotLoadable
from loader_svc.core.pieces import RowGroup, divided


def row_groups(*sizes: int) -> list[RowGroup]:
    """Row groups one behind the other, behind the four letters that a file begins with."""
    return [RowGroup(4 + sum(sizes[:n]), 4 + sum(sizes[: n + 1]), 10, size) for n, size in enumerate(sizes)]


def test_small_row_groups_are_read_together() -> None:
    """Many tiny row groups would otherwise be as many transactions."""
    pieces = divided(row_groups(30, 30, 30, 80, 10), most=100)
    assert [(piece.first_group, piece.groups, piece.rows) for piece in pieces] == [(0, 3, 30), (3, 2, 20)]
    assert [(piece.offset, piece.bytes) for piece in pieces] == [(4, 90), (94, 90)]


def test_rows_count_as_they_are_in_memory() -> None:
    """A thousandfold compression must not fill the memory."""
    packed = [RowGroup(4, 14, 10, 90), RowGroup(14, 24, 10, 90)]
    assert [piece.groups for piece in divided(packed, most=100)] == [1, 1]


def test_a_row_group_that_is_too_large_is_refused_by_its_size() -> None:
    """A file of one row group cannot be read in pieces; its writer can be told to write several."""
    with pytest.raises(FormatNotLoadable, match="row group 1 of the file has 101 bytes, and at most 100"):
        divided(row_groups(50, 101), most=100)


def test_a_file_without_rows_has_no_pieces() -> None:
    """Nothing is there to divide."""
    assert divided([], most=100) == []
