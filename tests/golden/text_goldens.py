"""Golden text: a checksum per kernel of the text engine. If one changes, the engine's version changes.

`python -m tests.golden.cells_apart` prints the checksums of the machine it runs on.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from generator_svc.core.kernels.providers import native_providers
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.primitives import derive_key
from generator_svc.core.rules import FakerRule, TextRule, TextUnit, UuidRule
from generator_svc.core.spec import ColumnSpec, LogicalType, TypeKind

FILE = Path(__file__).parent / "text_cells.json"
ROWS = 1_000
FAR = 2_999_999_000
DISTINCT = ("email", "company_email", "user_name", "phone_number", "ipv4", "name", "word", "code", "url")
LOCALES = ("de_DE", "ja_JP", "fr_FR", "pt_BR")

Rule = FakerRule | TextRule | UuidRule


def cases() -> dict[str, tuple[Rule, int, int | None]]:
    """Rule, column length and distinct rows by name."""
    named: dict[str, tuple[Rule, int, int | None]] = {}
    for provider in native_providers():
        named[provider] = (FakerRule(provider), 0, None)
    for provider in ("email", "name", "phone_number", "state", "address", "words", "paragraph"):
        named[f"{provider}, 12 characters"] = (FakerRule(provider), 12, None)
    for provider in DISTINCT:
        named[f"{provider}, distinct"] = (FakerRule(provider), 0, FAR + ROWS)
        named[f"{provider}, distinct, 15 characters"] = (FakerRule(provider), 15, ROWS)
    for locale in LOCALES:
        named[f"name of {locale}"] = (FakerRule("name", locale), 0, None)
    for unit in TextUnit:
        named[f"text of {unit.lower()}"] = (TextRule(unit), 255, None)
    named["uuid"] = (UuidRule(), 36, None)
    return named


def checksums() -> dict[str, str]:
    """Checksums of the first rows and, where the kernel goes that far, of rows far out."""
    return {name: _checksum(name, *case) for name, case in cases().items()}


def expected() -> dict[str, str]:
    """What the golden file says."""
    known: dict[str, str] = json.loads(FILE.read_text())
    return known


def rewrite() -> None:
    """Write the golden file anew."""
    FILE.write_text(json.dumps(checksums(), indent=1, ensure_ascii=False) + "\n")


def _checksum(name: str, rule: Rule, length: int, rows: int | None) -> str:
    column = ColumnSpec("value", LogicalType(TypeKind.STRING, length=length))
    kernel = text_kernel(rule, column, derive_key("golden", name), rows)
    values = kernel.span(0, ROWS).to_pylist()
    if rows != ROWS:
        values += kernel.cells(np.arange(FAR, FAR + ROWS, dtype=np.uint64)).to_pylist()
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:32]
