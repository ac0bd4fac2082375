"""What Prometheus is told of loads, by warehouse; served where `metrics_port` is set."""

from typing import Final

from prometheus_client import Counter, Histogram

from loader_svc.core.loads import Load, LoadState, Route

_WAREHOUSE: Final = ("warehouse",)
_BATCH_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)

ROWS: Final = Counter("dwsim_loader_rows_total", "Rows staged", _WAREHOUSE)
BYTES: Final = Counter("dwsim_loader_bytes_total", "Bytes of the staged files that were read", _WAREHOUSE)
BATCHES: Final = Histogram("dwsim_loader_batch_seconds", "Time to stage a batch", _WAREHOUSE, buckets=_BATCH_SECONDS)
RETRIES: Final = Counter("dwsim_loader_retries_total", "Transient failures that were tried again", _WAREHOUSE)
ENDED: Final = Counter("dwsim_loader_loads_total", "Loads that ended", (*_WAREHOUSE, "state", "reason"))


def count_end(load: Load | None) -> None:
    """Count a load that has just ended, if there is one."""
    if load:
        ENDED.labels(load.warehouse, load.state.value, load.failure.reason if load.failure else "").inc()


def count_refused(route: Route) -> None:
    """Count a load that ended when it was accepted, as it goes nowhere."""
    ENDED.labels(route.warehouse, LoadState.FAILED.value, route.failure.reason if route.failure else "").inc()
