"""The warehouses that statements are lowered for."""

from dwsim_wire.fault import NotYetAvailable
from query_svc.core.rules.context import Target
from query_svc.core.rules.postgres.target import POSTGRES_TARGET
from query_svc.core.rules.sqlite_target import SQLITE_TARGET

_TARGETS = {target.warehouse: target for target in (SQLITE_TARGET, POSTGRES_TARGET)}


def target_of(warehouse: str) -> Target:
    """Target of a warehouse."""
    if target := _TARGETS.get(warehouse):
        return target
    raise NotYetAvailable(f"queries on {warehouse} are not served yet", hint=f"load into {' or '.join(_TARGETS)}")


def native_dialect(warehouse: str) -> str:
    """Name of a warehouse's own dialect."""
    return target_of(warehouse).native


__all__ = ["POSTGRES_TARGET", "SQLITE_TARGET", "native_dialect", "target_of"]
