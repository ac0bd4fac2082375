"""Text of patterns, drawn: every option, every number of repeats and every character of a class is equally likely.

A pattern is unrolled into steps without loops: words (runs of classes, multiplied out), choices, jumps ahead. Each step
knows the fewest characters that follow it, so a choice takes only what still fits the column.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import row_range
from generator_svc.core.kernels.pattern_syntax import Characters, Either, Joined, Pattern, Repeated
from generator_svc.core.kernels.slots import SLACK, Bytes, TextBuffers, copy_slot, slot_table, string_cells
from generator_svc.core.primitives import Rows, compiled, load64, mix, multiply_high

_WORD, _CHOICE, _JUMP, _END = 0, 1, 2, 3
_MOST_STEPS: Final = 20_000
_MOST_WORDS: Final = 2_000
_TRIES: Final = 8
_UNLIMITED: Final = 2**31 - 1


class PatternKernel:
    """Text that a pattern describes, of at most `limit` characters (0: any)."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, pattern: Pattern, key: np.uint64, limit: int = 0) -> None:
        if unrolled_size(pattern) > _MOST_STEPS:
            raise too_broad(f"it unrolls to {unrolled_size(pattern)} steps, at most {_MOST_STEPS} are made")
        program = _Program()
        program.add(pattern)
        self._steps, self._targets, self._pool = program.finished()
        self._key, self._limit = key, limit or _UNLIMITED
        self._least, self._most_bytes = _extents(self._steps, self._targets, program.widths)
        if self._least[0] > self._limit:
            raise too_long(int(self._least[0]), limit)

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        return string_cells(rows, max(min(self._most_bytes, 4 * self._limit), 1), self._fill)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))

    def _fill(self, rows: Rows, buffers: TextBuffers) -> None:
        _write_patterns(
            rows,
            self._key,
            self._steps,
            self._targets,
            self._least,
            self._pool,
            np.uint64(self._limit),
            buffers.offsets,
            buffers.data,
        )


def too_broad(why: str) -> ImpossibleRule:
    """Say that a pattern describes more than can be counted."""
    return ImpossibleRule(
        f"the pattern is too broad: {why}", hint="bound its repetitions, such as {1,8}", metadata={"rule": "pattern"}
    )


def too_long(least: int, limit: int) -> ImpossibleRule:
    """Say that no text of a pattern fits its column."""
    return ImpossibleRule(
        f"texts of the pattern have {least} characters or more, the column holds {limit}",
        hint="shorten the pattern or lengthen the column",
        metadata={"rule": "pattern"},
    )


def unrolled_size(pattern: Pattern) -> int:
    """Count the steps of a pattern whose repetitions are written out."""
    match pattern:
        case Characters():
            return 1
        case Joined(parts):
            return sum(map(unrolled_size, parts))
        case Either(options):
            return sum(unrolled_size(option) + 2 for option in options)
        case Repeated(part, _, most):
            return most * unrolled_size(part) + 1


class _Program:
    """The steps in the making: kind and up to three numbers each."""

    def __init__(self) -> None:
        self._steps: list[list[int]] = []
        self._targets: list[int] = []
        self._words: list[npt.NDArray[np.uint64]] = []
        self._known: dict[tuple[str, ...], list[int]] = {}
        self._run: list[str] = []
        self._end = 0
        self.widths: dict[int, int] = {}

    def finished(self) -> tuple[Rows, Rows, Rows]:
        """Steps, targets of choices and words, for the kernel."""
        self._flush()
        steps = np.array([*self._steps, [_END, 0, 0, 0, 0]], np.uint64)
        return (
            steps,
            np.array(self._targets, np.uint64),
            np.concatenate([*self._words, np.zeros(SLACK // 8, np.uint64)]),
        )

    def add(self, pattern: Pattern) -> None:
        """Append a pattern's steps."""
        match pattern:
            case Characters(choices):
                if math.prod(map(len, self._run)) * len(choices) > _MOST_WORDS:
                    self._flush()
                self._run.append(choices)
            case Joined(parts):
                for part in parts:
                    self.add(part)
            case Either(options):
                self._either(options)
            case Repeated(part, least, most):
                self._repeated(part, least, most)

    def _either(self, options: tuple[Pattern, ...]) -> None:
        choice = self._choose(len(options))
        jumps = []
        for at, option in enumerate(options):
            self._aim(choice, at)
            self.add(option)
            self._flush()
            jumps.append(len(self._steps))
            self._steps.append([_JUMP, 0, 0, 0, 0])
        for jump in jumps:
            self._steps[jump][1] = len(self._steps)

    def _repeated(self, part: Pattern, least: int, most: int) -> None:
        """Write `most` copies; a choice enters the row of them late enough for fewer."""
        if least < most:
            choice = self._choose(most - least + 1)
        for copy in range(most):
            if least < most and copy <= most - least:
                self._aim(choice, copy)
            self.add(part)
        if least < most and least == 0:
            self._aim(choice, most)

    def _choose(self, options: int) -> int:
        self._flush()
        self._steps.append([_CHOICE, len(self._targets), options, 0, 0])
        self._targets += [0] * options
        return len(self._targets) - options

    def _aim(self, choice: int, option: int) -> None:
        self._flush()
        self._targets[choice + option] = len(self._steps)

    def _flush(self) -> None:
        """End a run of classes: one draw from all their combinations."""
        if not self._run:
            return
        words = [""]
        for choices in self._run:
            words = [word + choice for word in words for choice in choices]
        self._steps.append(self._word_step(tuple(words), len(self._run)))
        self.widths[len(self._steps) - 1] = max(len(word.encode()) for word in words)
        self._run = []

    def _word_step(self, words: tuple[str, ...], characters: int) -> list[int]:
        if words not in self._known:
            slots, lengths = slot_table(words)
            records = np.concatenate([lengths[:, None], slots.view(np.uint64)], axis=1)
            self._known[words] = [_WORD, self._end, len(words), 8 * records.shape[1], characters]
            self._words.append(records.reshape(-1))
            self._end += records.nbytes
        return self._known[words]


def _extents(steps: Rows, targets: Rows, widths: dict[int, int]) -> tuple[Rows, int]:
    """Fewest characters from each step to the end, and the most bytes from the first one."""
    least, most = [0] * len(steps), [0] * len(steps)
    for at in range(len(steps) - 2, -1, -1):
        kind, first, count, _, characters = (int(number) for number in steps[at])
        if kind == _WORD:
            least[at], most[at] = characters + least[at + 1], widths[at] + most[at + 1]
            continue
        ways = [int(way) for way in targets[first : first + count]] if kind == _CHOICE else [first]
        least[at], most[at] = min(least[way] for way in ways), max(most[way] for way in ways)
    return np.array(least, np.uint64), most[0]


@compiled
def _write_patterns(
    rows: Rows,
    key: np.uint64,
    steps: Rows,
    targets: Rows,
    least: Rows,
    pool: Rows,
    limit: np.uint64,
    offsets: npt.NDArray[np.int32],
    data: Bytes,
) -> None:
    words = np.uint64(pool.ctypes.data)
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(rows)):
        stream, at, left = mix(rows[i] + key), np.uint64(0), limit
        while steps[at, 0] != np.uint64(_END):
            stream += np.uint64(1)
            if steps[at, 0] == np.uint64(_WORD):
                word = words + steps[at, 1] + multiply_high(mix(stream), steps[at, 2]) * steps[at, 3]
                end = copy_slot(end, word + np.uint64(8), load64(word))
                left -= steps[at, 4]
                at += np.uint64(1)
            elif steps[at, 0] == np.uint64(_CHOICE):
                at = _chosen(stream, steps[at, 1], steps[at, 2], targets, least, left)
            else:
                at = steps[at, 1]
        offsets[i + 1] = np.int32(end - start)


@compiled
def _chosen(
    stream: np.uint64, first: np.uint64, count: np.uint64, targets: Rows, least: Rows, left: np.uint64
) -> np.uint64:
    """Draw a way that still fits: again while it does not, then the next one that does."""
    draw = mix(stream)
    way = multiply_high(draw, count)
    for _ in range(_TRIES):
        if least[targets[first + way]] <= left:
            break
        draw = mix(draw)
        way = multiply_high(draw, count)
    while least[targets[first + way]] > left:
        way = way + np.uint64(1) if way + np.uint64(1) < count else np.uint64(0)
    return np.uint64(targets[first + way])
