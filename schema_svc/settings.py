"""What the schema service is told."""

from pydantic import Field

from dwsim_wire.settings import DEFAULT_PORTS, ServiceSettings


class SchemaSettings(ServiceSettings):
    """Settings of the schema service; frozen."""

    port: int = Field(DEFAULT_PORTS["schema"], ge=0, le=65535, description="port to bind to; 0 takes a free one")
    schema_parse_seconds: float = Field(60.0, gt=0, description="time that one large text may take to parse")
    schema_parse_processes: int = Field(2, ge=1, le=64, description="processes that parse large texts")
    schema_parse_waiting: int = Field(8, ge=0, le=1000, description="large texts that may wait for a process")
    schema_parse_mib: int = Field(2048, ge=256, description="memory that parsing one large text may take, in MiB")
    schema_delete_wait_seconds: float = Field(10.0, ge=0, description="time that a deletion is waited for")
