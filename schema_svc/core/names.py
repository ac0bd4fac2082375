"""Names: which are taken, how dialects fold them, which was meant."""

import difflib
import heapq
import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from schema_svc.core.faults import InvalidName
from schema_svc.core.vocabulary import Dialect

LONGEST_EXPERIMENT_NAME = 63
LONGEST_NAME = 127
RESERVED_PREFIX = "_dwsim_"
SURROGATE = "_row_id"
_COMPARED_NAMES = 50
_EXPERIMENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
PLACEHOLDER = r"\{\{(?:[^{}\n]|\{[^{}\n]*\})*\}\}|[$&#]?\{[^{}\n]*\}|<%[^%\n]*%>|%\(\w+\)s"
"""What a template writes where a name comes: `{{x}}`, `${x}`, `&{x}`, `{x}`, `<%= x %>`, `%(x)s`."""
_PLACEHOLDER = re.compile(f"({PLACEHOLDER})")
_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")


def words(text: str) -> tuple[str, ...]:
    """Split a list of words that is written as one text."""
    return tuple(text.split())


RESERVED_WORDS = frozenset(
    words(
        """
    ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC AUTHORIZATION BACKUP BETWEEN BINARY BOTH CASE CAST CHECK COLLATE COLUMN
    CONNECT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEFAULT DEFERRABLE
    DELETE DESC DISTINCT DO DROP ELSE ENCODE END EXCEPT EXISTS FALSE FOR FOREIGN FREEZE FROM FULL GRANT GROUP HAVING
    IDENTITY ILIKE IN INCREMENT INITIALLY INNER INSERT INTERSECT INTO IS ISNULL JOIN LATERAL LEADING LEFT LIKE LIMIT
    LOCALTIME LOCALTIMESTAMP MINUS NATURAL NEW NOT NOTNULL NULL OF OFF OFFSET OLD ON ONLY OPEN OR ORDER OUTER OVERLAPS
    PERCENT PLACING PRIMARY QUALIFY RAW REFERENCES REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SESSION_USER SET
    SIMILAR SOME START SYSDATE SYSTEM TABLE TABLESAMPLE TAG THEN TIME TIMESTAMP TO TOP TRAILING TRIGGER TRUE UNION
    UNIQUE UPDATE USER USING VALUES VERBOSE VIEW WHEN WHENEVER WHERE WITH WITHOUT"""
    )
)
EXPERIMENT_NAME_HINT = f"a letter, then letters, digits, '_' or '-'; at most {LONGEST_EXPERIMENT_NAME} characters"
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]")


def fold(name: str, dialect: Dialect, *, quoted: bool) -> str:
    """Fold an identifier as the warehouse does; Redshift folds quoted ones too. Placeholders stay as they are."""
    if quoted and dialect is not Dialect.REDSHIFT:
        return name
    change = str.upper if dialect is Dialect.SNOWFLAKE else str.lower
    if "{" not in name and "%" not in name:
        return change(name)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(_PLACEHOLDER.split(name)))


def check_experiment_name(name: str) -> None:
    """Raise InvalidName unless `name` can name an experiment."""
    if not names_experiment(name):
        raise InvalidName(f"experiment name {name[:80]!r} cannot be used", hint=EXPERIMENT_NAME_HINT)


def names_experiment(name: str) -> bool:
    """True where `name` can name an experiment."""
    return bool(_EXPERIMENT.fullmatch(name))


@lru_cache(maxsize=1 << 14)
def name_problem(name: str) -> str | None:
    """Why `name` cannot name a table or a column, or None."""
    if not name.strip():
        return "has no name"
    if len(name) > LONGEST_NAME:
        return f"has a name of {len(name)} characters; at most {LONGEST_NAME} are taken"
    if _FORBIDDEN.search(name) or name in {".", ".."}:
        return f"has the name {name!r}; control characters, '/' and '\\' are not taken"
    if name.lower().startswith(RESERVED_PREFIX):
        return f"has the name {name!r}; names that begin with {RESERVED_PREFIX!r} are the loader's"
    return None


def did_you_mean(wrong: str, known: Iterable[str], what: str = "it has") -> str:
    """Hint at the nearest known name, or list what is known."""
    names = list(known)
    by_folded = {name.casefold(): name for name in reversed(names)}
    near = difflib.get_close_matches(wrong.casefold(), likely(wrong.casefold(), by_folded), 1, 0.6)
    if near:
        return f"did you mean {by_folded[near[0]]!r}?"
    shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return f"{what} {shown}" if names else f"{what} none"


def likely(wrong: str, names: Collection[str]) -> Collection[str]:
    """The names worth a close look: comparing one with all of ten thousand would take a tenth of a second."""
    if len(names) <= _COMPARED_NAMES:
        return names
    pairs = {wrong[place : place + 2] for place in range(len(wrong) - 1)}
    return heapq.nlargest(_COMPARED_NAMES, names, lambda name: sum(pair in name for pair in pairs) - len(name) / 64)


def identifier(name: str, dialect: Dialect) -> str:
    """Write a name as SQL; it is quoted where reading it bare would give another name."""
    plain = _PLAIN.fullmatch(_PLACEHOLDER.sub("p", name)) and name.upper() not in RESERVED_WORDS
    if plain and fold(name, dialect, quoted=False) == name:
        return name
    return '"' + name.replace('"', '""') + '"'
