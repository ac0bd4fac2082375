"""Closed vocabularies of the experiment document, spelled as the contract's enums."""

from enum import StrEnum


class Vocabulary(StrEnum):
    """A set of names that are read without regard to case."""

    @classmethod
    def _missing_(cls, value: object) -> "Vocabulary | None":
        return cls.__members__.get(value.strip().upper()) if isinstance(value, str) else None


class Dialect(Vocabulary):
    """SQL dialects."""

    NAME_UNSPECIFIED = "NAME_UNSPECIFIED"
    REDSHIFT = "REDSHIFT"
    SNOWFLAKE = "SNOWFLAKE"
    POSTGRES = "POSTGRES"
    SQLITE = "SQLITE"
    CLICKHOUSE = "CLICKHOUSE"
    DUCKDB = "DUCKDB"
    DATABRICKS = "DATABRICKS"


IMPORTED_DIALECTS = (Dialect.REDSHIFT, Dialect.SNOWFLAKE, Dialect.POSTGRES)
IMPORTED_DIALECT_NAMES = ", ".join(dialect.lower() for dialect in IMPORTED_DIALECTS)


class WarehouseKind(Vocabulary):
    """Kinds of warehouse."""

    KIND_UNSPECIFIED = "KIND_UNSPECIFIED"
    REDSHIFT = "REDSHIFT"
    SNOWFLAKE = "SNOWFLAKE"
    SQLITE = "SQLITE"
    POSTGRES = "POSTGRES"
    CLICKHOUSE = "CLICKHOUSE"
    LAKEHOUSE = "LAKEHOUSE"


class State(Vocabulary):
    """States of a stored experiment."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


class Constraints(Vocabulary):
    """Whether the warehouse is made to enforce keys."""

    CONSTRAINTS_UNSPECIFIED = "CONSTRAINTS_UNSPECIFIED"
    INFORMATIONAL = "INFORMATIONAL"
    ENFORCED = "ENFORCED"


class TypeKind(Vocabulary):
    """Kinds of values that a logical type has."""

    KIND_UNSPECIFIED = "KIND_UNSPECIFIED"
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


class FanOutLaw(Vocabulary):
    """Laws of the number of children."""

    LAW_UNSPECIFIED = "LAW_UNSPECIFIED"
    BALANCED = "BALANCED"
    SKEWED = "SKEWED"


class BoundsMode(Vocabulary):
    """What happens to a draw outside its bounds."""

    MODE_UNSPECIFIED = "MODE_UNSPECIFIED"
    TRUNCATE = "TRUNCATE"
    CLIP = "CLIP"


class TextUnit(Vocabulary):
    """What a text is made of."""

    UNIT_UNSPECIFIED = "UNIT_UNSPECIFIED"
    WORDS = "WORDS"
    SENTENCES = "SENTENCES"
    PARAGRAPHS = "PARAGRAPHS"


class OffsetUnit(Vocabulary):
    """Units of an offset."""

    UNIT_UNSPECIFIED = "UNIT_UNSPECIFIED"
    SECONDS = "SECONDS"
    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"


class Severity(Vocabulary):
    """How bad a diagnostic is."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Outcome(Vocabulary):
    """What became of a statement."""

    IMPORTED = "IMPORTED"
    SKIPPED = "SKIPPED"
    REFUSED = "REFUSED"
