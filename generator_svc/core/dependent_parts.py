"""Parts of columns that are made from others: sums, copies, expressions, choices between them."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator_svc.core.computation import Computation
from generator_svc.core.kernels.bits import Bitmap, with_validity
from generator_svc.core.kernels.few_texts import either, nulls
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.offsets import OffsetKernel
from generator_svc.core.kernels.templates import TemplateKernel
from generator_svc.core.parts import evaluate
from generator_svc.core.primitives import Rows
from generator_svc.core.sheet import Cells, Sheet, both, own_validity

# Cells of one column of a parent table at any of its rows.
ParentCells = Callable[[Rows], Cells]


class Maker(Protocol):
    """Makes a column from those of a sheet that are made already."""

    def cells(self, sheet: Sheet) -> Cells:
        """Cells of the sheet's rows."""
        ...


class DependentPart:
    """One column that is made from others."""

    def __init__(self, column: str, maker: Maker) -> None:
        self.columns: tuple[str, ...] = (column,)
        self._maker = maker

    def cells(self, sheet: Sheet) -> Cells:
        """Cells of the column."""
        return self._maker.cells(sheet)


class Drawn:
    """A rule that depends on nothing else."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def cells(self, sheet: Sheet) -> Cells:
        """Cells of the kernel."""
        return Cells(evaluate(self._kernel, sheet.rows, sheet.count))


class Missing:
    """NULL in every row."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind

    def cells(self, sheet: Sheet) -> Cells:
        """Only nulls."""
        return Cells(nulls(sheet.count, self._kind))


class Own:
    """Another column of the row."""

    def __init__(self, column: str) -> None:
        self._column = column

    def cells(self, sheet: Sheet) -> Cells:
        """Cells of the other column."""
        return sheet.cells[self._column]


class OfParent:
    """A column of the parent row; NULL where the row has no parent or the parent's cell is NULL."""

    def __init__(self, link: str, key_column: str, parent_cells: ParentCells, kind: pa.DataType) -> None:
        self._link, self._key_column, self._parent_cells, self._kind = link, key_column, parent_cells, kind

    def cells(self, sheet: Sheet) -> Cells:
        """Cells of the rows' parents."""
        parents = sheet.cells[self._link].values
        if parents.null_count:
            return Cells(pa.nulls(sheet.count, self._kind))
        found = self._parent_cells(parents.to_numpy())
        same = self._kind in {found.made.type, getattr(found.made.type, "value_type", None)}
        values = found.made if same else found.values.cast(self._kind)
        return Cells(values, both(found.valid, sheet.cells[self._key_column].valid))


class Added:
    """Another cell plus a drawn amount; NULL with it."""

    def __init__(self, source: Maker, kernel: OffsetKernel) -> None:
        self._source, self._kernel = source, kernel

    def cells(self, sheet: Sheet) -> Cells:
        """Sums of the sheet's rows."""
        source = self._source.cells(sheet)
        sums = self._kernel.after(source.values, sheet.rows, sheet.count)
        missing = own_validity(source.values)
        return Cells(sums if missing is None else with_validity(sums, missing), source.valid)


class Joined:
    """Text joined from other columns of the row; NULL with any of them."""

    def __init__(self, columns: Sequence[str], kernel: TemplateKernel) -> None:
        self._columns, self._kernel = columns, kernel

    def cells(self, sheet: Sheet) -> Cells:
        """Texts of the sheet's rows."""
        valid: Bitmap | None = None
        for column in self._columns:
            valid = both(valid, sheet.cells[column].valid)
        made = {column: sheet.cells[column].values for column in self._columns}
        return Cells(self._kernel.after(made, sheet.count), valid)


class Computed:
    """An expression over other columns of the row, NULLs included."""

    def __init__(self, computation: Computation) -> None:
        self._computation = computation

    def cells(self, sheet: Sheet) -> Cells:
        """Results for the sheet's rows."""
        return Cells(self._computation.of(sheet))


class Chosen:
    """One of two makers by a condition on the row; where it is NULL it does not hold."""

    def __init__(self, condition: Computation, then: Maker, otherwise: Maker) -> None:
        self._condition, self._then, self._otherwise = condition, then, otherwise

    def cells(self, sheet: Sheet) -> Cells:
        """Cells of either maker."""
        held = pc.fill_null(self._condition.of(sheet), False)
        then, otherwise = self._then.cells(sheet), self._otherwise.cells(sheet)
        return Cells(either(held, then.made, otherwise.made), _either(held, then.valid, otherwise.valid))


def _either(choice: pa.Array, then: Bitmap | None, otherwise: Bitmap | None) -> Bitmap | None:
    if then is None and otherwise is None:
        return None
    held: Bitmap = np.packbits(choice.to_numpy(zero_copy_only=False), bitorder="little")
    left = held if then is None else held & then
    return left | (~held if otherwise is None else ~held & otherwise)
