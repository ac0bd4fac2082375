"""Which runs a table of the target consists of, and so which run may be appended to it.

Every row once, keys unique: the rows of an append continue those of its base run, so they are right only behind exactly
the runs that the append was made upon. A run that the table has already changes nothing. A replay brings rejects of a
run that is there; it is no link of the chain, for whoever continues the run continues the rejects too.
"""

import hashlib
from collections.abc import Sequence

from loader_svc.core.faults import BaseNotLoaded

UNKNOWN = "?"
"""Stands for runs that nobody wrote down; equal to no run."""
ANY = "*"
"""The base of rows that go behind whatever a table has: those of ingested files."""
REPLAY = "+"
"""Stands between a run and the load whose rejects were tried again."""


def run_token(run_id: int, fingerprint: str) -> str:
    """Name of a run in a target: its number, and what tells it from a run of the same number in another log."""
    return f"{run_id}.{hashlib.blake2s(fingerprint.encode()).hexdigest()[:16]}"


def replay_token(run: str, load_uid: str) -> str:
    """Name in a target of the rejects of a load of `run`."""
    return f"{run}{REPLAY}{load_uid}"


def brings_rows(run: str, table: str, base_runs: Sequence[str], runs: Sequence[str]) -> bool:
    """Whether appending `run` to a table that consists of `runs` adds its rows; False where it has them already."""
    if run in runs:
        return False
    chain = [token for token in runs if REPLAY not in token]
    run_id = run.partition(".")[0]
    replayed, replays, _ = run.partition(REPLAY)
    if replays and replayed not in chain:
        raise BaseNotLoaded(
            f"table {table!r} has {_shown(chain)}, and not those of run {run_id}, whose rejects are tried again",
            hint="load the run again",
            metadata={"table": table, "run_id": run_id},
        )
    if not replays and ANY not in base_runs and chain != list(base_runs):
        raise BaseNotLoaded(
            f"table {table!r} has {_shown(chain)}; run {run_id} continues {_shown(base_runs)}",
            hint="load the runs that it continues first, in their order, or load a full run with mode OVERWRITE",
            metadata={"table": table, "run_id": run_id},
        )
    return True


def _shown(runs: Sequence[str]) -> str:
    if not runs:
        return "no rows"
    if UNKNOWN in runs:
        return "rows of an unknown run"
    numbers = [token.partition(".")[0] for token in runs]
    if "0" in numbers:
        return "rows of ingested files"
    return f"the rows of run{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
