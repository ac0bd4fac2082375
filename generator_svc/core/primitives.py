"""The arithmetic under every cell: keys, one 64-bit hash, draws, raw copies. Fixed for ever in an engine version.

Only integer operations and IEEE + - x / sqrt: the same bytes on every CPU. Everything compiled here is small and is
inlined into the kernels that call it.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba as nb
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

Rows = npt.NDArray[np.uint64]
Kernelised = TypeVar("Kernelised", bound=Callable[..., Any])

U = np.uint64
GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
MIX_2: Final = np.uint64(0x94D049BB133111EB)
_ONE_EXPONENT: Final = np.uint64(0x3FF0000000000000)


def compiled(function: Kernelised) -> Kernelised:
    """Compile lazily, cached on disk, without the interpreter lock; no fastmath, no divide checks."""
    return cast(Kernelised, nb.njit(nogil=True, cache=True, error_model="numpy")(function))


def derive_key(*parts: str | int) -> np.uint64:
    """Derive a 64-bit key from named parts: blake2b over a length-prefixed encoding, so no two lists run together."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        text = str(part).encode()
        digest.update(b"%c%d:" % (b"i" if isinstance(part, int) else b"s", len(text)))
        digest.update(text)
    return np.uint64(int.from_bytes(digest.digest(), "little"))


def _multiply_high(_typing: Any, _a: Any, _b: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


def _leading_zeros(_typing: Any, _value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


def _float_of_bits(_typing: Any, _bits: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), generate


def _bits_of_float(_typing: Any, _value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), generate


def _store64(_typing: Any, _target: Any, _value: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        store = builder.store(args[1], builder.inttoptr(args[0], ir.IntType(64).as_pointer()))
        store.align = 1
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64), generate


def _load64(_typing: Any, _source: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        load = builder.load(builder.inttoptr(args[0], ir.IntType(64).as_pointer()))
        load.align = 1
        return load

    return types.uint64(types.uint64), generate


def _copy(width: int) -> Callable[[np.uint64, np.uint64], None]:
    """Make a copy of `width` bytes between two addresses: over-write, then advance by the true length."""

    def copy(_typing: Any, _target: Any, _source: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            vector = ir.VectorType(ir.IntType(8), width).as_pointer()
            load = builder.load(builder.inttoptr(args[1], vector))
            load.align = 1
            store = builder.store(load, builder.inttoptr(args[0], vector))
            store.align = 1
            return context.get_dummy_value()

        return types.void(types.uint64, types.uint64), generate

    return cast("Callable[[np.uint64, np.uint64], None]", intrinsic(copy))


# High 64 bits of the 128-bit product: maps a 64-bit hash `a` to [0, b) without division and without visible bias.
multiply_high = cast("Callable[[np.uint64, np.uint64], np.uint64]", intrinsic(_multiply_high))
# Leading zero bits; 64 for 0.
leading_zeros = cast("Callable[[np.uint64], np.uint64]", intrinsic(_leading_zeros))
float_of_bits = cast("Callable[[np.uint64], np.float64]", intrinsic(_float_of_bits))
bits_of_float = cast("Callable[[float], np.uint64]", intrinsic(_bits_of_float))
# Unaligned loads, stores and copies at raw addresses (`np.uint64(array.ctypes.data)`); the caller pads its buffers.
store64 = cast("Callable[[np.uint64, np.uint64], None]", intrinsic(_store64))
load64 = cast("Callable[[np.uint64], np.uint64]", intrinsic(_load64))
copy8, copy16, copy32 = _copy(8), _copy(16), _copy(32)


@compiled
def mix(value: np.uint64) -> np.uint64:
    """Hash 64 bits (splitmix64's finaliser over value * golden): the one hash of every cell, `mix(row + key)`."""
    x = np.uint64(value) * GOLDEN
    x = (x ^ (x >> np.uint64(30))) * MIX_1
    x = (x ^ (x >> np.uint64(27))) * MIX_2
    return x ^ (x >> np.uint64(31))


@compiled
def unit(hash64: np.uint64) -> np.float64:
    """Map a hash to (0, 1): (k + 0.5) / 2^52 with k the upper 52 bits; never 0, never 1."""
    return float_of_bits((hash64 >> np.uint64(12)) | _ONE_EXPONENT) - (1.0 - 2.0**-53)
