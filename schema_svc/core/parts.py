"""Building blocks of the document's models: strict keys, finite numbers, exact bounds as text."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


class Part(BaseModel):
    """A piece of the document; keys that it does not have are errors."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, validate_assignment=False)


class WrittenFloat(float):
    """A number that remembers how it was written: 1.50 is 1.5, and its text is 1.50."""

    text: str

    def __new__(cls, text: str) -> "WrittenFloat":
        """Read the text of a number."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return float(value) if isinstance(value, WrittenFloat) else value


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, WrittenFloat):
        return value.text
    return str(value) if isinstance(value, int | float) else value


_INTEGER_SCHEMA: dict[str, Any] = {"type": ["integer", "string"], "pattern": "^-?[0-9]+$"}
"""64-bit integers are text in proto JSON."""
_Unproven = BeforeValidator(_number)

_Finite = AfterValidator(_finite)

Number = Annotated[float, _Finite, _Unproven]
Positive = Annotated[float, Field(gt=0), _Finite, _Unproven]
NotNegative = Annotated[float, Field(ge=0), _Finite, _Unproven]
Share = Annotated[float, Field(ge=0, le=1), _Unproven]
Count = Annotated[int, Field(ge=0, le=2**31 - 1), _Unproven]
Whole = Annotated[int, _Unproven, WithJsonSchema(_INTEGER_SCHEMA)]
Integer = Annotated[int, Field(ge=-(2**63), le=2**63 - 1), _Unproven, WithJsonSchema(_INTEGER_SCHEMA)]
Natural = Annotated[int, Field(ge=0, le=2**63 - 1), _Unproven, WithJsonSchema(_INTEGER_SCHEMA)]
Exact = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
"""Decimal or ISO 8601 text; a number is taken as its decimal text."""
