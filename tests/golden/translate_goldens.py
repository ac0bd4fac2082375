"""Golden translations: every `translate/*.sql`, statement by statement, and what it becomes.

`redshift.sql` is read as Redshift's and becomes SQLite's, `redshift_to_postgres.sql` PostgreSQL's.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from dwsim_wire.fault import Fault
from query_svc.core.catalog import Column, Place, Table
from query_svc.core.dialects import DIALECTS
from query_svc.core.translate import translate
from query_svc.core.types import Kind, SqlType
from tests.query_svc.shop import SHOP, Col

FOLDER = Path(__file__).parent / "translate"
TEXTS = sorted(FOLDER.glob("*.sql"))


def _column(column: Col) -> Column:
    kind = SqlType(Kind[column.kind], column.precision, column.scale, column.length)
    return Column(column.name, column.declared, kind)


PLACE = Place(
    experiment_id="id-shop",
    experiment="shop",
    warehouse="SQLITE",
    namespace="sqlite/shop_0badcafe.db",
    dialect="redshift",
    tables=[Table(n, n, [_column(c) for c in t.columns], rows=len(t.rows)) for n, t in SHOP.items()],
)


POSTGRES_PLACE = replace(PLACE, warehouse="REDSHIFT", namespace="shop_0badcafe")


def statements(path: Path) -> list[str]:
    """Statements of a text: its paragraphs."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("--")]
    return [part.strip().removesuffix(";") for part in "\n".join(lines).split("\n\n") if part.strip()]


def outcome(path: Path) -> list[dict[str, Any]]:
    """What the statements of a text become."""
    return [_translated(sql, path.stem) for sql in statements(path)]


def _translated(sql: str, ends: str) -> dict[str, Any]:
    dialect, _, target = ends.partition("_to_")
    try:
        made = translate(sql, DIALECTS[dialect], POSTGRES_PLACE if target else PLACE, {})
    except Fault as fault:
        return {"sql": sql, "refused": fault.reason, "message": fault.message, "hint": fault.hint}
    columns = [f"{column.name} {column.type}" for column in made.columns]
    facts = {"verdict": made.verdict.value, "rules": made.rules, "notes": made.notes, "columns": columns}
    return {"sql": sql, "translated": made.translated_sql, **{k: v for k, v in facts.items() if v}}


def expected(path: Path) -> Any:
    """What the golden file says."""
    return json.loads(path.with_suffix(".json").read_text())


def written(path: Path) -> str:
    """Text of the golden file as it is now."""
    return json.dumps(outcome(path), indent=1, ensure_ascii=False) + "\n"


def rewrite() -> None:
    """Write every golden file anew."""
    for path in TEXTS:
        path.with_suffix(".json").write_text(written(path))
