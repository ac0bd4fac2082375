"""The pieces under every text: digits, slots, cuts, numbers of rows."""

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pytest

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.kernels.grammar import formats, literal, words
from generator_svc.core.kernels.numbering import Numbering
from generator_svc.core.kernels.phrase import PhraseKernel
from generator_svc.core.kernels.slots import SLACK, TextBuffers, string_cells, write_number
from generator_svc.core.primitives import Rows, compiled
from tests.generator_svc.core.kernels.text_columns import KEY


@compiled
def _write_numbers(values: Rows, offsets: npt.NDArray[np.int32], data: npt.NDArray[np.uint8]) -> None:
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(values)):
        end = write_number(end, values[i])
        offsets[i + 1] = np.int32(end - start)


def _fill(values: Rows, out: TextBuffers) -> None:
    _write_numbers(values, out.offsets, out.data)


def test_numbers_are_written_as_python_writes_them() -> None:
    """The digits come from multiplications by reciprocals, whose edges are powers of ten."""
    edges = [10**power + step for power in range(16) for step in (-1, 0, 1)]
    values = [*range(11_000), *edges[:-1], *range(99_999_000, 100_001_000)]
    assert string_cells(np.array(values, np.uint64), 16, _fill).to_pylist() == [str(value) for value in values]


def test_large_batches_are_made_in_pieces_and_are_whole() -> None:
    """Buffers are reserved for the longest values; many of those go piece by piece."""
    rows = np.arange(3_000, dtype=np.uint64)
    one_piece = string_cells(rows, 16, _fill)
    assert string_cells(rows, 2**28, _fill).equals(one_piece)


def test_a_batch_beyond_two_gibibytes_is_refused() -> None:
    """Arrow's offsets are 32 bits wide: a silent overflow would read other rows' text."""

    def claim(part: Rows, out: TextBuffers) -> None:
        out.offsets[1:] = np.arange(1, len(part) + 1) * 2**20

    with pytest.raises(InvalidArgument, match="2 GiB"):
        string_cells(np.arange(2_100, dtype=np.uint64), 2**20 + SLACK, claim)


def test_a_value_is_cut_at_a_character_and_never_ends_with_a_blank() -> None:
    """Letters of two to four bytes count once."""
    texts = {"ñandú 𝄞 音楽": ["ñ", "ña", "ñan", "ñand", "ñandú", "ñandú", "ñandú 𝄞", "ñandú 𝄞", "ñandú 𝄞 音"]}
    for text, cuts in texts.items():
        for length, expected in enumerate(cuts, start=1):
            assert PhraseKernel(literal(text), KEY, length).span(0, 1).to_pylist() == [expected]


def test_a_tail_is_kept_where_the_head_is_cut() -> None:
    """`…@example.com` without its end is no address."""
    phrase = words(["wolfeschlegelsteinhausen"]).then(literal("@example.com"), tail=True)
    assert PhraseKernel(phrase, KEY, 16).span(0, 1).to_pylist() == ["wolf@example.com"]


def test_formats_nest_with_their_weights() -> None:
    """`{{name}}` in a format stands for all of its forms."""
    inner = formats({"a#": 3.0, "b": 1.0}, {})
    values = PhraseKernel(formats(["<{{inner}}>", "$%-?"], {"inner": inner}), KEY).span(0, 80_000)
    kinds = pc.utf8_slice_codeunits(values, 0, 2).to_pylist()
    assert abs(kinds.count("<a") / len(kinds) - 0.375) < 0.01
    assert abs(kinds.count("<b") / len(kinds) - 0.125) < 0.01


def test_numbers_of_rows_are_a_bijection_block_by_block() -> None:
    """Appended rows go on in the block where the last ones ended."""
    numbering = Numbering(1_000, KEY)
    assert sorted(numbering.span(0, 3_500)[:3_000].tolist()) == list(range(3_000))
    assert numbering.span(700, 600).tolist() == numbering.cells(np.arange(700, 1_300, dtype=np.uint64)).tolist()
    assert sorted(numbering.span(2_000, 1_000).tolist()) == list(range(2_000, 3_000))
