"""URLs of accounts and emulators as the connector's arguments."""

from typing import Any

import pytest

from loader_svc.warehouses.snowflake_url import Account

CASES: list[tuple[str, dict[str, Any], bool]] = [
    (
        "snowflake://eve:p%40ss@myorg-account/sales?role=LOADER&warehouse=WH",
        {"account": "myorg-account", "user": "eve", "password": "p@ss", "database": "SALES", "role": "LOADER"},
        False,
    ),
    (
        "snowflake://eve@myorg-account.snowflakecomputing.com/sales?private_key_file=/k.p8&private_key_file_pwd=x",
        {"account": "myorg-account", "host": "myorg-account.snowflakecomputing.com", "authenticator": "SNOWFLAKE_JWT"},
        False,
    ),
    (
        "snowflake://user:pass@snowflake.localhost.localstack.cloud:4566/db",
        {"account": "test", "host": "snowflake.localhost.localstack.cloud", "port": 4566, "protocol": "http"},
        True,
    ),
    ("snowflake://user:pass@localhost:443/db", {"port": 443, "protocol": "https", "database": "DB"}, True),
]


@pytest.mark.parametrize(("url", "arguments", "stand_in"), CASES, ids=["password", "key", "localstack", "tls"])
def test_a_url_names_an_account_or_an_emulator(url: str, arguments: dict[str, Any], stand_in: bool) -> None:
    """Users paste what their account or LocalStack's documentation says."""
    account = Account.parse(url)
    assert {name: account.arguments[name] for name in arguments} == arguments
    assert account.stand_in is stand_in


def test_every_other_parameter_is_a_setting_of_the_session() -> None:
    """Each warehouse has its own; the time zone is UTC unless somebody wants another."""
    account = Account.parse("snowflake://u:p@a/db?query_tag=nightly&warehouse=WH")
    assert account.arguments["session_parameters"]["QUERY_TAG"] == "nightly"
    assert account.arguments["session_parameters"]["TIMEZONE"] == "UTC"
    assert account.arguments["warehouse"] == "WH"


def test_an_account_shows_no_secret() -> None:
    """It may be in a traceback."""
    assert "s3cret" not in repr(Account.parse("snowflake://eve:s3cret@account/db"))
