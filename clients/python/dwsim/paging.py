"""Pages joined into one list."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

LARGEST_PAGE = 500


class Page(Protocol):
    """What every list rpc answers."""

    next_page_token: str


Entry = TypeVar("Entry")
Answer = TypeVar("Answer", bound=Page)


async def collect(
    fetch: Callable[[int, str], Awaitable[Answer]], entries: Callable[[Answer], Iterable[Entry]], limit: int | None
) -> list[Entry]:
    """All entries of all pages, or the first `limit`."""
    found: list[Entry] = []
    token = ""
    while limit is None or len(found) < limit:
        page = await fetch(LARGEST_PAGE if limit is None else min(limit - len(found), LARGEST_PAGE), token)
        found.extend(entries(page))
        token = page.next_page_token
        if not token:
            break
    return found
