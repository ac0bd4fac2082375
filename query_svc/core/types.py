"""Types of columns and expressions: what the user's warehouse would say, and how SQLite holds the values.

`Kind` names are those of dwsim.common.v1.LogicalType.Kind. `Form` says how a DECIMAL looks inside SQLite:

- DOUBLE: the double nearest to the decimal; exact for at most 15 digits (a stored column of precision <= 15);
- MIXED:  that double where it is exact, canonical text beyond (a stored column of more digits);
- SCALED: a 64-bit integer, the decimal times 10^scale (everything that is computed exactly);
- ROUGH:  a double that is not exact, such as a quotient.
"""

from dataclasses import dataclass, replace
from enum import Enum


class Kind(Enum):
    """Kind of values."""

    NULL = "NULL"
    BOOLEAN = "BOOLEAN"
    INT16 = "INT16"
    INT32 = "INT32"
    INT64 = "INT64"
    FLOAT32 = "FLOAT32"
    FLOAT64 = "FLOAT64"
    DECIMAL = "DECIMAL"
    STRING = "STRING"
    BINARY = "BINARY"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMP_TZ = "TIMESTAMP_TZ"
    JSON = "JSON"
    UUID = "UUID"
    ARRAY = "ARRAY"
    INTERVAL = "INTERVAL"
    GEOGRAPHY = "GEOGRAPHY"
    VECTOR = "VECTOR"
    UNKNOWN = "UNKNOWN"


class Form(Enum):
    """How SQLite holds a DECIMAL."""

    DOUBLE = "double"
    MIXED = "mixed"
    SCALED = "scaled"
    ROUGH = "rough"


INTEGERS = (Kind.INT16, Kind.INT32, Kind.INT64)
FLOATS = (Kind.FLOAT32, Kind.FLOAT64)
MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)
TEXTS = (Kind.STRING, Kind.UUID)

DOUBLE_DIGITS = 15
INTEGER_DIGITS = 18
MOST_DIGITS = 38
_DIGITS = {Kind.INT16: 5, Kind.INT32: 10, Kind.INT64: 19}


@dataclass(frozen=True)
class SqlType:
    """Type of an expression; `literal` marks a quoted literal that still takes the type of what it meets.

    `bytes` bounds the bytes of a text that was computed, or that a column takes; 0 where nothing is known of them.
    """

    kind: Kind
    precision: int = 0
    scale: int = 0
    length: int = 0
    fixed_length: bool = False
    form: Form = Form.DOUBLE
    literal: bool = False
    bytes: int = 0

    def __deepcopy__(self, _memo: object) -> "SqlType":
        """Answer itself: trees are copied often, and a type never changes."""
        return self

    @property
    def is_integer(self) -> bool:
        """INT16, INT32 or INT64."""
        return self.kind in INTEGERS

    @property
    def is_float(self) -> bool:
        """FLOAT32 or FLOAT64."""
        return self.kind in FLOATS

    @property
    def is_decimal(self) -> bool:
        """DECIMAL in any form."""
        return self.kind is Kind.DECIMAL

    @property
    def is_number(self) -> bool:
        """Integer, float or decimal."""
        return self.is_integer or self.is_float or self.is_decimal

    @property
    def is_moment(self) -> bool:
        """DATE, TIMESTAMP or TIMESTAMP_TZ."""
        return self.kind in MOMENTS

    @property
    def is_text(self) -> bool:
        """STRING or UUID."""
        return self.kind in TEXTS

    def __str__(self) -> str:
        """Name as SQL has it, such as `DECIMAL(12,2)`."""
        if self.is_decimal:
            return f"DECIMAL({self.precision},{self.scale})"
        if self.kind is Kind.STRING and self.length:
            return f"{'CHAR' if self.fixed_length else 'VARCHAR'}({self.length})"
        return _NAMES.get(self.kind, self.kind.value)


_NAMES = {
    Kind.INT16: "SMALLINT",
    Kind.INT32: "INTEGER",
    Kind.INT64: "BIGINT",
    Kind.FLOAT32: "REAL",
    Kind.FLOAT64: "DOUBLE PRECISION",
    Kind.STRING: "VARCHAR",
    Kind.BINARY: "VARBINARY",
    Kind.TIMESTAMP_TZ: "TIMESTAMPTZ",
}

NULL = SqlType(Kind.NULL)
UNKNOWN = SqlType(Kind.UNKNOWN)
BOOLEAN = SqlType(Kind.BOOLEAN)
INT32 = SqlType(Kind.INT32)
INT64 = SqlType(Kind.INT64)
FLOAT64 = SqlType(Kind.FLOAT64)
STRING = SqlType(Kind.STRING)
DATE = SqlType(Kind.DATE)
TIME = SqlType(Kind.TIME)
TIMESTAMP = SqlType(Kind.TIMESTAMP)
TIMESTAMP_TZ = SqlType(Kind.TIMESTAMP_TZ)


def decimal(precision: int, scale: int, form: Form = Form.SCALED) -> SqlType:
    """Make a DECIMAL type, its precision capped at 38."""
    return SqlType(Kind.DECIMAL, precision=min(max(precision, scale, 1), MOST_DIGITS), scale=scale, form=form)


def stored(logical: SqlType) -> SqlType:
    """Type of a stored column; whole decimals of at most 18 digits are integers."""
    if not logical.is_decimal:
        return logical
    if logical.scale == 0 and logical.precision <= INTEGER_DIGITS:
        return replace(logical, form=Form.SCALED)
    return replace(logical, form=Form.DOUBLE if logical.precision <= DOUBLE_DIGITS else Form.MIXED)


def digits(kind: SqlType) -> tuple[int, int]:
    """Precision and scale with which a number enters decimal arithmetic."""
    return (kind.precision, kind.scale) if kind.is_decimal else (_DIGITS[kind.kind], 0)
