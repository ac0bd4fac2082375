"""dwsim: the Python client of DW Simulator, and the warehouse for your tests.

    with dwsim.warehouse("redshift", ddl, rows={"orders": 1_000}, seed=1) as wh:
        wh.query("SELECT COUNT(*) FROM orders").scalar()

    with dwsim.connect() as client:
        client.query("SELECT * FROM orders", experiment="shop").to_pandas()

The generated stubs (`dwsim.query.v1` and the like) share this package and are imported by every service: nothing here
is imported before it is used.
"""

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING

__path__ = extend_path(__path__, __name__)

if TYPE_CHECKING:
    from dwsim.client import AsyncClient, Filled, connect_async
    from dwsim.faults import (
        AlreadyRead,
        Conflict,
        DwsimError,
        InvalidInput,
        LimitExceeded,
        MissingLibrary,
        NotFound,
        OperationFailed,
        Refused,
        StackFailed,
        TimedOut,
        Unavailable,
    )
    from dwsim.results import AsyncResult
    from dwsim.sync import Client, Result, connect
    from dwsim.values import Diagnostic, Experiment, ExperimentSummary, Load, Run, Translation
    from dwsim.warehouses import Warehouse, warehouse

_HOMES = {
    "AsyncClient": "client",
    "Filled": "client",
    "connect_async": "client",
    "AlreadyRead": "faults",
    "Conflict": "faults",
    "DwsimError": "faults",
    "InvalidInput": "faults",
    "LimitExceeded": "faults",
    "MissingLibrary": "faults",
    "NotFound": "faults",
    "OperationFailed": "faults",
    "Refused": "faults",
    "StackFailed": "faults",
    "TimedOut": "faults",
    "Unavailable": "faults",
    "AsyncResult": "results",
    "Client": "sync",
    "Result": "sync",
    "connect": "sync",
    "Diagnostic": "values",
    "Experiment": "values",
    "ExperimentSummary": "values",
    "Load": "values",
    "Run": "values",
    "Translation": "values",
    "Warehouse": "warehouses",
    "warehouse": "warehouses",
}
__all__ = [
    "AlreadyRead",
    "AsyncClient",
    "AsyncResult",
    "Client",
    "Conflict",
    "Diagnostic",
    "DwsimError",
    "Experiment",
    "ExperimentSummary",
    "Filled",
    "InvalidInput",
    "LimitExceeded",
    "Load",
    "MissingLibrary",
    "NotFound",
    "OperationFailed",
    "Refused",
    "Result",
    "Run",
    "StackFailed",
    "TimedOut",
    "Translation",
    "Unavailable",
    "Warehouse",
    "connect",
    "connect_async",
    "warehouse",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'dwsim' has no attribute {name!r}")
    return getattr(import_module(f"dwsim.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
