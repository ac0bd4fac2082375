"""How every list command answers: entries of all pages up to a limit, as a table or as JSON."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from dwsim_cli.mesh import Mesh
from dwsim_cli.output import Output, as_dict
from dwsim_cli.paging import Answer, collect
from dwsim_cli.session import Session

Entry = TypeVar("Entry", bound=Message)


def show_list(
    session: Session,
    fetch: Callable[[Mesh, int, str], Awaitable[Answer]],
    entries: Callable[[Answer], Iterable[Entry]],
    limit: int,
    name: str,
    show: Callable[[Output, Sequence[Entry]], None],
) -> None:
    """List up to `limit` entries; `name` is what they are called in JSON. `fetch` takes a page's size and token."""

    async def work(mesh: Mesh) -> tuple[list[Entry], bool]:
        return await collect(lambda size, token: fetch(mesh, size, token), entries, limit)

    found, more = session.run(work)
    if session.output.as_json:
        session.output.document({name: [as_dict(entry) for entry in found]})
        return
    show(session.output, found)
    if more:
        session.output.note(f"there are more than {limit}; --limit shows more")
