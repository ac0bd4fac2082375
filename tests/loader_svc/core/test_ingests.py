"""What an ingest decides, from sights and records alone."""

import pytest

from loader_svc.core.ingests import (
    LONGEST_PAUSE_LOOKS,
    FileState,
    IngestedFile,
    ReadFile,
    Sight,
    after_failure,
    is_due,
    next_loads,
    taken,
    takes,
    to_read,
)
from loader_svc.core.loads import Failure

AWAY = Failure("WAREHOUSE_UNAVAILABLE", "the warehouse cannot be reached")
WRONG = Failure("VALUE_OUT_OF_RANGE", "a value does not fit")


def file(name: str, state: FileState, failure: Failure | None = None, tries: int = 1) -> IngestedFile:
    return IngestedFile(ReadFile(Sight(name, 10, 5), "sum", 3, failure), state, 1, tries)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.parquet", "a.parquet", True),
        ("*.parquet", "deep/er/a.parquet", True),
        ("*.parquet", "a.parquet.tmp", False),
        ("*.parquet", "_temporary/0/a.parquet", False),
        ("*.parquet", ".a.parquet", False),
        ("*.parquet", "_a.parquet", False),
        ("2026/*.parquet", "2026/a.parquet", True),
        ("2026/*.parquet", "2025/a.parquet", False),
        ("orders-?.parquet", "x/orders-7.parquet", True),
    ],
)
def test_a_pattern_is_for_names_or_for_paths(pattern: str, path: str, expected: bool) -> None:
    """What is being written, or is no data, is left out however wide the pattern is."""
    assert takes(pattern, path) is expected


def test_files_are_read_once_they_are_settled_and_news() -> None:
    """Reading every file at every look would be the whole bucket every five seconds."""
    sights = {name: Sight(name, 10, 5) for name in ("new", "growing", "loaded", "refused", "loading", "changed")}
    before = sights | {"growing": Sight("growing", 8, 4)}
    known = {
        "loaded": file("loaded", FileState.LOADED),
        "loading": IngestedFile(ReadFile(Sight("loading", 1, 1)), FileState.LOADING),
        "refused": file("refused", FileState.REFUSED, WRONG),
        "changed": IngestedFile(ReadFile(Sight("changed", 9, 4), "sum"), FileState.LOADED),
    }
    assert [sight.uri for sight in to_read(sights.values(), before, known, 10)] == ["new", "changed"]
    assert [sight.uri for sight in to_read(sights.values(), before, known, 1)] == ["new"]
    assert to_read(sights.values(), {}, {}, 10) == []


def test_what_was_loaded_is_never_loaded_again() -> None:
    """Whatever is written over it, and whether it can be read or not."""
    loaded, sight = file("a", FileState.LOADED), Sight("a", 12, 6)
    assert taken(ReadFile(sight, "sum", 3), loaded) is FileState.LOADED
    assert taken(ReadFile(sight, "other", 4), loaded) is FileState.CHANGED
    assert taken(ReadFile(sight, "other", failure=WRONG), loaded) is FileState.CHANGED
    assert taken(ReadFile(sight, "sum", 3), file("a", FileState.CHANGED)) is FileState.LOADED
    assert taken(ReadFile(sight, "other", 4), file("a", FileState.REFUSED, WRONG)) is FileState.LOADING


def test_who_is_to_blame_is_found_by_halves() -> None:
    """One bad file of 500 costs about nine loads more, not 500."""
    waiting = [file(str(number), FileState.WAITING, WRONG) for number in range(5)]
    assert [len(each) for each in next_loads(waiting)] == [2, 3]
    assert [len(each) for each in next_loads(waiting[:1])] == [1]
    away = [file(str(number), FileState.WAITING, AWAY) for number in range(5)]
    assert [len(each) for each in next_loads(away)] == [5]
    assert after_failure(WRONG, 5) is FileState.WAITING
    assert after_failure(WRONG, 1) is FileState.REFUSED
    assert after_failure(AWAY, 1) is FileState.WAITING
    assert after_failure(Failure("ABORTED_BY_USER", "stopped"), 5) is FileState.REFUSED


def test_a_warehouse_that_is_away_is_asked_less_and_less_often() -> None:
    """A failed load every five seconds would fill the history by the morning."""
    look = 5
    assert is_due(file("a", FileState.WAITING, WRONG, tries=9), 0, look)
    assert not is_due(file("a", FileState.WAITING, AWAY, tries=1), 9, look)
    assert is_due(file("a", FileState.WAITING, AWAY, tries=1), 10, look)
    assert is_due(file("a", FileState.WAITING, AWAY, tries=90), LONGEST_PAUSE_LOOKS * look, look)
