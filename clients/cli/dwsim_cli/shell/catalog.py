"""Names that can be completed. Silent: what cannot be asked is not completed."""

from dwsim.query.v1 import query_service_pb2 as query

from dwsim_cli.mesh import Mesh
from dwsim_wire.fault import Fault

SECONDS = 5.0


class Catalog:
    """Tables and columns of one experiment, asked once."""

    def __init__(self, mesh: Mesh, experiment: str) -> None:
        self._mesh = mesh
        self.turn_to(experiment)

    def turn_to(self, experiment: str) -> None:
        """Forget what was asked and ask of another experiment."""
        self.experiment = experiment
        self._tables: list[str] | None = None
        self._columns: dict[str, list[str]] = {}

    async def tables(self) -> list[str]:
        """Names of the tables."""
        if self._tables is None:
            request = query.ListTablesRequest(experiment=self.experiment)
            try:
                answer = await self._mesh.call(self._mesh.query.ListTables, request, timeout=SECONDS)
            except Fault:
                return []
            self._tables = [table.name for table in answer.tables]
        return self._tables

    async def columns(self, table: str) -> list[str]:
        """Names of a table's columns."""
        known = {name.lower(): name for name in await self.tables()}
        name = known.get(table.strip('"').lower())
        if name is None:
            return []
        if name not in self._columns:
            request = query.DescribeTableRequest(experiment=self.experiment, table=name)
            try:
                answer = await self._mesh.call(self._mesh.query.DescribeTable, request, timeout=SECONDS)
            except Fault:
                return []
            self._columns[name] = [column.name for column in answer.columns]
        return self._columns[name]
