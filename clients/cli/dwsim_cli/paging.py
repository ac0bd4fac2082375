"""Pages joined into one list of at most so many entries."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

LARGEST_PAGE = 500


class Page(Protocol):
    """What every list rpc answers."""

    next_page_token: str


Entry = TypeVar("Entry")
Answer = TypeVar("Answer", bound=Page)


async def collect(
    fetch: Callable[[int, str], Awaitable[Answer]], entries: Callable[[Answer], Iterable[Entry]], limit: int
) -> tuple[list[Entry], bool]:
    """Up to `limit` entries of all pages, and whether there are more."""
    found: list[Entry] = []
    token = ""
    while True:
        page = await fetch(min(limit - len(found), LARGEST_PAGE), token)
        found.extend(entries(page))
        token = page.next_page_token
        if not token or len(found) >= limit:
            return found[:limit], bool(token) or len(found) > limit
