"""Memory between queries: what results took goes back to the system, where the allocator would keep it for good.

Python looks for cycles among all objects only where a quarter as many are new: queries that were left would wait in
memory for thousands of others.
"""

import asyncio
import gc
from collections.abc import Callable

from dwsim_wire.memory import give_freed_memory_back

EVERY_SECONDS = 10.0


async def give_memory_back(answered: Callable[[], int]) -> None:
    """Give freed memory back every few seconds in which queries were answered, until cancelled."""
    seen = answered()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if seen != (seen := answered()):
            await asyncio.to_thread(_give_back)


def _give_back() -> None:
    gc.collect()
    give_freed_memory_back()
