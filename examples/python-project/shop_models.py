"""The project: models in Redshift SQL that stand on one another by `{{ ref("…") }}`, as in dbt."""

import re
from pathlib import Path

MODELS = Path(__file__).parent / "models"
REF = re.compile(r"""\{\{\s*ref\(["'](\w+)["']\)\s*\}\}""")


def model_sql(name: str) -> str:
    """The SELECT of a model, with every model that it stands on as a common table expression before it."""
    parts: dict[str, str] = {}
    _collect(name, parts)
    last = parts.pop(name)
    if not parts:
        return last
    return "WITH " + ",\n".join(f"{model} AS (\n{sql})" for model, sql in parts.items()) + f"\n{last}"


def _collect(name: str, parts: dict[str, str]) -> None:
    text = (MODELS / f"{name}.sql").read_text()
    for parent in REF.findall(text):
        if parent not in parts:
            _collect(parent, parts)
    parts[name] = REF.sub(r"\1", text)
