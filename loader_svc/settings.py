"""Settings of the loader."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from dwsim_wire.settings import DEFAULT_PORTS, MIB, WarehouseSettings
from dwsim_wire.staging import StagingRoot


class LoaderSettings(WarehouseSettings):
    """What the loader is told."""

    port: int = Field(DEFAULT_PORTS["loader"], ge=0, le=65535, description="port to bind to; 0 takes a free one")
    constraints: Literal["informational", "enforced"] = Field(
        "informational", description="whether keys are enforced in experiments that do not ask for it themselves"
    )
    redshift_iam_role: str = Field(
        "default", description="role by whose right Redshift reads the staged files: its ARN, or the cluster's default"
    )
    redshift_copy_access_key_id: SecretStr | None = Field(
        None, description="key by whose right Redshift reads the staged files, instead of a role"
    )
    redshift_copy_secret_access_key: SecretStr | None = Field(None, description="the secret of that key")
    snowflake_storage_integration: str = Field(
        "",
        pattern=r"^([A-Za-z_][A-Za-z0-9_$]{0,254})?$",
        description="storage integration by whose right a Snowflake account reads staged files from S3 itself",
    )
    stage_bucket: str = Field("", description="root of staged files, which rejects go below, as the generator has it")
    parallel_loads: int = Field(2, ge=1, le=64, description="experiments that are loaded at once")
    load_connections: int = Field(
        2, ge=1, le=32, description="connections that stage one load at once, where the warehouse takes several"
    )
    staging_retry_seconds: float = Field(20.0, ge=0, description="how long an S3 server that is away is tried again")
    retry_seconds: float = Field(60.0, ge=0, description="how long a busy warehouse is tried again")
    sweep_seconds: float = Field(
        3600.0, gt=0, description="seconds between two sweeps of what ended loads left in a warehouse"
    )
    ingest_look_seconds: float = Field(
        5.0, gt=0, description="seconds between two looks of an ingest; a file is taken once two saw it unchanged"
    )
    ingest_look_limit_seconds: float = Field(30.0, gt=0, description="how long one look of an ingest may take")
    ingest_look_files: int = Field(100_000, ge=1, description="files that one look of an ingest may find")
    ingest_piece_bytes: int = Field(
        512 * MIB, ge=1, description="bytes of an ingested file that are read at once; a row group of more is refused"
    )
    ingest_system_directories: bool = Field(
        False, description="whether ingests may watch directories of the system, such as / or /etc"
    )

    @property
    def staging(self) -> StagingRoot:
        """Root of staged files."""
        return StagingRoot.parse(self.stage_bucket or str(Path(self.data_dir).absolute() / "staging")).resolved

    @model_validator(mode="after")
    def _whole_keys(self) -> Self:
        """Refuse a half of Redshift's keys."""
        if bool(self.redshift_copy_access_key_id) != bool(self.redshift_copy_secret_access_key):
            raise ValueError("redshift_copy_access_key_id and redshift_copy_secret_access_key go together")
        return self
