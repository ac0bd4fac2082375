"""The inference table: names and types of columns, and what fills them. docs/inference.md shows it."""

from schema_svc.core.inference.choices import CHOICES
from schema_svc.core.inference.entries import Entry
from schema_svc.core.inference.numbers import NUMBERS
from schema_svc.core.inference.texts import TEXTS, UNOWNED
from schema_svc.core.inference.times import TIMES

ENTRIES: tuple[Entry, ...] = (*TEXTS, *CHOICES, *NUMBERS, *TIMES, *UNOWNED)
