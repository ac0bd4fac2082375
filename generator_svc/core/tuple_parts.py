"""Parts whose columns are distinct together: the digits of a permuted number, and the children of an anchor."""

import math
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import pyarrow as pa

from generator_svc.core.children import Brood
from generator_svc.core.kernels.kernel import Kernel, RowSource
from generator_svc.core.parts import ParentKeys, linked_keys
from generator_svc.core.permutation import Permutation, permute_one, round_count, round_value
from generator_svc.core.primitives import Rows, compiled, derive_key, mix
from generator_svc.core.sheet import parent_link

_TILE: Final = 256


class Member(Protocol):
    """Columns of a key that are made from one number of [0, size)."""

    columns: tuple[str, ...]

    def arrays(self, numbers: Rows) -> Sequence[pa.Array]:
        """Cells of each number."""
        ...


class ValueMember:
    """A column of its own: number k is the k-th distinct value of its domain."""

    def __init__(self, column: str, kernel: Kernel) -> None:
        self.columns: tuple[str, ...] = (column,)
        self._kernel = kernel

    def arrays(self, numbers: Rows) -> Sequence[pa.Array]:
        """Values of each number."""
        return (self._kernel.cells(numbers),)


class ParentMember:
    """A foreign key: number k is parent row k."""

    def __init__(self, columns: tuple[str, ...], types: Sequence[pa.DataType], keys: ParentKeys) -> None:
        self.columns: tuple[str, ...] = (*columns, parent_link(columns))
        self._types, self._keys = types, keys

    def arrays(self, numbers: Rows) -> Sequence[pa.Array]:
        """Keys of each parent row."""
        return linked_keys(self.columns, self._types, self._keys, numbers)


class ProductPart:
    """Columns that are distinct together: mixed-radix digits of pi(row), pi over the product of their domains."""

    def __init__(
        self, key: np.uint64, members: Sequence[Member], sizes: Sequence[int], offset: int, first: int
    ) -> None:
        """Number rows from `offset`; the first member's numbers start at `first`."""
        self.columns: tuple[str, ...] = tuple(column for member in members for column in member.columns)
        self._members, self._sizes, self._offset, self._first = members, sizes, offset, first
        self._order = Permutation(math.prod(sizes), derive_key("tuples", int(key), offset))

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:
        """Values of the digits."""
        if isinstance(rows, np.ndarray):
            numbers = self._order.cells(rows - np.uint64(self._offset))
        else:
            numbers = self._order.span(int(rows) - self._offset, count)
        digits = split_digits(numbers, self._sizes)
        digits[0] += np.uint64(self._first)
        return [array for member, each in zip(self._members, digits, strict=True) for array in member.arrays(each)]


class Combinations:
    """Members that take, for a parent's child k, the k-th of all their combinations, in the parent's own order."""

    def __init__(self, key: np.uint64, members: Sequence[Member], sizes: Sequence[int]) -> None:
        self.columns: tuple[str, ...] = tuple(column for member in members for column in member.columns)
        self.size = math.prod(sizes)
        self._key, self._members, self._sizes = key, members, sizes

    def arrays(self, parents: Rows, ordinals: Rows) -> Sequence[pa.Array]:
        """Cells of each child."""
        radix_a = math.isqrt(self.size - 1) + 1
        radix_b = -(-self.size // radix_a)
        numbers = np.empty(len(parents), np.uint64)
        last = np.uint64(self.size - 1)
        _nth_of_parent(
            parents, ordinals, self._key, np.uint64(radix_a), np.uint64(radix_b), last, round_count(self.size), numbers
        )
        digits = split_digits(numbers, self._sizes)
        return [array for member, each in zip(self._members, digits, strict=True) for array in member.arrays(each)]


class Eras:
    """Combinations of parents that came at different times: each parent keeps the domains it came with."""

    def __init__(self, eras: Sequence[tuple[int, Combinations]]) -> None:
        """Take the first parent and the combinations of each era, oldest first."""
        self._eras = eras
        self.columns: tuple[str, ...] = eras[0][1].columns
        self.size = min(each.size for _, each in eras)

    def arrays(self, parents: Rows, ordinals: Rows) -> Sequence[pa.Array]:
        """Cells of each child."""
        if len(self._eras) == 1:
            return self._eras[0][1].arrays(parents, ordinals)
        starts = np.array([first for first, _ in self._eras], np.uint64)
        numbers = np.searchsorted(starts, parents, side="right") - 1
        order = np.argsort(numbers, kind="stable")
        pieces = [
            each.arrays(parents[numbers == era], ordinals[numbers == era]) for era, (_, each) in enumerate(self._eras)
        ]
        back = pa.array(np.argsort(order, kind="stable"))
        return [pa.concat_arrays(list(each)).take(back) for each in zip(*pieces, strict=True)]


class ClusterPart:
    """An anchor's keys, its children's ordinals, and the combinations that hang on them."""

    def __init__(
        self, brood: Brood, anchor: Member, ordinals: Sequence[tuple[str, Kernel]], combinations: Sequence[Eras]
    ) -> None:
        self._brood, self._anchor, self._ordinals, self._combinations = brood, anchor, ordinals, combinations
        self.columns: tuple[str, ...] = (
            *anchor.columns,
            *(column for column, _ in ordinals),
            *(column for each in combinations for column in each.columns),
        )

    def arrays(self, rows: RowSource, count: int) -> Sequence[pa.Array]:
        """Cells of all columns of the cluster."""
        parents, ordinals = self._brood.locate(rows, count)
        arrays = [*self._anchor.arrays(parents)]
        arrays += [kernel.cells(ordinals) for _, kernel in self._ordinals]
        for each in self._combinations:
            arrays += each.arrays(parents, ordinals)
        return arrays


def split_digits(numbers: Rows, sizes: Sequence[int]) -> list[Rows]:
    """Mixed-radix digits, the last size fastest."""
    digits = []
    for size in reversed(sizes[1:]):
        numbers, digit = np.divmod(numbers, np.uint64(size))
        digits.append(digit)
    return [numbers if digits else numbers.copy(), *reversed(digits)]


@compiled
def _nth_of_parent(
    parents: Rows,
    ordinals: Rows,
    key: np.uint64,
    radix_a: np.uint64,
    radix_b: np.uint64,
    last: np.uint64,
    rounds: int,
    out: Rows,
) -> None:
    """Permute each ordinal in its parent's own order; the rounds are outside of a loop over a tile, as in `permute`."""
    tile_a, tile_b, seeds = np.zeros(_TILE, np.uint64), np.zeros(_TILE, np.uint64), np.zeros(_TILE, np.uint64)
    for start in range(0, len(out), _TILE):
        size = min(_TILE, len(out) - start)
        for i in range(size):
            ordinal = ordinals[start + i]
            seeds[i] = mix(parents[start + i] + key)
            tile_a[i] = ordinal // radix_b if ordinal >= radix_b else np.uint64(0)
            tile_b[i] = ordinal - tile_a[i] * radix_b
        for number in range(0, rounds, 2):
            for i in range(_TILE):
                a = tile_a[i] + round_value(tile_b[i], mix(seeds[i] + np.uint64(number)), radix_a)
                a = min(a, a - radix_a)
                b = tile_b[i] + round_value(a, mix(seeds[i] + np.uint64(number + 1)), radix_b)
                tile_a[i] = a
                tile_b[i] = min(b, b - radix_b)
        for i in range(size):
            out[start + i] = tile_a[i] * radix_b + tile_b[i]
            if out[start + i] > last:
                out[start + i] = _walked(out[start + i], seeds[i], radix_a, radix_b, last, rounds)


@compiled
def _walked(
    image: np.uint64, seed: np.uint64, radix_a: np.uint64, radix_b: np.uint64, last: np.uint64, rounds: int
) -> np.uint64:
    """Walk on from an image that lies outside of the range."""
    keys = np.empty(rounds, np.uint64)
    for number in range(rounds):
        keys[number] = mix(seed + np.uint64(number))
    return permute_one(image, radix_a, radix_b, last, keys)
