"""Golden cells of texts made of other things: patterns, templates, pools, hierarchies, documents.

If one changes, the engine's version changes. `python -m tests.golden.cells_apart` prints the checksums of the
machine it runs on.
"""

import hashlib
import json
from pathlib import Path

from generator_svc.core.rules import (
    ArrayRule,
    FakerRule,
    HierarchyNode,
    HierarchyRule,
    JsonMember,
    JsonRule,
    PatternRule,
    TemplateRule,
    UniformRule,
)
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.core.catalog import DATE, INT, MONEY, TIMESTAMP, plan, text

FILE = Path(__file__).parent / "made_text_cells.json"
ROWS = 3_000
_JSON = LogicalType(TypeKind.JSON)
_PLACES = (
    HierarchyNode("DE", 2.0, (HierarchyNode("Berlin", 3.0), HierarchyNode("Bonn"))),
    HierarchyNode("FR", 1.0, (HierarchyNode("Paris"),)),
)
_OBJECT = JsonRule(
    (
        JsonMember("price", "DECIMAL(8,2)", UniformRule("1", "9"), 0.2),
        JsonMember("tags", "ARRAY", ArrayRule("VARCHAR(6)", PatternRule("[a-z]{2,6}"), 0, 3)),
    )
)
TABLE = TableSpec(
    "made_texts",
    (
        ColumnSpec("id", INT, is_unique=True),
        ColumnSpec("pattern", text(0), null_fraction=0.1, rule=PatternRule(r"(foo|[a-j]{1,4})-\w+\.[^a-z]?")),
        ColumnSpec("fitted", text(5), rule=PatternRule("[A-Z]+")),
        ColumnSpec("unique", text(0), is_unique=True, rule=PatternRule(r"[A-Z]{2}-\d{3,4}")),
        ColumnSpec("unique_huge", text(0), is_unique=True, rule=PatternRule("[a-z0-9]{20}(x|yz?)")),
        ColumnSpec("first", text(30), rule=FakerRule("first_name", "de_DE")),
        ColumnSpec("template", text(40), rule=TemplateRule("{first:ascii,lower}.{city:upper}.{id}@x.example")),
        ColumnSpec("city", text(10), rule=HierarchyRule("place", 1)),
        ColumnSpec("country", text(2), rule=HierarchyRule("place", 0, _PLACES)),
        ColumnSpec("pool", text(30), rule=FakerRule("city", "fr_FR")),
        ColumnSpec("pool_unique", text(0), is_unique=True, rule=FakerRule("credit_card_number")),
        ColumnSpec("born", DATE, rule=FakerRule("date_of_birth")),
        ColumnSpec("seen", TIMESTAMP, rule=FakerRule("past_datetime", arguments={"start_date": '"-2y"'})),
        ColumnSpec("opens", LogicalType(TypeKind.TIME), is_unique=True, rule=FakerRule("time_object")),
        ColumnSpec("year", INT, rule=FakerRule("year")),
        ColumnSpec("weekday", text(20), rule=FakerRule("day_of_week", "de_DE")),
        ColumnSpec("written", text(30), is_unique=True, rule=FakerRule("date", arguments={"pattern": '"%d %B %Y"'})),
        ColumnSpec("agent", text(0), rule=FakerRule("safari", "fr_FR")),
        ColumnSpec("book", text(17), is_unique=True, rule=FakerRule("isbn10")),
        ColumnSpec("amount", MONEY, rule=FakerRule("pydecimal", arguments={"left_digits": "4"})),
        ColumnSpec("object", _JSON, rule=_OBJECT),
        ColumnSpec("array", _JSON, rule=ArrayRule("DOUBLE", UniformRule("0", "1"), 1, 4)),
    ),
)


def checksums() -> dict[str, str]:
    """Checksums by column, over a first segment and an appended one."""
    batch = plan([TABLE], {TABLE.name: ROWS}, {TABLE.name: 500}).batch(TABLE.name, 0, ROWS + 500)
    return {name: _checksum(batch.column(name).to_pylist()) for name in batch.schema.names}


def expected() -> dict[str, str]:
    """What the golden file says."""
    known: dict[str, str] = json.loads(FILE.read_text())
    return known


def rewrite() -> None:
    """Write the golden file anew."""
    FILE.write_text(json.dumps(checksums(), indent=1) + "\n")


def _checksum(values: list[object]) -> str:
    return hashlib.sha256("\0".join(map(str, values)).encode()).hexdigest()[:32]
