"""Content hashes: equal for equal rows, different for any other."""

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator_svc.core.content_hash import ContentHash
from tests.generator_svc.core.catalog import EVERY_LAW, EVERY_TYPE, plan

ROWS = 400
BATCHES = {
    table.name: plan([EVERY_TYPE, EVERY_LAW], {"every_type": ROWS, "every_law": ROWS}).batch(table.name, 0, ROWS)
    for table in (EVERY_TYPE, EVERY_LAW)
}


def hashed(*parts: tuple[int, pa.RecordBatch]) -> str:
    content = ContentHash()
    for first_row, batch in parts:
        content.add(first_row, batch)
    return content.hex()


def one(values: list[object], kind: pa.DataType) -> str:
    return hashed((0, pa.record_batch([pa.array(values, kind)], names=["c"])))


@given(st.sampled_from(sorted(BATCHES)), st.lists(st.integers(0, ROWS), max_size=5), st.randoms())
@settings(deadline=None, max_examples=40)
def test_the_hash_does_not_know_batches_or_their_order(table: str, cuts: list[int], random: object) -> None:
    """Runs with other batch sizes and worker counts must compare equal; slices have offsets into shared buffers."""
    ends = [*sorted(cuts), ROWS]
    parts = [(start, BATCHES[table].slice(start, end - start)) for start, end in zip([0, *ends], ends, strict=False)]
    parts.reverse()
    assert hashed(*parts) == hashed((0, BATCHES[table]))


def test_parts_that_were_stored_can_be_merged() -> None:
    """A resumed run goes on with the hash that it had stored."""
    batch = BATCHES["every_type"]
    stored, rest = ContentHash(), ContentHash()
    stored.add(0, batch.slice(0, 100))
    rest.add(100, batch.slice(100))
    loaded = ContentHash.load(stored.dump())
    loaded.merge(rest)
    assert loaded.hex() == hashed((0, batch))


@pytest.mark.parametrize("column", BATCHES["every_type"].schema.names)
def test_two_rows_exchanged_are_another_content(column: str) -> None:
    """Each value is bound to its row."""
    values = BATCHES["every_type"].column(column).drop_null().slice(0, 50)
    exchanged = values.take(pa.array([1, 0, *range(2, len(values))]))
    before, after = (hashed((0, pa.record_batch([array], names=["c"]))) for array in (values, exchanged))
    assert (before == after) == (values[0] == values[1])


def test_what_nulls_hide_does_not_count() -> None:
    """A NULL is a NULL, whatever the buffer holds under it."""
    shown = pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(b"\x01" + bytes(15))])
    other = pa.Array.from_buffers(
        pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(b"\x01" + bytes(7) + b"\xff" * 8)]
    )
    assert hashed((0, pa.record_batch([shown], ["c"]))) == hashed((0, pa.record_batch([other], ["c"])))
    assert one([1, None], pa.int64()) != one([1, 0], pa.int64())
    assert one([None], pa.string()) != one([""], pa.string())


def test_missing_rows_and_other_names_are_noticed() -> None:
    """A table without its last row, or with a renamed column, is another table."""
    assert one([1, 2], pa.int32()) != one([1], pa.int32())
    renamed = hashed((0, pa.record_batch([pa.array([1], pa.int32())], names=["d"])))
    assert one([1], pa.int32()) != renamed


def test_equal_values_are_canonical() -> None:
    """What compares equal hashes equal: zeros of both signs, every NaN, floats and integers of any width."""
    assert one([0.0], pa.float64()) == one([-0.0], pa.float64())
    assert one([math.nan], pa.float64()) == one([-math.nan], pa.float64())
    assert one([1.5], pa.float32()) == one([1.5], pa.float64())
    assert one([7], pa.int16()) == one([7], pa.int64())
    assert one(["é"], pa.string()) == one(["é"], pa.large_string())


@pytest.mark.parametrize("size", [*range(20), 31, 32, 33, 50])
def test_every_byte_of_a_text_counts(size: int) -> None:
    """Lengths around the word size take different paths through the hash."""
    texts = {"x" * size, *("x" * at + "y" + "x" * (size - at - 1) for at in range(size)), "x" * (size + 1)}
    assert len({one([text], pa.string()) for text in texts}) == len(texts)


@pytest.mark.parametrize("size", range(18))
def test_what_stands_behind_a_text_does_not_count(size: int) -> None:
    """Words are read over a text's end, and byte by byte at the end of the buffer."""
    texts = pa.array(["x" * size, "y" * 40], pa.string())
    assert hashed((0, pa.record_batch([texts.slice(0, 1)], ["c"]))) == one(["x" * size], pa.string())
