"""Settings of the loader."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from dwsim_wire.settings import DEFAULT_PORTS, PostgresqlUrl, ServiceSettings


class LoaderSettings(ServiceSettings):
    """What the loader is told."""

    port: int = Field(DEFAULT_PORTS["loader"], ge=0, le=65535, description="port to bind to; 0 takes a free one")
    warehouse_dir: Path | None = Field(None, description="directory of embedded warehouses; below data_dir if not set")
    redshift_url: PostgresqlUrl = Field(None, description="Redshift's stand-in, postgresql://…; none if not set")
    constraints: Literal["informational", "enforced"] = Field(
        "informational", description="whether keys are enforced in experiments that do not ask for it themselves"
    )
    parallel_loads: int = Field(2, ge=1, le=64, description="experiments that are loaded at once")
    retry_seconds: float = Field(60.0, ge=0, description="how long a busy warehouse is tried again")

    @property
    def warehouses(self) -> Path:
        """Directory of embedded warehouses."""
        return self.warehouse_dir or self.data_dir / "warehouses"
