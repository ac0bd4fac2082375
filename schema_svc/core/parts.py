"""Building blocks of the document's models: strict keys, finite numbers, exact bounds as text."""

import math
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Part(BaseModel):
    """A piece of the document; keys that it does not have are errors."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, validate_assignment=False)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Number = Annotated[float, AfterValidator(_finite)]
Positive = Annotated[float, Field(gt=0), AfterValidator(_finite)]
NotNegative = Annotated[float, Field(ge=0), AfterValidator(_finite)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Integer = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Natural = Annotated[int, Field(ge=0, le=2**63 - 1)]
Exact = Annotated[str, BeforeValidator(_as_text)]
"""Decimal or ISO 8601 text; a number is taken as its decimal text."""
