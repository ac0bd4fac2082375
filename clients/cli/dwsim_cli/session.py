"""One command from start to end: where the services are, how to print, how to run what is asynchronous."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import typer

from dwsim_cli.mesh import Mesh
from dwsim_cli.output import Output
from dwsim_cli.place import Place, find_place
from dwsim_wire.settings import default_data_dir

Result = TypeVar("Result")


@dataclass
class Root:
    """What the options before the command say."""

    as_json: bool = False
    data_dir: Path | None = None
    given: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """One command's place and output."""

    place: Place
    output: Output

    def run(self, work: Callable[[Mesh], Awaitable[Result]]) -> Result:
        """Run `work` with doors to the services."""

        async def within() -> Result:
            async with Mesh(self.place.doors, self.place.data_dir) as mesh:
                return await work(mesh)

        return asyncio.run(within())


def begin(ctx: typer.Context, as_json: bool, data_dir: Path | None = None) -> Session:
    """Begin a command; `data_dir` is its own, where it has the option."""
    root = ctx.find_root().obj
    assert isinstance(root, Root)
    root.as_json = root.as_json or as_json
    named = data_dir or root.data_dir
    place = find_place((named or default_data_dir()).absolute(), root.given, named=named is not None)
    return Session(place, Output(as_json=root.as_json))
