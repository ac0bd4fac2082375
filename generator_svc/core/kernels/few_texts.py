"""Text of few different values: indices into a dictionary, as Parquet's writer takes it, a quarter of the work.

A dictionary holds each word once, at most MOST_WORDS of them, so that an index is a byte.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MOST_WORDS: Final = 128
_INDEX: Final = pa.int8()


def few_texts(places: npt.NDArray[np.int8], words: pa.Array) -> pa.DictionaryArray:
    """The words at places; they differ, and are at most MOST_WORDS."""
    return pa.DictionaryArray.from_arrays(pa.array(places), words)


def has_dictionary(kind: pa.DataType) -> bool:
    """Whether a column is text of few different values."""
    return bool(pa.types.is_dictionary(kind))


def nulls(count: int, kind: pa.DataType) -> pa.Array:
    """Nothing but nulls, of text with a dictionary."""
    if kind != pa.string():
        return pa.nulls(count, kind)
    return pa.DictionaryArray.from_arrays(pa.nulls(count, _INDEX), pa.array([], kind))


def plain(array: pa.Array) -> pa.Array:
    """The same values without a dictionary."""
    return array.dictionary_decode() if has_dictionary(array.type) else array


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows without a dictionary."""
    columns = [plain(column) for column in batch.columns]
    fields = [field.with_type(column.type) for field, column in zip(batch.schema, columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def either(held: pa.Array, then: pa.Array, otherwise: pa.Array) -> pa.Array:
    """Values of `then` where `held`, else of `otherwise`; with a dictionary where both have one."""
    if has_dictionary(then.type) and has_dictionary(otherwise.type):
        words = [*then.dictionary.to_pylist(), *otherwise.dictionary.to_pylist()]
        places = {word: place for place, word in enumerate(dict.fromkeys(words))}
        if len(places) <= MOST_WORDS:
            others = pa.array([places[word] for word in words[len(then.dictionary) :]], _INDEX)
            indices = pc.if_else(held, then.indices, others.take(otherwise.indices))
            return pa.DictionaryArray.from_arrays(indices, pa.array(list(places), then.type.value_type))
    return pc.if_else(held, plain(then), plain(otherwise))
