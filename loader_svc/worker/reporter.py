"""Reports to the generator: which runs are loaded whole, so that files that nobody needs any more go.

What is to be reported is found in the store, so that a report is repeated until the generator has answered it, whatever
dies between.
"""

import asyncio
import logging

from dwsim_wire.bell import Bell
from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Unavailable
from loader_svc.core.loads import LoadedRun
from loader_svc.peers import GeneratorPeer
from loader_svc.store.log import LogStore

log = logging.getLogger("dwsim.loader")
LOOK_AGAIN_SECONDS = 5.0
NOT_ITS_RUN = frozenset({"UNKNOWN_RUN", "LOG_REPLACED"})


class Reporter:
    """One reporter to one generator."""

    def __init__(self, peer: GeneratorPeer, store: LogStore, changes: Bell) -> None:
        self._peer, self._store, self._changes = peer, store, changes

    async def run(self) -> None:
        """Report until cancelled, whenever loads changed."""
        while True:
            ticket = self._changes.ticket()
            try:
                for run in await asyncio.to_thread(self._store.loaded_runs):
                    await self._report(run)
            except Unavailable:
                log.debug("the generator cannot be reached")
            except Exception:
                log.exception("loaded runs cannot be reported; trying again")
            await self._changes.wait(ticket, LOOK_AGAIN_SECONDS)

    async def _report(self, run: LoadedRun) -> None:
        try:
            await self._peer.report_loaded(run)
        except RemoteFault as fault:
            log.warning("not reported", extra={"facts": {"run_id": run.run_id, "reason": fault.reason}})
            if fault.reason not in NOT_ITS_RUN:
                return
        await asyncio.to_thread(self._store.reported, run.key)
