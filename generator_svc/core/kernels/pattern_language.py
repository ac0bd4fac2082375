"""All texts of a pattern, numbered: a deterministic automaton, counted from its ends, so that no text counts twice.

The row's number in a permutation of all texts is taken apart along the automaton. Where there are more texts than
64 bits count, the first characters are drawn instead, only towards places that still have more texts than any table
has rows: two rows that share them part later, because a text has one path and its number from there is the row's own.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.kernel import row_range
from generator_svc.core.kernels.pattern_syntax import Characters, Either, Joined, Pattern, Repeated
from generator_svc.core.kernels.pattern_text import too_broad, too_long, unrolled_size
from generator_svc.core.kernels.slots import Bytes, TextBuffers, string_cells
from generator_svc.core.permutation import permute_one, round_count
from generator_svc.core.primitives import Rows, compiled, derive_key, mix, multiply_high, store64

_MOST_STEPS: Final = 20_000
_MOST_NODES: Final = 50_000
_COUNTED: Final = 1 << 64
_ENOUGH: Final = 1 << 44
"""More values than any table has rows."""
_ENDS, _WIDE, _FIRST, _LAST, _RADIX_A, _RADIX_B, _TOP = range(7)
_BEFORE, _EACH, _NEXT, _LETTER = range(4)


@dataclass(slots=True)
class _Node:
    """A state of the automaton after some number of characters."""

    ends: bool
    edges: list[tuple[str, int]] = field(default_factory=list)
    """Characters and the node that they lead to."""
    count: int = 0


class Language:
    """The texts of a pattern that have at most `limit` characters (0: any)."""

    def __init__(self, pattern: Pattern, limit: int = 0) -> None:
        if unrolled_size(pattern) > _MOST_STEPS:
            raise too_broad(f"it unrolls to more than {_MOST_STEPS} steps")
        self.nodes, self.longest = _layers(_Automaton(pattern), limit)
        for node in reversed(self.nodes):
            node.edges = [(letters, to) for letters, to in node.edges if self.nodes[to].count]
            node.count = node.ends + sum(len(letters) * self.nodes[to].count for letters, to in node.edges)
        if not self.size:
            raise too_long(limit + 1, limit)

    @property
    def size(self) -> int:
        """How many texts there are."""
        return self.nodes[0].count


class DistinctPatternKernel:
    """A different text of a language in every row."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, language: Language, key: np.uint64) -> None:
        self._key, self._most_bytes = key, max(4 * language.longest, 1)
        self._nodes, self._edges, self._letters = _tables(language.nodes)
        rounds = round_count(min(language.size, _ENOUGH))
        self._rounds = np.array([derive_key("round", int(key), language.size, n) for n in range(rounds)], np.uint64)

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        return string_cells(rows, self._most_bytes, self._fill)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))

    def _fill(self, rows: Rows, buffers: TextBuffers) -> None:
        tables = self._nodes, self._edges, self._letters, self._rounds
        _write_texts(rows, self._key, *tables, buffers.offsets, buffers.data)


class _Automaton:
    """Thompson's automaton of a pattern, made deterministic as it is walked."""

    def __init__(self, pattern: Pattern) -> None:
        self._free: list[list[int]] = []
        self._steps: list[tuple[frozenset[int], int] | None] = []
        self._atoms, self._atoms_of = _partition(_classes(pattern))
        self._start = self._state()
        self._final = self._add(pattern, self._start)
        self._ways: dict[frozenset[int], list[tuple[str, frozenset[int]]]] = {}

    def start(self) -> frozenset[int]:
        """Tell where every text begins."""
        return self._closed([self._start])

    def ends(self, states: frozenset[int]) -> bool:
        """Tell whether a text may end here."""
        return self._final in states

    def ways(self, states: frozenset[int]) -> list[tuple[str, frozenset[int]]]:
        """Characters that may follow, and where they lead."""
        if states not in self._ways:
            found: dict[int, list[int]] = {}
            for state in states:
                if step := self._steps[state]:
                    for atom in step[0]:
                        found.setdefault(atom, []).append(step[1])
            merged: dict[frozenset[int], str] = {}
            for atom in sorted(found):
                target = self._closed(found[atom])
                merged[target] = merged.get(target, "") + self._atoms[atom]
            self._ways[states] = sorted(("".join(sorted(letters)), target) for target, letters in merged.items())
        return self._ways[states]

    def _state(self) -> int:
        self._free.append([])
        self._steps.append(None)
        return len(self._free) - 1

    def _add(self, pattern: Pattern, start: int) -> int:
        """Append a pattern behind `start`; the state behind it."""
        match pattern:
            case Characters(choices):
                end = self._state()
                self._steps[self._after(start)] = (self._atoms_of[choices], end)
                return end
            case Joined(parts):
                for part in parts:
                    start = self._add(part, start)
                return start
            case Either(options):
                ends = [self._add(option, self._after(start)) for option in options]
                return self._joined(ends)
            case Repeated(part, least, most):
                ways_out = []
                for copy in range(most):
                    if copy >= least:
                        ways_out.append(start)
                    start = self._add(part, self._after(start))
                return self._joined([*ways_out, start])

    def _after(self, state: int) -> int:
        fresh = self._state()
        self._free[state].append(fresh)
        return fresh

    def _joined(self, ends: Iterable[int]) -> int:
        end = self._state()
        for each in ends:
            self._free[each].append(end)
        return end

    def _closed(self, states: Iterable[int]) -> frozenset[int]:
        """Add what is reached without a character; keep the states that matter."""
        seen: set[int] = set()
        left = list(states)
        while left:
            state = left.pop()
            if state not in seen:
                seen.add(state)
                left += self._free[state]
        return frozenset(state for state in seen if self._steps[state] or state == self._final)


def _classes(pattern: Pattern) -> Iterator[str]:
    match pattern:
        case Characters(choices):
            yield choices
        case Joined(parts) | Either(parts):
            for part in parts:
                yield from _classes(part)
        case Repeated(part, _, _):
            yield from _classes(part)


def _partition(classes: Iterable[str]) -> tuple[list[str], dict[str, frozenset[int]]]:
    """Group characters that no class tells apart; each class as a set of groups."""
    distinct = sorted(set(classes))
    members: dict[str, list[int]] = {}
    for number, choices in enumerate(distinct):
        for letter in choices:
            members.setdefault(letter, []).append(number)
    groups: dict[tuple[int, ...], str] = {}
    for letter in sorted(members):
        groups[tuple(members[letter])] = groups.get(tuple(members[letter]), "") + letter
    of_class: dict[str, set[int]] = {choices: set() for choices in distinct}
    for atom, numbers in enumerate(groups):
        for number in numbers:
            of_class[distinct[number]].add(atom)
    return list(groups.values()), {choices: frozenset(atoms) for choices, atoms in of_class.items()}


def _layers(automaton: _Automaton, limit: int) -> tuple[list[_Node], int]:
    """Nodes by the number of characters before them, and that number's largest."""
    layer = {automaton.start(): 0}
    nodes = [_Node(automaton.ends(automaton.start()))]
    length = 0
    while True:
        following: dict[frozenset[int], int] = {}
        for states, number in layer.items():
            for letters, target in automaton.ways(states) if not limit or length < limit else ():
                if target not in following:
                    following[target] = len(nodes)
                    nodes.append(_Node(automaton.ends(target)))
                nodes[number].edges.append((letters, following[target]))
        if len(nodes) > _MOST_NODES:
            raise too_broad(f"its texts take more than {_MOST_NODES} states to count")
        if not following:
            return nodes, length
        layer, length = following, length + 1


def _tables(nodes: Sequence[_Node]) -> tuple[Rows, Rows, Rows]:
    """Nodes, their edges and the edges' characters (bytes, the count of them on top), as the kernel reads them."""
    node_rows: list[list[int]] = []
    edge_rows: list[list[int]] = []
    letter_rows: list[int] = []
    for node in nodes:
        wide = node.count >= _COUNTED
        first, before = len(edge_rows), 0
        for letters, to in node.edges:
            if wide and nodes[to].count < _ENOUGH:
                continue
            each = 1 if wide else nodes[to].count
            edge_rows.append([before, each, to, len(letter_rows)])
            letter_rows += [int.from_bytes(e := letter.encode(), "little") | len(e) << 56 for letter in letters]
            before += each * len(letters)
        radix = math.isqrt(max(node.count - 1, 0)) + 1
        numbers = [before, 0, 0] if wide else [radix, -(-node.count // radix) or 1, max(node.count - 1, 0)]
        node_rows.append([node.ends and not wide, wide, first, len(edge_rows), *numbers])
    shape = [np.array(rows or [[0] * 4], np.uint64) for rows in (node_rows, edge_rows)]
    return shape[0], shape[1], np.array(letter_rows or [0], np.uint64)


@compiled
def _write_texts(
    rows: Rows,
    key: np.uint64,
    nodes: Rows,
    edges: Rows,
    letters: Rows,
    rounds: Rows,
    offsets: npt.NDArray[np.int32],
    data: Bytes,
) -> None:
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(rows)):
        stream, node = mix(rows[i] + key), np.uint64(0)
        while nodes[node, _WIDE]:
            stream += np.uint64(1)
            number = multiply_high(mix(stream), nodes[node, _RADIX_A])
            number, node, end = _step(number, node, nodes, edges, letters, end)
        radix_a, radix_b, top = nodes[node, _RADIX_A], nodes[node, _RADIX_B], nodes[node, _TOP]
        number = permute_one(rows[i], radix_a, radix_b, top, rounds)
        while number > np.uint64(0) or not nodes[node, _ENDS]:
            number, node, end = _step(number - nodes[node, _ENDS], node, nodes, edges, letters, end)
        offsets[i + 1] = np.int32(end - start)


@compiled
def _step(
    number: np.uint64, node: np.uint64, nodes: Rows, edges: Rows, letters: Rows, end: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Write one character; the number that is left, the next node, the address behind the character."""
    edge = nodes[node, _FIRST]
    while edge + np.uint64(1) < nodes[node, _LAST] and edges[edge + np.uint64(1), _BEFORE] <= number:
        edge += np.uint64(1)
    rest = number - edges[edge, _BEFORE]
    which = rest // edges[edge, _EACH]
    letter = letters[edges[edge, _LETTER] + which]
    store64(end, letter)
    return rest - which * edges[edge, _EACH], edges[edge, _NEXT], end + (letter >> np.uint64(56))
