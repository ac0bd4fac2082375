"""Changes: worker threads say that something changed, streams wait for it."""

import asyncio


class Changes:
    """A bell that any thread can ring; waiters hold the ticket of the ring that they know."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake all waiters; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring)

    def ticket(self) -> asyncio.Event:
        """What the next ring will set: take it before you read."""
        return self._next

    @staticmethod
    async def wait(ticket: asyncio.Event, seconds: float) -> None:
        """Wait for the ring after `ticket` was taken, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await ticket.wait()
        except TimeoutError:
            return

    def _ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()
