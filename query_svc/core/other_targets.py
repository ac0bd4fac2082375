"""From one dialect to another that is not the warehouse's: sqlglot's own translation, which nothing here runs.

What sqlglot knows to be unsupported is refused; what it does not know passes by its name, which the notes say.
"""

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from query_svc.core.dialects import DIALECTS, Dialect
from query_svc.core.faults import NotTranslatable, UnknownDialect
from query_svc.core.parse import parse, too_deep
from query_svc.core.translate import Translation, Verdict, refused

TARGETS = (*DIALECTS, "databricks")
RULE = "sqlglot_transpile"


def translate_to(sql: str, dialect: Dialect, target: str, warehouse: str) -> Translation:
    """Translate a statement that reads; its names are not looked up, and `warehouse` has no part in it."""
    if target not in TARGETS:
        raise UnknownDialect(
            f"there is no dialect {target!r}", hint=f"it writes {', '.join(TARGETS)}", metadata={"dialect": target}
        )
    parse(sql, dialect)  # its faults have line and column, and name what writes
    try:
        tree = sqlglot.parse_one(sql, read=dialect.name)
        written = tree.sql(dialect=target, pretty=True, unsupported_level=ErrorLevel.RAISE)
    except RecursionError:
        raise too_deep() from None
    except UnsupportedError as error:
        return _refused(sql, dialect, target, warehouse, str(error).split("\n")[0])
    except SqlglotError:
        return _refused(sql, dialect, target, warehouse, f"sqlglot's {dialect.name} cannot read it")
    return Translation(
        sql=sql,
        dialect=dialect.name,
        warehouse=warehouse,
        target_dialect=target,
        translated_sql=written,
        verdict=Verdict.APPROXIMATE,
        rules=(RULE,),
        notes=_notes(tree, target),
    )


def _refused(sql: str, dialect: Dialect, target: str, warehouse: str, why: str) -> Translation:
    fault = NotTranslatable("the statement", f"{target} lacks a part of it: {why}", hint="write it with simpler parts")
    return refused(sql, dialect, warehouse, fault, target)


def _notes(tree: exp.Expr, target: str) -> tuple[str, ...]:
    notes = [f"translated by sqlglot and not run: compare its answers before you rely on it on {target}"]
    unknown = sorted({call.name.upper() for call in tree.find_all(exp.Anonymous)})
    if unknown:
        notes.append(f"functions that it does not know keep their name: {', '.join(unknown)}")
    return tuple(notes)
