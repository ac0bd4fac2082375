"""A Snowflake URL as its connector's arguments: an account, or a server of the same interface at host and port.

    snowflake://user:password@myorg-account/database?role=LOADER&warehouse=WH
    snowflake://user@myorg-account/database?private_key_file=/keys/loader.p8&private_key_file_pwd=…
    snowflake://user:password@localhost:4566/database

Any other parameter of the query is a setting of the session, such as QUERY_TAG.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

REAL = ".snowflakecomputing."
PLAIN = frozenset({"account", "authenticator", "private_key_file", "private_key_file_pwd", "protocol", "role"})
"""Parameters that the connector has as arguments."""
SETTINGS = {"TIMEZONE": "UTC", "LOCK_TIMEOUT": 5, "ABORT_DETACHED_QUERY": True, "QUERY_TAG": "dw-simulator loader"}
DATABASE = "DW_SIMULATOR"


@dataclass(frozen=True, repr=False)
class Account:
    """Where to connect and as whom; it has secrets, and so no text."""

    arguments: dict[str, Any]
    stand_in: bool

    @classmethod
    def parse(cls, url: str) -> "Account":
        """Read a URL."""
        place = urlsplit(url)
        path = [unquote(part) for part in place.path.split("/") if part]
        given = dict(parse_qsl(place.query))
        host = place.hostname or ""
        plain = {name: value for name, value in given.items() if name in PLAIN}
        warehouse = {"warehouse": given["warehouse"]} if "warehouse" in given else {}
        others = {n.upper(): v for n, v in given.items() if n not in PLAIN | {"warehouse"}}
        key = {"authenticator": "SNOWFLAKE_JWT"} if "private_key_file" in given else {}
        arguments = {
            "user": unquote(place.username or ""),
            "database": path[0].upper() if path else DATABASE,
            "session_parameters": SETTINGS | others,
            **({"password": unquote(place.password)} if place.password else {}),
            **_address(host, place.port),
            **warehouse,
            **key,
            **plain,
        }
        return cls(arguments, stand_in=bool(place.port) and REAL not in host)


def _address(host: str, port: int | None) -> dict[str, Any]:
    """An account has no port; a name with dots and no port is an account's whole host."""
    if port is None:
        return {"account": host.split(REAL)[0], **({"host": host} if REAL in host else {})}
    account = host.split(REAL)[0] if REAL in host else "test"
    return {"account": account, "host": host, "port": port, "protocol": "https" if port == 443 else "http"}
