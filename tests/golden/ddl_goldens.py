"""Golden imports: every `ddl/*.sql` and what it becomes, statement by statement."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.vocabulary import Dialect

FOLDER = Path(__file__).parent / "ddl"
TEXTS = sorted(FOLDER.glob("*.sql"))


def order_of(path: Path) -> SqlImport:
    """The import of one text, without inferred rules; its first line names the dialect."""
    sql = path.read_text()
    dialect = Dialect(sql.splitlines()[0].removeprefix("-- dialect: "))
    return SqlImport(name=path.stem, sql=sql, dialect=dialect, infer_rules=False)


def outcome(path: Path) -> dict[str, Any]:
    """What a text becomes."""
    imported = import_sql(order_of(path))
    return {
        "statements": [dataclasses.asdict(status) for status in imported.statements],
        "diagnostics": [dataclasses.asdict(diagnostic) for diagnostic in imported.diagnostics],
        "experiment": imported.experiment.document(),
    }


def expected(path: Path) -> Any:
    """What the golden file says."""
    return json.loads(path.with_suffix(".json").read_text())


def rewrite() -> None:
    """Write every golden file anew."""
    for path in TEXTS:
        path.with_suffix(".json").write_text(json.dumps(outcome(path), indent=1, ensure_ascii=False) + "\n")
