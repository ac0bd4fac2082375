"""The line of a text that an error is about, with a caret below the place."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dwsim_wire.fault import Fault

MOST_EXCERPTS = 8
WIDEST = 100
_PLACE = re.compile(r"\(line (\d+), column (\d+)\)")


@contextmanager
def pointing_into(text: str, file: Path) -> Iterator[None]:
    """Let faults of a text show where in it they are."""
    try:
        yield
    except Fault as fault:
        for excerpt in excerpts(text, file, places_of(fault)):
            fault.add_note(excerpt)
        raise


def excerpts(text: str, file: Path, places: Iterable[tuple[int, int]]) -> list[str]:
    """Excerpts of the first places that the text has."""
    lines = text.splitlines()
    shown = [place for place in dict.fromkeys(places) if 0 < place[0] <= len(lines)]
    name = "stdin" if str(file) == "-" else str(file)
    return [_excerpt(lines[line - 1], name, line, column) for line, column in shown[:MOST_EXCERPTS]]


def places_of(fault: Fault) -> Iterator[tuple[int, int]]:
    """Lines and columns that a fault names."""
    line, column = fault.metadata.get("line", ""), fault.metadata.get("column", "")
    if line.isdecimal() and column.isdecimal():
        yield int(line), int(column)
    for _, message in fault.fields:
        for match in _PLACE.finditer(message):
            yield int(match[1]), int(match[2])


def _excerpt(line: str, name: str, number: int, column: int) -> str:
    """The line, cut around the place, and a caret below it; tabs count as one column."""
    cut = max(0, column - WIDEST // 2) if len(line) > WIDEST else 0
    shown = line[cut : cut + WIDEST].replace("\t", " ")
    margin = " " * len(str(number))
    caret = " " * (column - 1 - cut) + "^"
    return f"{margin}--> {name}:{number}:{column}\n{number} | {shown}\n{margin} | {caret}"
