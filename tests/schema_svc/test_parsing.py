"""The process that parses large texts: who asks gets the answer, whoever left meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schema_svc.worker.parsing import LARGE_TEXT, Parser
from tests.processes import wait_for
from tests.schema_svc.requests import eventually


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    started = Parser(seconds=20)
    yield started
    started.close()


def held(folder: Path, answer: str) -> str:
    """Parse a text that takes until the test lets it go."""
    (folder / "parsing").touch()
    wait_for((folder / "go on").exists, "the test")
    return answer


async def appears(path: Path) -> None:
    await eventually(lambda: asyncio.to_thread(path.exists))


async def test_a_client_that_leaves_does_not_leave_its_document_to_the_next_one(parser: Parser, tmp_path: Path) -> None:
    """Somebody else's schema under your own name is the worst answer there is."""
    for number in range(5):
        (folder := tmp_path / str(number)).mkdir()
        left = asyncio.create_task(parser.run(LARGE_TEXT, held, folder, "of the one who left"))
        await appears(folder / "parsing")
        left.cancel()
        others = [asyncio.create_task(parser.run(LARGE_TEXT, str.upper, name)) for name in "bcd"]
        await asyncio.sleep(0)
        (folder / "go on").touch()
        assert await asyncio.gather(*others) == ["B", "C", "D"]


async def test_who_leaves_while_waiting_is_not_parsed_for(parser: Parser, tmp_path: Path) -> None:
    """Impatient clients would queue up work that nobody wants."""
    first = asyncio.create_task(parser.run(LARGE_TEXT, held, tmp_path, "first"))
    await appears(tmp_path / "parsing")
    left = asyncio.create_task(parser.run(LARGE_TEXT, Path.touch, tmp_path / "parsed"))
    await asyncio.sleep(0)
    left.cancel()
    (tmp_path / "go on").touch()
    assert await first == "first"
    assert await parser.run(LARGE_TEXT, str.upper, "b") == "B"
    assert not (tmp_path / "parsed").exists()
