"""A Snowflake URL as the arguments of its connector, for reading.

    snowflake://user:password@myorg-account/database?role=READER&warehouse=WH
    snowflake://user@myorg-account/database?private_key_file=/keys/reader.p8&private_key_file_pwd=…
    snowflake://user:password@localhost:4566/database

Any other parameter of the query is a setting of the session.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DOMAIN = ".snowflakecomputing."
DATABASE = "DW_SIMULATOR"
_ARGUMENTS = frozenset(
    {"account", "authenticator", "private_key_file", "private_key_file_pwd", "protocol", "role", "warehouse"}
)
_SETTINGS = {
    "TIMEZONE": "UTC",
    "ABORT_DETACHED_QUERY": True,
    "QUERY_TAG": "dw-simulator query",
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "ARROW",
}


@dataclass(frozen=True, repr=False)
class Account:
    """Where to connect and as whom; it has secrets, and so no text. `stand_in`: it is the emulator."""

    arguments: dict[str, Any]
    stand_in: bool

    @classmethod
    def parse(cls, url: str) -> "Account":
        """Read a URL."""
        place = urlsplit(url)
        given = dict(parse_qsl(place.query))
        names = [unquote(part) for part in place.path.split("/") if part]
        host = place.hostname or ""
        arguments: dict[str, Any] = {
            "user": unquote(place.username or ""),
            "password": unquote(place.password or "") or None,
            "database": names[0].upper() if names else DATABASE,
            "authenticator": "SNOWFLAKE_JWT" if "private_key_file" in given else None,
            **_address(host, place.port),
            **{name: value for name, value in given.items() if name in _ARGUMENTS},
            "session_parameters": _SETTINGS | {n.upper(): v for n, v in given.items() if n not in _ARGUMENTS},
        }
        stand_in = bool(place.port) and DOMAIN not in host
        return cls({name: value for name, value in arguments.items() if value is not None}, stand_in)


def _address(host: str, port: int | None) -> dict[str, Any]:
    account = host.split(DOMAIN)[0] if DOMAIN in host or port is None else "test"
    if port is None:
        return {"account": account, "host": host if DOMAIN in host else None}
    return {"account": account, "host": host, "port": port, "protocol": "https" if port == 443 else "http"}
