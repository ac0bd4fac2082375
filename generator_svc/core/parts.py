"""Parts of a segment: columns whose cells are made together."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.bits import with_validity
from generator_svc.core.kernels.kernel import Kernel, RowSource
from generator_svc.core.parents import Parents, TreeParents
from generator_svc.core.primitives import Rows
from generator_svc.core.sheet import parent_link

# Key columns of a parent table at any of its rows; never null.
ParentKeys = Callable[[Rows], Sequence[pa.Array]]


class Part(Protocol):
    """Columns of one segment that are made together, from row numbers of the whole table."""

    columns: tuple[str, ...]

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:
        """Cells of `count` rows, one array per column."""
        ...


class KernelPart:
    """One column that depends on nothing else."""

    def __init__(self, column: str, kernel: Kernel) -> None:
        self.columns: tuple[str, ...] = (column,)
        self._kernel = kernel

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:
        """Cells of the kernel."""
        return (evaluate(self._kernel, rows, count),)


class ReferencePart:
    """The columns of one foreign key, all taken from one parent row, and that row."""

    def __init__(
        self, columns: tuple[str, ...], types: Sequence[pa.DataType], parents: Parents, keys: ParentKeys
    ) -> None:
        self.columns = (*columns, parent_link(columns))
        self._types, self._parents, self._keys = types, parents, keys

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:
        """Keys of the drawn parents."""
        return linked_keys(self.columns, self._types, self._keys, self._parents.rows(rows, count))


class TreePart:
    """The columns of a self-reference; roots are NULL where the columns may be, else their own parents."""

    def __init__(
        self,
        columns: tuple[str, ...],
        types: Sequence[pa.DataType],
        parents: TreeParents,
        keys: ParentKeys,
        *,
        nullable: bool,
    ) -> None:
        self.columns = (*columns, parent_link(columns))
        self._types, self._parents, self._keys, self._nullable = types, parents, keys, nullable

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:
        """Keys of the parents in the level above."""
        *arrays, link = linked_keys(self.columns, self._types, self._keys, self._parents.rows(rows, count))
        if not self._nullable:
            return (*arrays, link)
        valid = np.packbits(~self._parents.roots(rows, count), bitorder="little")
        return (*(with_validity(array, valid) for array in arrays), link)


class NullPart:
    """Columns that are NULL everywhere: a nullable foreign key to an empty table."""

    def __init__(self, columns: tuple[str, ...], types: Sequence[pa.DataType]) -> None:
        self.columns, self._types = (*columns, parent_link(columns)), (*types, pa.uint64())

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:  # noqa: ARG002 the same everywhere
        """Only nulls."""
        return [pa.nulls(count, kind) for kind in self._types]


def evaluate(kernel: Kernel, rows: RowSource, count: int) -> pa.Array:
    """Cells of a kernel at listed rows or at a span."""
    return kernel.cells(rows) if isinstance(rows, np.ndarray) else kernel.span(int(rows), count)


def linked_keys(
    columns: Sequence[str], types: Sequence[pa.DataType], keys: ParentKeys, parents: Rows
) -> list[pa.Array]:
    """Keys of parent rows as the child's columns have them, and the rows themselves; `columns` ends with the link."""
    return [*keys_as(columns[:-1], types, keys(parents)), pa.array(parents)]


def keys_as(columns: Sequence[str], types: Sequence[pa.DataType], arrays: Sequence[pa.Array]) -> list[pa.Array]:
    """Parent keys in the types of the child's columns."""
    return [_as_type(*each) for each in zip(columns, types, arrays, strict=True)]


def _as_type(column: str, kind: pa.DataType, array: pa.Array) -> pa.Array:
    if array.type == kind:
        return array
    try:
        return array.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise ImpossibleRule(
            f"{column}: keys of type {array.type} do not fit {kind}",
            hint="give the foreign key the type of the column that it references",
            metadata={"column": column},
        ) from None
