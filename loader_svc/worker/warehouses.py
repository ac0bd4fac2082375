"""The configured warehouses, in the server-wide order of priority."""

from collections.abc import Sequence

from loader_svc.core.faults import UnknownWarehouse
from loader_svc.core.loads import Failure, Route, Run
from loader_svc.warehouses.writer import Writer


class Warehouses:
    """Writers by kind; the first is the default."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = {writer.kind: writer for writer in writers}

    def all(self) -> list[Writer]:
        """Every writer, the default first."""
        return list(self._writers.values())

    def has(self, kind: str) -> bool:
        """Whether a warehouse is configured."""
        return kind in self._writers

    def writer(self, kind: str) -> Writer:
        """The writer of a configured warehouse."""
        if kind in self._writers:
            return self._writers[kind]
        configured = ", ".join(self._writers)
        raise UnknownWarehouse(
            f"warehouse {kind} is not configured; {configured} is",
            hint=f"name {configured} as the target warehouse, or none",
            metadata={"warehouse": kind},
        )

    def route(self, run: Run, requested: str = "") -> Route:
        """Where a load of `run` goes: what was requested, else the experiment's warehouse, else the default."""
        return self.place(run.experiment, run.experiment_id, requested or run.document.target_warehouse)

    def place(self, experiment: str, experiment_id: str, wanted: str) -> Route:
        """Where rows of an experiment go in the wanted warehouse, or in the default one."""
        writer = self.writer(wanted or next(iter(self._writers)))
        return Route(writer.kind, writer.namespace(experiment, experiment_id))

    def route_or_fail(self, run: Run) -> Route:
        """`route` of a load that nobody waits for: a warehouse that is not configured is the load's failure."""
        try:
            return self.route(run)
        except UnknownWarehouse as fault:
            return Route(run.document.target_warehouse, "", Failure.of(fault))
