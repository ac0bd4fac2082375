"""The seed of a fault run: printed, and settable to see the same faults again."""

import os
import random
import secrets

VARIABLE = "FAULT_SEED"


def seeded() -> tuple[int, random.Random]:
    """A seed, that of the environment where it has one, and the chance that it makes."""
    seed = int(os.environ.get(VARIABLE) or secrets.randbits(32))
    print(f"{VARIABLE}={seed} repeats these faults")
    return seed, random.Random(seed)
