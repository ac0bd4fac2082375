"""The bell: wakes everyone on the event loop who waits for the store to change; rung from any thread."""

import asyncio
import contextlib


class Bell:
    """A condition without a lock: take a ticket, look, then wait until the bell rang after the ticket was taken."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ticket = asyncio.Event()

    def ring(self) -> None:
        """Wake all who hold a ticket; a loop that has ended has no one to wake."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._turn)

    def ticket(self) -> asyncio.Event:
        """Take a ticket before looking at what may change."""
        return self._ticket

    async def wait(self, ticket: asyncio.Event, seconds: float) -> bool:
        """Wait until the bell rings; False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await ticket.wait()
        except TimeoutError:
            return False
        return True

    def _turn(self) -> None:
        rung, self._ticket = self._ticket, asyncio.Event()
        rung.set()
