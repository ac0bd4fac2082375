"""JSON objects, one behind the other: attributes go into the columns of their names, others are left out."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa

from query_svc.core.transfers.copy import Copy
from query_svc.core.types import Kind
from query_svc.worker.intake.values import Misfit, Texts

ROWS = 10_000
LONGEST_OBJECT = 16 << 20


def document_rows(source: pa.NativeFile, copied: Copy) -> Iterator[Texts]:
    """Yield rows of texts; an attribute that is missing is NULL."""
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    for line, made in _objects(source):
        if not isinstance(made, dict):
            raise Misfit(line, "it is no JSON object", hint="write one object by line, without an array around them")
        rows.append({key.lower(): value for key, value in made.items()} if copied.ignore_case else made)
        lines.append(line)
        if len(rows) >= ROWS:
            yield Texts(_batch(rows, copied), lines.__getitem__)
            rows, lines = [], []
    if rows:
        yield Texts(_batch(rows, copied), lines.__getitem__)


def _objects(source: pa.NativeFile) -> Iterator[tuple[int, Any]]:
    """Values with the lines on which they begin; one may have several lines."""
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
    held, began, fault = "", 1, ""
    for number, line in enumerate(_lines(source), 1):
        held, began = (held + line, began) if held else (line.lstrip(), number)
        while held:
            try:
                made, end = decoder.raw_decode(held)
            except (ValueError, RecursionError) as error:
                fault = str(error).partition(":")[0]
                break
            yield began, made
            held, began = held[end:].lstrip(), number
        if len(held) > LONGEST_OBJECT:
            raise Misfit(began, f"a JSON object is longer than {LONGEST_OBJECT >> 20} MB, or not closed")
    if held:
        raise Misfit(began, f"it is no JSON: {fault}")


def _lines(source: pa.NativeFile) -> Iterator[str]:
    """Lines of a file, read in pieces."""
    rest = b""
    while piece := bytes(source.read(1 << 20)):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() + "\n" for line in whole)
    if rest:
        yield rest.decode()


def _batch(rows: list[dict[str, Any]], copied: Copy) -> pa.RecordBatch:
    arrays = []
    for column in copied.columns:
        key = column.name.lower() if copied.ignore_case else column.name
        as_json = column.type.kind is Kind.JSON
        values = [_text(row.get(key), as_json=as_json, empty_null=copied.empty_null) for row in rows]
        arrays.append(pa.array(values, pa.string()))
    return pa.RecordBatch.from_arrays(arrays, [column.name for column in copied.columns])


def _text(value: Any, *, as_json: bool, empty_null: bool) -> str | None:
    if value is None or (empty_null and value == ""):
        return None
    if as_json or isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=float)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")
