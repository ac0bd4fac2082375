"""Columns and keys for the tests of the text engine."""

import numpy as np

from generator_svc.core.primitives import derive_key
from generator_svc.core.spec import ColumnSpec, LogicalType, TypeKind

KEY = derive_key("tests of the text engine")


def text_column(length: int = 0, name: str = "value") -> ColumnSpec:
    return ColumnSpec(name, LogicalType(TypeKind.STRING, length=length))


def row_numbers(*rows: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.array(rows, np.uint64)
