"""Settings of the query service."""

from pathlib import Path

from pydantic import Field

from dwsim_wire.settings import DEFAULT_PORTS, MIB, WarehouseSettings
from dwsim_wire.staging import StagingRoot


class QuerySettings(WarehouseSettings):
    """What the query service is told beyond what every service is told."""

    port: int = Field(DEFAULT_PORTS["query"], ge=0, le=65535, description="port to bind to; 0 takes a free one")
    query_timeout_seconds: float = Field(300.0, gt=0, description="longest time that a statement may run")
    query_max_rows: int = Field(1_000_000_000, ge=1, description="most rows of a streamed result")
    query_max_bytes: int = Field(64 << 30, ge=1, description="most bytes of a streamed result")
    query_kept_bytes: int = Field(32 * MIB, ge=1, description="most bytes of a result that is answered by pages")
    query_stall_seconds: float = Field(300.0, gt=0, description="longest time that a client may take no rows")
    stage_bucket: str = Field("", description="root of staged files, as the generator has it: for UNLOAD and COPY")
    staging_retry_seconds: float = Field(20.0, ge=0, description="how long an S3 server that is away is tried again")
    scratch_idle_seconds: float = Field(
        7 * 86_400.0, gt=0, description="a scratch that nobody used for this long is dropped with its tables"
    )
    max_queries: int = Field(64, ge=1, description="most queries that run at once")
    max_queries_per_client: int = Field(32, ge=1, description="most queries of one client that run at once")

    @property
    def staging(self) -> StagingRoot:
        """Root of staged files."""
        return StagingRoot.parse(self.stage_bucket or str(Path(self.data_dir).absolute() / "staging")).resolved
