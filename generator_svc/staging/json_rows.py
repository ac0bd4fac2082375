r"""Batches as JSON Lines: one object a line, all columns in each, UTF-8, lines that end in \n.

Numbers have all their digits; JSON, ARRAY and VECTOR cells are nested as they are, and what is no JSON there is text.
"""

import json
import re
from collections.abc import Collection
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from generator_svc.staging.cell_text import cell_text, is_bare, is_text, joined

NULL, QUOTE, NOTHING, END = (pa.scalar(text, pa.large_string()) for text in ("null", '"', "", "}\n"))
SPECIAL = r'["\\\x00-\x1f]'
CONTROL = r"[\x00-\x1f]"
NO_NUMBERS = frozenset({"nan", "inf", "-inf"})


def encode(batch: pa.RecordBatch, documents: Collection[str] = ()) -> pa.Buffer:
    """Encode `batch` as one file in memory; `documents` are the columns whose text is JSON."""
    if not batch.num_rows:
        return pa.py_buffer(b"")
    parts: list[pa.Array | pa.Scalar] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        before = "," if parts else "{"
        label = f"{before}{json.dumps(name, ensure_ascii=False)}:"
        written = _nested(column) if name in documents else _written(column)
        parts += [pa.scalar(label, pa.large_string()), pc.fill_null(written, NULL)]
    return joined(pc.binary_join_element_wise(*parts, END, NOTHING))


def _written(column: pa.Array) -> pa.Array:
    text = cell_text(column)
    if pa.types.is_floating(column.type):
        return _finite(text)
    if is_bare(column.type):
        return text
    return _quoted(_escaped(text) if is_text(column.type) else text)


def _quoted(text: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(QUOTE, text, QUOTE, NOTHING)


def _escaped(text: pa.Array) -> pa.Array:
    """Text with what JSON does not take as it is escaped; most columns have nothing of the kind."""
    if not pc.any(pc.match_substring_regex(text, SPECIAL)).as_py():
        return text
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    odd = pc.fill_null(pc.match_substring_regex(escaped, CONTROL), False)
    plain = [re.sub(CONTROL, _code, value) for value in escaped.filter(odd).to_pylist()]
    return pc.replace_with_mask(escaped, odd, pa.array(plain, pa.large_string())) if plain else escaped


def _code(letter: re.Match[str]) -> str:
    return json.dumps(letter[0])[1:-1]


def _finite(text: pa.Array) -> pa.Array:
    """Floats; JSON has no infinite number, which becomes text."""
    odd = pc.fill_null(pc.is_in(text, pa.array(NO_NUMBERS, pa.large_string())), False)
    return pc.if_else(odd, _quoted(text), text) if pc.any(odd).as_py() else text


def _nested(column: pa.Array) -> pa.Array:
    return pa.array([None if text is None else _document(text) for text in column.to_pylist()], pa.large_string())


def _document(text: str) -> str:
    """The JSON of a cell, on one line."""
    try:
        value: Any = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return json.dumps(text, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False) if "\n" in text or "\r" in text else text


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
