"""Readable text of Faker's English word list: words, sentences, paragraphs, never longer than the column.

Text ends with the last word that fits; only a first word that is too long by itself is cut.
"""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from faker.providers.lorem.en_US import Provider as LoremProvider

from generator_svc.core.kernels.kernel import row_range
from generator_svc.core.kernels.slots import SLACK, Bytes, TextBuffers, copy_slot, slot_table, string_cells
from generator_svc.core.primitives import Rows, compiled, load64, mix, multiply_high, store64
from generator_svc.core.rules import TextUnit

WORD_LIST: Final[tuple[str, ...]] = tuple(dict.fromkeys(LoremProvider.word_list))
MOST_UNITS: Final = {TextUnit.WORDS: 12, TextUnit.SENTENCES: 4, TextUnit.PARAGRAPHS: 2}
"""Most units of a text whose rule leaves it open; fewer where the column ends."""

_UNITS: Final = (TextUnit.WORDS, TextUnit.SENTENCES, TextUnit.PARAGRAPHS)
_PARAGRAPHS: Final = _UNITS.index(TextUnit.PARAGRAPHS)
_SENTENCE_WORDS: Final = (3, 8)
_PARAGRAPH_SENTENCES: Final = (1, 4)
_UNLIMITED: Final = 2**30
_WORDS_PER_HASH: Final = 3
_BLANK, _STOP, _BREAK, _CAPITAL = 0x20, 0x2E, 0x0A, 0x20
_STRIDE: Final = 24


class LoremKernel:
    """Texts of `low` to `high` units, at most `limit` characters (0: any)."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, unit: TextUnit, low: int, high: int, key: np.uint64, limit: int = 0) -> None:
        longest = max(map(len, WORD_LIST)) + 1
        words = {_UNITS[0]: 1, _UNITS[1]: _SENTENCE_WORDS[1], _UNITS[2]: _SENTENCE_WORDS[1] * _PARAGRAPH_SENTENCES[1]}
        self._limit = limit or _UNLIMITED
        self._most_bytes = min(high * (words[unit] * longest + 2), self._limit + longest)
        self._kind = np.uint64(_UNITS.index(unit))
        self._low, self._choices = np.uint64(low), np.uint64(high - low + 1)
        self._key = key
        self._image = _image()

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        return string_cells(rows, self._most_bytes, self._fill)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))

    def _fill(self, rows: Rows, buffers: TextBuffers) -> None:
        write = write_sentences if self._kind else write_words
        limit = np.uint64(self._limit)
        write(rows, self._key, self._image, self._kind, self._low, self._choices, limit, buffers.offsets, buffers.data)


@cache
def _image() -> npt.NDArray[np.uint64]:
    """Lay the words out once, each with a blank behind it: number of words, then (length, slot) each."""
    slots, lengths = slot_table([f"{word} " for word in WORD_LIST])
    records = np.concatenate([lengths[:, None], slots.view(np.uint64)], axis=1)
    return np.concatenate([np.array([len(WORD_LIST)], np.uint64), records.reshape(-1), np.zeros(SLACK // 8, np.uint64)])


@compiled
def write_words(
    rows: Rows,
    key: np.uint64,
    image: npt.NDArray[np.uint64],
    _kind: np.uint64,
    low: np.uint64,
    choices: np.uint64,
    limit: np.uint64,
    offsets: npt.NDArray[np.int32],
    data: Bytes,
) -> None:
    """Write words with a blank between."""
    lexicon = np.uint64(image.ctypes.data)
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(rows)):
        cell = mix(rows[i] + key)
        count = low + multiply_high(mix(~cell), choices)
        # One beyond: the last word's blank does not count. A first word that is too long stands there, to be cut.
        stop = end + limit
        behind = _words(lexicon, cell, count, end, stop + np.uint64(1))
        end = stop if behind == end else behind - np.uint64(1)
        offsets[i + 1] = np.int32(end - start)


@compiled
def write_sentences(
    rows: Rows,
    key: np.uint64,
    image: npt.NDArray[np.uint64],
    kind: np.uint64,
    low: np.uint64,
    choices: np.uint64,
    limit: np.uint64,
    offsets: npt.NDArray[np.int32],
    data: Bytes,
) -> None:
    """Write sentences, or paragraphs of sentences with a line break between."""
    lexicon = np.uint64(image.ctypes.data)
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(rows)):
        cell = mix(rows[i] + key)
        units = low + multiply_high(mix(~cell), choices)
        behind = _units(lexicon, cell, kind, units, end, end + limit)
        end = _cut_sentence(end, limit) if behind == end else behind
        offsets[i + 1] = np.int32(end - start)


@compiled
def _cut_sentence(start: np.uint64, limit: np.uint64) -> np.uint64:
    """Cut the word that stands at `start`, as the only one of a sentence."""
    store64(start, load64(start) & ~np.uint64(_CAPITAL))
    if limit > np.uint64(1):
        store64(start + limit - np.uint64(1), np.uint64(_STOP))
    return start + limit


@compiled
def _units(
    lexicon: np.uint64, cell: np.uint64, kind: np.uint64, units: np.uint64, start: np.uint64, stop: np.uint64
) -> np.uint64:
    """Write units until one does not fit; the address behind them."""
    end = start
    stream = cell
    for _ in range(units):
        sentences = np.uint64(1)
        gap = np.uint64(_BLANK)
        if kind == np.uint64(_PARAGRAPHS):
            stream = mix(stream)
            sentences = _between(stream, _PARAGRAPH_SENTENCES)
            gap = np.uint64(_BREAK)
        for _ in range(sentences):
            stream = mix(stream)
            before = end
            if end > start:
                store64(end, gap)
                before += np.uint64(1)
            behind = _sentence(lexicon, stream, before, stop)
            if behind == before:
                return end
            end = behind
            gap = np.uint64(_BLANK)
    return end


@compiled
def _sentence(lexicon: np.uint64, stream: np.uint64, start: np.uint64, stop: np.uint64) -> np.uint64:
    """Write a sentence of the words that fit before `stop`; the address behind it, `start` if none does."""
    words = _between(mix(~stream), _SENTENCE_WORDS)
    end = _words(lexicon, stream, words, start, stop)
    if end == start:
        return start
    store64(start, load64(start) & ~np.uint64(_CAPITAL))
    store64(end - np.uint64(1), np.uint64(_STOP))
    return end


@compiled
def _words(lexicon: np.uint64, stream: np.uint64, count: np.uint64, start: np.uint64, stop: np.uint64) -> np.uint64:
    """Write words, each with a blank behind it, until one does not fit before `stop`."""
    size = load64(lexicon)
    end = start
    draw = np.uint64(0)
    for at in range(count):
        if at % _WORDS_PER_HASH == 0:
            stream += np.uint64(1)
            draw = mix(stream)
        word = lexicon + np.uint64(8) + multiply_high(draw, size) * np.uint64(_STRIDE)
        draw *= size
        behind = copy_slot(end, word + np.uint64(8), load64(word))
        if behind > stop:
            break
        end = behind
    return end


@compiled
def _between(hash64: np.uint64, bounds: tuple[int, int]) -> np.uint64:
    return np.uint64(bounds[0]) + multiply_high(hash64, np.uint64(bounds[1] - bounds[0] + 1))
