"""The warehouse behind DW_SIMULATOR_REDSHIFT_URL: Redshift or its stand-in, as the server's version says.

It is asked at the first need, not before: a service starts while its warehouse is away.
"""

import contextlib
from collections.abc import Collection

from pydantic import SecretStr

from dwsim_wire.fault import Fault
from loader_svc.core import naming
from loader_svc.core.loads import LoadOrder, WarehouseStatus
from loader_svc.warehouses.postgres import PostgresWriter
from loader_svc.warehouses.postgres_faults import KIND
from loader_svc.warehouses.redshift import NAME, RedshiftWriter
from loader_svc.warehouses.redshift_copy import CopyAccess
from loader_svc.warehouses.redshift_session import Session
from loader_svc.warehouses.writer import Interrupts, Staging, Writer


class RedshiftOrStandIn:
    """A writer that becomes the one or the other."""

    kind = KIND

    def __init__(self, url: SecretStr, access: CopyAccess, connections: int = 1) -> None:
        """Take several connections for a load into the stand-in; Redshift itself is parallel within a COPY."""
        self._url, self._access, self._connections = url, access, connections
        self._found: Writer | None = None

    def namespace(self, experiment: str, experiment_id: str) -> str:
        """What the schema of an experiment is marked with, in both."""
        return naming.namespace(experiment, experiment_id)

    def status(self) -> WarehouseStatus:
        """Ask the server who it is; one that is away is taken for a stand-in until it answers."""
        try:
            return self._writer().status()
        except Fault as fault:
            return WarehouseStatus(self.kind, "", False, fault.message, stand_in=True, can_enforce=True)

    def claim(self, order: LoadOrder) -> Staging:
        """Take the load over."""
        return self._writer().claim(order)

    def interrupt(self, uid: str) -> None:
        """Cancel what the stand-in does for a load; Redshift's sessions listen by themselves."""
        if isinstance(self._found, Interrupts):
            self._found.interrupt(uid)

    def reads_files(self) -> bool:
        """Redshift does, the stand-in does not."""
        return isinstance(self._writer(), RedshiftWriter)

    def namespaces(self) -> list[str]:
        """Namespaces that have a schema."""
        return self._writer().namespaces()

    def sweep(self, namespace: str, loader_id: str, active: Collection[str]) -> int:
        """Discard loads that nobody will go on with."""
        return self._writer().sweep(namespace, loader_id, active)

    def drop(self, namespace: str) -> int:
        """Drop a place with all its tables."""
        return self._writer().drop(namespace)

    def _writer(self) -> Writer:
        if self._found is None:
            with contextlib.closing(Session(self._url.get_secret_value())) as session:
                [(version,)] = session.run("SELECT version()")
            real = NAME in str(version)
            stand_in = PostgresWriter(self._url, self._connections)
            self._found = RedshiftWriter(self._url, self._access) if real else stand_in
        return self._found
