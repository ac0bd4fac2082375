"""Expressions over Arrow batches, by DuckDB: one connection in memory per thread, without files, network, extensions.

The batch is the only thing that a connection can see, and `dwsim_wire.expression` has let through only what is the
same on every machine. Moments go in and out without their zone, which is UTC. DuckDB's version belongs to the engine
version.
"""

import math
import re
import threading
from collections.abc import Mapping
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dwsim_wire.expression import Cases, Expression, read_cases
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.few_texts import MOST_WORDS
from generator_svc.core.sheet import Sheet
from generator_svc.core.spec import LogicalType, TypeKind

_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "lock_configuration": True,
}
_NAIVE: Final = pa.timestamp("us")
_FAMILIES: Final[Mapping[TypeKind, str]] = {
    TypeKind.BOOLEAN: "BOOLEAN",
    **dict.fromkeys((TypeKind.INT16, TypeKind.INT32, TypeKind.INT64, TypeKind.DECIMAL), "number"),
    **dict.fromkeys((TypeKind.FLOAT32, TypeKind.FLOAT64), "number"),
    **dict.fromkeys((TypeKind.STRING, TypeKind.UUID, TypeKind.JSON), "VARCHAR"),
    **dict.fromkeys((TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP_TZ), "moment"),
    TypeKind.TIME: "TIME",
}
_SQL_TYPES: Final[Mapping[TypeKind, str]] = {
    TypeKind.BOOLEAN: "BOOLEAN",
    TypeKind.INT16: "SMALLINT",
    TypeKind.INT32: "INTEGER",
    TypeKind.INT64: "BIGINT",
    TypeKind.FLOAT32: "REAL",
    TypeKind.FLOAT64: "DOUBLE",
    **dict.fromkeys((TypeKind.STRING, TypeKind.UUID, TypeKind.JSON), "VARCHAR"),
    TypeKind.DATE: "DATE",
    TypeKind.TIME: "TIME",
    TypeKind.TIMESTAMP: "TIMESTAMP",
    TypeKind.TIMESTAMP_TZ: "TIMESTAMP",
}
_YIELDS: Final = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"), "number"),
    **dict.fromkeys(("DATE", "TIMESTAMP"), "moment"),
}
_PLACE: Final = re.compile(r"\n\s*\n?LINE \d+:.*", re.DOTALL)
_OWN: Final = threading.local()


class Computation:
    """One expression as a column of a type: numbers are rounded to the type's scale, nothing is cut off."""

    def __init__(self, expression: Expression, inputs: Mapping[str, pa.DataType], logical: LogicalType) -> None:
        """Take the types of the columns that it reads; raise where the expression's type is not the column's."""
        self._columns, self._logical, self._type = expression.columns, logical, arrow_type(logical)
        self._refuse_misfit(expression.sql, inputs)
        self._words, self._sql = None, sql_cast(expression.sql, logical)
        if logical.kind is TypeKind.STRING and (cases := self._fitting_cases(expression)):
            self._words, self._sql = pa.array(cases.words, pa.string()), f"CAST({cases.sql} AS TINYINT)"

    def of(self, sheet: Sheet) -> pa.Array:
        """Evaluate for every row of a sheet; what the type does not hold is refused with its row."""
        batch = _batch({name: sheet.cells[name].array for name in self._columns}, sheet.count)
        try:
            found = _evaluate(self._sql, batch)
            if self._words is not None:
                return pa.DictionaryArray.from_arrays(found, self._words)
            return self._checked(found, sheet)
        except duckdb.Error as error:
            row = sheet.row(self._failing(batch))
            raise ImpossibleRule(
                f"row {row}: {_first_line(error)}",
                hint="widen the column's type, or let the expression stay within it",
                metadata={"row": str(row)},
            ) from None

    def _checked(self, found: pa.Array, sheet: Sheet) -> pa.Array:
        logical, bad = self._logical, None
        if logical.kind in {TypeKind.FLOAT32, TypeKind.FLOAT64}:
            bad, fact = pc.invert(pc.is_finite(found)), "is not a finite number"
        elif logical.length and logical.kind is TypeKind.STRING:
            bad, fact = pc.greater(pc.utf8_length(found), logical.length), f"is longer than {logical.length} characters"
        if bad is not None and pc.any(bad).as_py():
            place = pc.index(bad, True).as_py()
            row = sheet.row(place)
            raise ImpossibleRule(
                f"row {row}: {str(found[place])[:40]!r} {fact}",
                hint="widen the column's type, or let the expression stay within it",
                metadata={"row": str(row)},
            )
        return found.cast(self._type)

    def _fitting_cases(self, expression: Expression) -> Cases | None:
        """Cases of few words, all of which the column holds."""
        cases, longest = read_cases(expression), self._logical.length or math.inf
        if cases and len(cases.words) <= MOST_WORDS and max(map(len, cases.words)) <= longest:
            return cases
        return None

    def _refuse_misfit(self, sql: str, inputs: Mapping[str, pa.DataType]) -> None:
        wanted = _FAMILIES.get(self._logical.kind)
        if wanted is None:
            raise ImpossibleRule(f"no expression yields {self._logical.kind.value}", hint="choose another rule or type")
        try:
            found = _type_of(sql, _batch({name: pa.nulls(0, inputs[name]) for name in self._columns}, 0))
        except duckdb.Error as error:
            raise ImpossibleRule(
                f"the expression does not fit its columns' types: {_first_line(error)}",
                hint="cast the columns, such as cast(quantity as double)",
            ) from None
        plain = found.partition("(")[0]
        if plain != '"NULL"' and _YIELDS.get(plain, plain) != wanted:
            raise ImpossibleRule(
                f"the expression yields {found}, which is no {self._logical.kind.value}",
                hint="cast it to the column's type, such as cast(quantity as varchar)",
            )

    def _failing(self, batch: pa.Table) -> int:
        """First row that fails, by halves."""
        low, high = 0, len(batch)
        while high - low > 1:
            middle = (low + high) // 2
            try:
                _evaluate(self._sql, batch.slice(low, middle - low))
                low = middle
            except duckdb.Error:
                high = middle
        return low


def sql_cast(sql: str, logical: LogicalType) -> str:
    """SQL of an expression as a value of a type."""
    if logical.kind is TypeKind.DECIMAL:
        return f"CAST({sql} AS DECIMAL({logical.precision}, {logical.scale}))"
    return f"CAST({sql} AS {_SQL_TYPES[logical.kind]})"


def _connection() -> duckdb.DuckDBPyConnection:
    if not hasattr(_OWN, "connection"):
        _OWN.connection = duckdb.connect(":memory:", config=_SETTINGS)
    connection: duckdb.DuckDBPyConnection = _OWN.connection
    return connection


def _batch(columns: Mapping[str, pa.Array], count: int) -> pa.Table:
    """Columns as DuckDB reads them; an expression without any still has rows."""
    arrays = {
        name: array.cast(_NAIVE) if pa.types.is_timestamp(array.type) else array for name, array in columns.items()
    }
    return pa.table(arrays or {"row": pa.nulls(count, pa.int8())})


def _evaluate(sql: str, batch: pa.Table) -> pa.Array:
    found = _connection().from_arrow(batch).project(sql).to_arrow_table().column(0)
    return pa.concat_arrays(found.chunks) if found.num_chunks else pa.nulls(0, found.type)


def _type_of(sql: str, batch: pa.Table) -> str:
    return str(_connection().from_arrow(batch).project(sql).types[0])


def _first_line(error: duckdb.Error) -> str:
    return _PLACE.sub("", str(error)).strip()
