"""Golden change sets: content hashes by form. If one changes, the engine's version changes."""

import json
from pathlib import Path

from generator_svc.core.versions import ChangeOutput, Shares
from tests.generator_svc.core.company import begun, content

FILE = Path(__file__).parent / "change_sets.json"


def checksums() -> dict[str, str]:
    """Content hashes by form, version and table."""
    first = begun(seed=11).then(shares=Shares(0.2, 0.3, 0.1))
    chains = {f"{output.value} 2": first.then(output) for output in ChangeOutput} | {"CDC_FEED 1": first}
    return {
        f"{name} {table}": each for name, chain in chains.items() for table, each in content(chain.runs[-1]).items()
    }


def expected() -> dict[str, str]:
    """What the golden file says."""
    known: dict[str, str] = json.loads(FILE.read_text())
    return known


def rewrite() -> None:
    """Write the golden file anew."""
    FILE.write_text(json.dumps(checksums(), indent=1) + "\n")
