"""What Prometheus is told of loads, by warehouse; served where `metrics_port` is set."""

from typing import Final

from prometheus_client import Counter, Histogram

_WAREHOUSE: Final = ("warehouse",)
_BATCH_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)

ROWS: Final = Counter("dwsim_loader_rows_total", "Rows staged", _WAREHOUSE)
BYTES: Final = Counter("dwsim_loader_bytes_total", "Bytes of the staged files that were read", _WAREHOUSE)
BATCHES: Final = Histogram("dwsim_loader_batch_seconds", "Time to stage a batch", _WAREHOUSE, buckets=_BATCH_SECONDS)
RETRIES: Final = Counter("dwsim_loader_retries_total", "Transient failures that were tried again", _WAREHOUSE)
ENDED: Final = Counter("dwsim_loader_loads_total", "Loads that ended", (*_WAREHOUSE, "state", "reason"))
