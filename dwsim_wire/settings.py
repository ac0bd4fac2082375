"""Settings that every service has, read once in its `__main__`.

Later wins: defaults, config/default.yml, deployment/<environment>.yml, .env.local, environment (DW_SIMULATOR_*), flags.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar, cast

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    CliSettingsSource,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from dwsim_wire.fault import Fault

ENV_PREFIX = "DW_SIMULATOR_"
DEFAULT_PORTS = {"schema": 50051, "generator": 50052, "loader": 50053, "query": 50054}
GATEWAY_PORT = 8000
REFLECTION_PORT = 50055
MIB = 1 << 20


class InvalidSettings(Fault):
    """The configuration cannot be read or has values outside their domain."""

    reason = "INVALID_ARGUMENT"


def _postgresql_url(url: SecretStr | None) -> SecretStr | None:
    """Take no text for no URL; refuse what drivers could not tell from a server that is away."""
    text = url.get_secret_value() if url else ""
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("it takes postgresql://user:password@host:port/database, or nothing")
    return url if text else None


def _snowflake_url(url: SecretStr | None) -> SecretStr | None:
    """Take no text for no URL; refuse what names no account."""
    text = url.get_secret_value() if url else ""
    if text and not text.startswith("snowflake://"):
        raise ValueError("it takes snowflake://user:password@account/database, or nothing")
    return url if text else None


PostgresqlUrl = Annotated[SecretStr | None, AfterValidator(_postgresql_url)]
SnowflakeUrl = Annotated[SecretStr | None, AfterValidator(_snowflake_url)]


def default_data_dir() -> Path:
    """Where state lives if nothing else is said: the XDG data home."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share", "dw-simulator")


class ServiceSettings(BaseSettings):
    """What every service is told; each adds its own fields in a subclass."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_file=".env.local", extra="ignore", frozen=True, cli_kebab_case=True
    )

    environment: str = Field("local", description="names deployment/<environment>.yml")
    data_dir: Path = Field(default_factory=default_data_dir, description="directory of all state")
    host: str = Field("127.0.0.1", description="address to bind to")
    port: int = Field(0, ge=0, le=65535, description="port to bind to; 0 takes a free one")
    address_file: Path | None = Field(None, description="file that gets host:port once the server is bound")
    metrics_port: int = Field(0, ge=0, le=65535, description="port of Prometheus metrics; 0 serves none")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    target_db_url: SecretStr | None = Field(None, description="database of the services' metadata; SQLite if not given")
    max_message_bytes: int = Field(32 * MIB, ge=MIB, description="largest message taken or sent")
    drain_seconds: float = Field(5.0, ge=0, description="time that calls under way get at the end")
    schema_address: str = f"127.0.0.1:{DEFAULT_PORTS['schema']}"
    generator_address: str = f"127.0.0.1:{DEFAULT_PORTS['generator']}"
    loader_address: str = f"127.0.0.1:{DEFAULT_PORTS['loader']}"
    query_address: str = f"127.0.0.1:{DEFAULT_PORTS['query']}"
    failpoints: str = Field("", description="failpoints to arm; for tests")


class WarehouseSettings(ServiceSettings):
    """What everybody is told who works with warehouses."""

    warehouse_dir: Path | None = Field(None, description="directory of embedded warehouses; below data_dir if not set")
    redshift_url: PostgresqlUrl = Field(None, description="Redshift or its stand-in, postgresql://…; none if not set")
    snowflake_url: SnowflakeUrl = Field(
        None, description="Snowflake or an emulator, snowflake://user:password@account/database; none if not set"
    )

    @property
    def warehouses(self) -> Path:
        """Directory of embedded warehouses."""
        return self.warehouse_dir or self.data_dir / "warehouses"


S = TypeVar("S", bound=ServiceSettings)


def read_settings(cls: type[S], argv: Sequence[str] = (), *, root: Path | None = None) -> S:
    """Read settings from every source, files below `root` (the working directory)."""
    base = root or Path.cwd()
    environment = os.environ.get(ENV_PREFIX + "ENVIRONMENT", "local")
    files = [base / "config/default.yml", base / "deployment" / f"{environment}.yml"]

    class Sourced(cls):  # type: ignore[valid-type,misc]  # the sources depend on the working directory
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del init_settings, dotenv_settings, file_secret_settings
            flags: CliSettingsSource[BaseSettings] = CliSettingsSource(settings_cls, cli_parse_args=list(argv))
            dotenv = DotEnvSettingsSource(settings_cls, env_file=base / ".env.local")
            return flags, env_settings, dotenv, YamlConfigSettingsSource(settings_cls, yaml_file=files)

    Sourced.__name__, Sourced.__doc__ = cls.__name__, cls.__doc__
    try:
        values = Sourced()
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise InvalidSettings(f"the configuration is wrong: {problems}") from None
    facts = {name: getattr(values, name) for name in cls.model_fields}
    return cast(S, cls.model_construct(**facts))
