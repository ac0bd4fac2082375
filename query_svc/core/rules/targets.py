"""The warehouses that statements are lowered for."""

from collections.abc import Collection

from dwsim_wire.fault import NotYetAvailable
from query_svc.core.rules.context import Target
from query_svc.core.rules.postgres.target import POSTGRES_TARGET
from query_svc.core.rules.snowflake.account import ACCOUNT_TARGET
from query_svc.core.rules.snowflake.emulator import EMULATOR_TARGET
from query_svc.core.rules.sqlite_target import SQLITE_TARGET

_TARGETS = {target.warehouse: target for target in (SQLITE_TARGET, POSTGRES_TARGET, EMULATOR_TARGET)}
ACCOUNTS = {target.warehouse: target for target in (ACCOUNT_TARGET,)}
"""Of warehouses that are no stand-ins."""


def target_of(warehouse: str, accounts: Collection[str] = ()) -> Target:
    """Target of a warehouse; `accounts` has the warehouses that are no stand-ins."""
    if warehouse in accounts and warehouse in ACCOUNTS:
        return ACCOUNTS[warehouse]
    if target := _TARGETS.get(warehouse):
        return target
    raise NotYetAvailable(f"queries on {warehouse} are not served yet", hint=f"load into {' or '.join(_TARGETS)}")


def native_dialect(warehouse: str) -> str:
    """Name of a warehouse's own dialect."""
    return target_of(warehouse, ACCOUNTS).native


__all__ = ["POSTGRES_TARGET", "SQLITE_TARGET", "native_dialect", "target_of"]
