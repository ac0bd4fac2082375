"""Where in a JSON or YAML text a value of the document is: line and column, both from 1."""

import bisect
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import yaml

Path = tuple[int | str, ...]
_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[{}\[\],:])|(?P<word>[^\s{}\[\],:"]+)|(?P<bad>.))')
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Place(NamedTuple):
    """A place in a text."""

    line: int
    column: int


class Spot(NamedTuple):
    """A value of a JSON text: its path, where it begins, and where its key begins."""

    path: Path
    offset: int
    key_offset: int
    text: str


def steps(path: str) -> Path:
    """Split `tables[1].columns[2].name` into its steps."""
    return tuple(int(number) if number else name for number, name in _STEP.findall(path))


class JsonPlaces:
    """Places in a JSON text that is well-formed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> Place:
        """Line and column of an offset."""
        line = bisect.bisect_right(self._line_starts, offset)
        return Place(line, offset - self._line_starts[line - 1] + 1)

    def find(self, paths: Sequence[Path]) -> dict[Path, Place]:
        """Places of the keys, or of the list's elements, at these paths."""
        wanted = set(paths)
        return {spot.path: self.at(spot.key_offset) for spot in self.spots() if spot.path in wanted}

    def spots(self) -> Iterator[Spot]:
        """Every value in the order of the text."""
        stack: list[_Open] = []
        for match in _TOKEN.finditer(self._text):
            kind, text = match.lastgroup, match[match.lastgroup or 0]
            offset = match.start(kind or 0)
            top = stack[-1] if stack else None
            if top and top.step(kind, text, offset):
                continue
            if text in "}]" and stack:
                stack.pop()
                continue
            path = (*top.path, top.key) if top else ()
            yield Spot(path, offset, top.key_offset if top and top.key_offset >= 0 else offset, text)
            if text in "{[":
                stack.append(_Open(path, text == "{"))


class _Open:
    """An object or list that is being read."""

    def __init__(self, path: Path, is_object: bool) -> None:
        self.path = path
        self.key: int | str = "" if is_object else 0
        self.key_offset = -1
        self._is_object = is_object
        self._at_key = is_object

    def step(self, kind: str | None, text: str, offset: int) -> bool:
        """Take a comma, a colon or a key; False for a value or an end."""
        if text == "," and kind == "mark":
            self._at_key = self._is_object
            self.key = self.key if isinstance(self.key, str) else self.key + 1
            return True
        if text == ":" and kind == "mark":
            self._at_key = False
            return True
        if self._at_key and kind == "string":
            self.key, self.key_offset = _unescaped(text), offset
            return True
        return False


class YamlPlaces:
    """Places in a YAML text, of its nodes."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root

    def find(self, paths: Sequence[Path]) -> dict[Path, Place]:
        """Places of the keys, or of the list's elements, at these paths."""
        found = {path: self._find(path) for path in paths}
        return {path: place for path, place in found.items() if place}

    def _find(self, path: Path) -> Place | None:
        node, mark = self._root, None
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next(((k, v) for k, v in node.value if str(k.value) == str(step)), None)
                if pair is None:
                    return None
                mark, node = pair[0].start_mark, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                mark = node.start_mark
            else:
                return None
        return Place(mark.line + 1, mark.column + 1) if mark else None


def nearest(places: JsonPlaces | YamlPlaces, paths: Sequence[Path]) -> dict[Path, Place]:
    """Places of paths; of one that is not in the text, that of what is around it."""
    around = {path[:length] for path in paths for length in range(1, len(path) + 1)}
    known = places.find(sorted(around, key=len))
    found = {}
    for path in paths:
        lengths = range(len(path), 0, -1)
        if place := next((known[path[:length]] for length in lengths if path[:length] in known), None):
            found[path] = place
    return found


def _unescaped(text: str) -> str:
    return text[1:-1] if "\\" not in text else str(yaml.safe_load(text))
