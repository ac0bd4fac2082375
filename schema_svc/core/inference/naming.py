"""Words of names: `orderItems`, `ORDER_ITEMS` and `orderitems` are of the words order and items."""

import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_LEAST_WORD = 3
_LONGEST_GLUED = 40
_SHORT_PARTS = frozenset(("id", "is", "at", "no"))
TABLE_WORDS = frozenset({"dim", "fact", "stg", "ref", "lkp", "lookup", "tbl", "src", "raw", "d", "f", "dwh"})
"""Words that say what a table is for, not what is in it."""
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index"}


@lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """Split snake_case and camelCase into lower-case words."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """The singular of an English noun, as far as table names need it."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def nouns_of(table: str) -> tuple[str, ...]:
    """Words of a table's name without those that every table has; the last one singular."""
    words = words_of(table)
    kept = tuple(word for word in words if word not in TABLE_WORDS) or words
    return (*kept[:-1], singular(kept[-1])) if kept else ()


class Vocabulary:
    """Known words, into which words without anything between are split: `venuecity`, but never `capacity`."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._split: dict[str, tuple[str, ...]] = {}

    def split(self, words: Iterable[str]) -> tuple[str, ...]:
        """Split each word into the fewest known ones; one that cannot be split stays as it is."""
        parts: list[str] = []
        for word in words:
            known = self._split.get(word)
            if known is None:
                known = self._split[word] = self._parts(word)
            parts += known
        return tuple(parts)

    def _parts(self, word: str) -> tuple[str, ...]:
        if word in self._words or len(word) > _LONGEST_GLUED:
            return (word,)
        best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for begin in range(end):
                before = best[begin]
                if before is None or not self._is_part(word[begin:end]):
                    continue
                known = best[end]
                if known is None or len(before) + 1 < len(known):
                    best[end] = (*before, word[begin:end])
        return best[-1] or (word,)

    def _is_part(self, part: str) -> bool:
        return part in self._words and (len(part) >= _LEAST_WORD or part in _SHORT_PARTS)
