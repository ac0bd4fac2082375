"""What the worker asks of the loader."""

from typing import Protocol

from query_svc.core.catalog import Place


class Locator(Protocol):
    """Finds where an experiment's tables are."""

    async def locate(self, experiment: str) -> Place:
        """Place of an experiment by name or id; raises UnknownExperiment."""
