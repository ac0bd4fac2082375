"""Memory between queries: what results took goes back to the system, where the allocator would keep it for good."""

import asyncio
from collections.abc import Callable

from dwsim_wire.memory import give_freed_memory_back

EVERY_SECONDS = 10.0


async def give_memory_back(answered: Callable[[], int]) -> None:
    """Give freed memory back every few seconds in which queries were answered, until cancelled."""
    seen = answered()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if seen != (seen := answered()):
            await asyncio.to_thread(give_freed_memory_back)
