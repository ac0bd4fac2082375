"""Texts of COPY and UNLOAD, word by word: no grammar reads them whole."""

import re

from query_svc.core.dialects import REDSHIFT, Dialect
from query_svc.core.faults import NotTranslatable
from query_svc.core.parse import refuse_long, tokens_of
from query_svc.core.writes.words import Words

UNLOAD, COPY = "UNLOAD", "COPY"
_VERB = re.compile(r"(?:\s++|--[^\n]*+(?:\n|\Z)|/\*(?>.*?\*/))*+(UNLOAD|COPY)\b", re.IGNORECASE | re.DOTALL)


def transfer_verb(sql: str) -> str:
    """UNLOAD or COPY where a text begins with it, else nothing."""
    found = _VERB.match(sql)
    return found[1].upper() if found else ""


def transfer_words(sql: str, dialect: Dialect) -> Words:
    """Words behind the verb; places are those of the whole text."""
    refuse_long(sql)
    verb = transfer_verb(sql)
    if dialect is not REDSHIFT:
        raise NotTranslatable(
            f"{verb} in {dialect.name}'s SQL", "files are written and read in Redshift's words", hint="ask in redshift"
        )
    found = _VERB.match(sql)
    at = found.start(1) if found else 0
    return Words(tokens_of(f"{sql[:at]}{' ' * len(verb)}{sql[at + len(verb) :]}", dialect), sql)
