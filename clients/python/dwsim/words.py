"""Words that users write for numbers of the contract, and the other way round."""

from typing import Any

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.faults import InvalidInput


def number_of(enum: Any, word: str | None, what: str) -> Any:
    """Number of a word of `enum`, in any case; 0, which says nothing, for None."""
    if word is None:
        return 0
    name = word.upper().replace("-", "_")
    known = [key for key in enum.keys() if not key.endswith("UNSPECIFIED")]  # noqa: SIM118 - an enum of protobuf
    if name not in known:
        words = ", ".join(key.lower() for key in known)
        raise InvalidInput(f"there is no {what} {word!r}", hint=f"it is one of {words}", metadata={"value": word})
    return enum.Value(name)


def word_of(enum: Any, number: int) -> str:
    """Word of a number of `enum`, in upper case; empty for 0."""
    name: str = enum.Name(number)
    return "" if name.endswith("UNSPECIFIED") else name


def dialect_number(dialect: str | None) -> SqlDialect.Name.ValueType:
    """Number of a dialect."""
    number: SqlDialect.Name.ValueType = number_of(SqlDialect.Name, dialect, "dialect")
    return number


def warehouse_number(warehouse: str | None) -> Warehouse.Kind.ValueType:
    """Number of a kind of warehouse."""
    number: Warehouse.Kind.ValueType = number_of(Warehouse.Kind, warehouse, "warehouse")
    return number
