"""Phrases as a kernel: one choice of a form, one draw per part, written straight into Arrow buffers.

A value longer than its column is drawn again, a few times, so that shorter words and forms take its place; what is
still too long is cut at a character, before the tail.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.alias import alias_table, even_table
from generator_svc.core.kernels.check_digits import checked
from generator_svc.core.kernels.grammar import Checked, Form, Part, Phrase, Range, RowNumber, Words
from generator_svc.core.kernels.kernel import row_range
from generator_svc.core.kernels.numbering import Numbering
from generator_svc.core.kernels.slots import (
    SLACK,
    Bytes,
    TextBuffers,
    copy_slot,
    cut,
    fits,
    slot_table,
    string_cells,
    write_digits,
    write_number,
)
from generator_svc.core.primitives import Rows, compiled, load64, mix, multiply_high

UNLIMITED: Final = 2**31 - 1
_WORD, _RANGE, _ROW, _CHECK = 0, 1, 2, 3
_TRIES: Final = 8
_STREAMS: Final = 64
_FORM_WORDS: Final = 6
_STEP_WORDS: Final = 4


class PhraseKernel:
    """Text of a phrase, of at most `limit` characters (0: any); `numbers` gives each row its own number."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, phrase: Phrase, key: np.uint64, limit: int = 0, numbers: Numbering | None = None) -> None:
        self._image = _Image(phrase, limit or UNLIMITED).bytes()
        self._most_bytes = max(sum(_most(part)[1] for part in form.parts) for form in phrase.forms)
        self._key = key
        self._numbers = numbers

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        return self._text(self._numbers.cells(rows) if self._numbers else rows)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._text(self._numbers.span(first, count) if self._numbers else row_range(first, count))

    def _text(self, numbers: Rows) -> pa.Array:
        return string_cells(numbers, self._most_bytes, self._fill)

    def _fill(self, numbers: Rows, buffers: TextBuffers) -> None:
        write_phrases(numbers, self._key, self._image, buffers.offsets, buffers.data)


def head_room(phrase: Phrase, limit: int) -> int:
    """Count the characters that a limit leaves for the part of a value before its tail, at least."""
    return limit - max(_tail_characters(form) for form in phrase.forms)


def mean_characters(phrase: Phrase) -> float:
    """Average length of a value."""
    total = sum(form.weight for form in phrase.forms)
    return sum(form.weight * sum(_mean(part) for part in form.parts) for form in phrase.forms) / total


def most_characters(parts: Iterable[Part]) -> int:
    """Length of the longest text of some parts."""
    return sum(_most(part)[0] for part in parts)


def _mean(part: Part) -> float:
    if not isinstance(part, Words):
        return _most(part)[0]
    weights = part.weights or (1.0,) * len(part.words)
    return sum(len(w) * weight for w, weight in zip(part.words, weights, strict=True)) / sum(weights)


@lru_cache(maxsize=1024)
def _most(part: Part) -> tuple[int, int]:
    """Characters and bytes of a part's longest text."""
    match part:
        case Words():
            return max(len(word) for word in part.words), max(len(word.encode()) for word in part.words)
        case Range():
            return part.width, part.width
        case RowNumber():
            return part.digits, part.digits
        case Checked():
            return 1, 1


def _tail_characters(form: Form) -> int:
    return most_characters(form.parts[len(form.parts) - form.tail :])


class _Image:
    """A phrase laid out in one buffer, all in 64-bit words, offsets in bytes from its start.

    Number of forms; per form: threshold, other, offsets of its first step, its tail and its end, the head's most
    characters. Per step: kind (| mark << 8), offset or low, count, stride or width. Per word: threshold,
    other << 32 | length, slot.
    """

    def __init__(self, phrase: Phrase, limit: int) -> None:
        self._forms = phrase.forms
        self._limit = limit
        self._known: dict[Words, list[int]] = {}
        self._words: list[npt.NDArray[np.uint64]] = []
        self._end = 8 * (1 + _FORM_WORDS * len(phrase.forms) + _STEP_WORDS * sum(len(f.parts) for f in phrase.forms))

    def bytes(self) -> npt.NDArray[np.uint64]:
        alias = alias_table([form.weight for form in self._forms])
        steps = [self._step(part) for form in self._forms for part in form.parts]
        at = 8 * (1 + _FORM_WORDS * len(self._forms))
        forms: list[list[int]] = []
        for form, threshold, other in zip(self._forms, *alias, strict=True):
            end = at + 8 * _STEP_WORDS * len(form.parts)
            head = max(self._limit - _tail_characters(form), 0)
            forms.append([int(threshold), int(other), at, end - 8 * _STEP_WORDS * form.tail, end, head])
            at = end
        flat = [len(forms), *(word for record in (*forms, *steps) for word in record)]
        return np.concatenate([np.array(flat, np.uint64), *self._words, np.zeros(SLACK // 8, np.uint64)])

    def _step(self, part: Part) -> list[int]:
        match part:
            case Words():
                if part not in self._known:
                    self._known[part] = self._add(part)
                return self._known[part]
            case Range():
                return [_RANGE, part.low, part.high - part.low + 1, part.width]
            case RowNumber():
                return [_ROW, 0, 0, 0]
            case Checked():
                return [_CHECK, part.check, 0, 0]

    def _add(self, words: Words) -> list[int]:
        slots, lengths = slot_table(words.words)
        alias = alias_table(words.weights) if words.weights else even_table(len(words.words))
        head = np.stack([alias.threshold, (alias.other.astype(np.uint64) << np.uint64(32)) | lengths], axis=1)
        records = np.concatenate([head, slots.view(np.uint64)], axis=1)
        step = [_WORD | words.mark << 8, self._end, len(words.words), 8 * records.shape[1]]
        self._words.append(records.reshape(-1))
        self._end += records.nbytes
        return step


@compiled
def write_phrases(
    numbers: Rows, key: np.uint64, image: npt.NDArray[np.uint64], offsets: npt.NDArray[np.int32], data: Bytes
) -> None:
    """Write one value per number."""
    program = np.uint64(image.ctypes.data)
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(numbers)):
        end = _value(numbers[i], mix(numbers[i] + key), program, end)
        offsets[i + 1] = np.int32(end - start)


@compiled
def _value(number: np.uint64, cell: np.uint64, program: np.uint64, start: np.uint64) -> np.uint64:
    form = _form(program, cell)
    end = _steps(number, cell, program, load64(form + np.uint64(16)), load64(form + np.uint64(24)), start)
    limit = load64(form + np.uint64(40))
    if end - start > limit:
        stream = cell
        for _ in range(_TRIES):
            if fits(start, end, limit):
                break
            stream += np.uint64(_STREAMS)
            form = _form(program, stream)
            limit = load64(form + np.uint64(40))
            end = _steps(number, stream, program, load64(form + np.uint64(16)), load64(form + np.uint64(24)), start)
        end = cut(start, end, limit)
    return _steps(number, ~cell, program, load64(form + np.uint64(24)), load64(form + np.uint64(32)), end)


@compiled
def _form(program: np.uint64, stream: np.uint64) -> np.uint64:
    """Draw a form; its address."""
    count = load64(program)
    form = program + np.uint64(8)
    if count == np.uint64(1):
        return form
    draw = mix(stream)
    chosen = form + multiply_high(draw, count) * np.uint64(8 * _FORM_WORDS)
    other = form + load64(chosen + np.uint64(8)) * np.uint64(8 * _FORM_WORDS)
    return chosen if draw * count <= load64(chosen) else other


@compiled
def _steps(
    number: np.uint64, stream: np.uint64, program: np.uint64, first: np.uint64, last: np.uint64, target: np.uint64
) -> np.uint64:
    """Write the parts whose steps lie from `first` to before `last`; the address behind them."""
    begin, drawn = target, stream + np.uint64(_STREAMS)
    while first < last:
        step = program + first
        first += np.uint64(8 * _STEP_WORDS)
        stream += np.uint64(1)
        kind, base, count, stride = (
            load64(step),
            load64(step + np.uint64(8)),
            load64(step + np.uint64(16)),
            load64(step + np.uint64(24)),
        )
        if kind == np.uint64(_WORD):
            draw = mix(stream)
            table = program + base
            word = table + multiply_high(draw, count) * stride
            other = table + (load64(word + np.uint64(8)) >> np.uint64(32)) * stride
            word = word if draw * count <= load64(word) else other
            length = load64(word + np.uint64(8)) & np.uint64(0xFFFFFFFF)
            target = copy_slot(target, word + np.uint64(16), length)
        elif kind == np.uint64(_RANGE):
            target = write_digits(target, base + multiply_high(mix(stream), count), stride)
        elif kind == np.uint64(_ROW):
            target = write_number(target, number)
        elif kind == np.uint64(_CHECK):
            target = checked(base, begin, target)
        else:
            target = _again(mix(drawn - (kind >> np.uint64(8))), program + base, count, stride, target)
    return target


@compiled
def _again(draw: np.uint64, table: np.uint64, count: np.uint64, stride: np.uint64, target: np.uint64) -> np.uint64:
    """Write the word of a marked list, apart from the others' words, whose way stays short; the address behind it."""
    word = table + multiply_high(draw, count) * stride
    other = table + (load64(word + np.uint64(8)) >> np.uint64(32)) * stride
    word = word if draw * count <= load64(word) else other
    return copy_slot(target, word + np.uint64(16), load64(word + np.uint64(8)) & np.uint64(0xFFFFFFFF))
