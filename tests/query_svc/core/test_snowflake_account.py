"""Statements for a Snowflake account, as text: none is at hand to ask."""

from dataclasses import replace

import pytest

from query_svc.core.dialects import REDSHIFT, SNOWFLAKE
from query_svc.core.faults import NotTranslatable, UnknownTable, WriteRefused
from query_svc.core.translate import Translation, translate
from query_svc.warehouses.snowflake_url import Account
from tests.golden.translate_goldens import PLACE

ACCOUNTS = ("SNOWFLAKE",)
HOME = replace(
    PLACE, warehouse="SNOWFLAKE", namespace="SHOP", tables=[replace(t, target=t.name.upper()) for t in PLACE.tables]
)


def _asked(sql: str) -> Translation:
    return translate(sql, SNOWFLAKE, HOME, {}, accounts=ACCOUNTS)


def test_an_account_gets_its_own_sql_with_the_tables_named() -> None:
    """Snowflake knows its SQL better than any translation."""
    made = _asked('SELECT SOUNDEX(name) AS "Sound", t.value FROM customers, LATERAL FLATTEN(input => PARSE_JSON(?)) t')
    assert made.native
    assert 'SOUNDEX("NAME") AS "Sound"' in made.translated_sql
    assert '"SHOP"."CUSTOMERS"' in made.translated_sql


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT SYSTEM$CANCEL_ALL_QUERIES(1)", WriteRefused),
        ("SELECT counter.NEXTVAL FROM orders AS counter", WriteRefused),
        ("SELECT * FROM secrets.passwords", UnknownTable),
        ("INSERT INTO orders SELECT * FROM orders", WriteRefused),
    ],
)
def test_what_does_more_than_read_never_gets_there(sql: str, fault: type[Exception]) -> None:
    """Snowflake has no transaction that only reads: the tree is all that is checked."""
    with pytest.raises(fault):
        _asked(sql)


def test_other_dialects_are_refused_for_an_account() -> None:
    """The rules know the emulator, whose SQL is DuckDB's."""
    with pytest.raises(NotTranslatable):
        translate("SELECT 7 / 2 FROM orders", REDSHIFT, HOME, {}, accounts=ACCOUNTS)


def test_a_url_with_a_port_is_an_emulator() -> None:
    """What runs natively on an account is lowered there."""
    assert Account.parse("snowflake://u:p@127.0.0.1:4566/DW").stand_in
    account = Account.parse("snowflake://u@myorg-acc/db?private_key_file=/k.p8&warehouse=WH&query_tag=x")
    assert not account.stand_in
    assert (account.arguments["account"], account.arguments["authenticator"]) == ("myorg-acc", "SNOWFLAKE_JWT")
    assert (account.arguments["warehouse"], account.arguments["session_parameters"]["QUERY_TAG"]) == ("WH", "x")
