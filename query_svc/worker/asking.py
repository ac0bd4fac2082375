"""What a client asks: a statement, and where its names are looked up."""

from dataclasses import dataclass

from dwsim_wire.fault import InvalidArgument
from query_svc.core.catalog import Place
from query_svc.worker.locating import Locator
from query_svc.worker.scratching import ScratchDesk


@dataclass(frozen=True)
class Ask:
    """A statement as a client sent it."""

    sql: str
    experiment: str = ""
    dialect: str = ""
    query_id: str = ""
    client: str = ""
    owner: str = ""
    scratch: str = ""
    allow_writes: bool = False


async def home_of(ask: Ask, locator: Locator, scratches: ScratchDesk) -> Place | None:
    """The experiment of a statement, with the scratch that it names."""
    if not ask.experiment:
        if ask.scratch:
            raise InvalidArgument(
                "a scratch belongs to an experiment", hint="name one", metadata={"field": "experiment"}
            )
        return None
    home = await locator.locate(ask.experiment)
    return await scratches.beside(home, ask.owner, ask.scratch) if ask.scratch else home
