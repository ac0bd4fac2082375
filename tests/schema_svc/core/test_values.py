"""Values as text against the types of their columns."""

import pytest

from schema_svc.core.model import LogicalType
from schema_svc.core.values import NoValue, refuse_misfit
from schema_svc.core.vocabulary import TypeKind


def test_the_greatest_decimal_of_38_digits_is_one() -> None:
    """Python's own abs() rounds to 28 digits, and 99…9 becomes 100…0."""
    logical = LogicalType(kind=TypeKind.DECIMAL, precision=38, scale=30)
    refuse_misfit(logical, "9" * 8 + "." + "9" * 30)
    refuse_misfit(logical, "-" + "9" * 8 + "." + "9" * 30)
    with pytest.raises(NoValue):
        refuse_misfit(logical, "100000000")
