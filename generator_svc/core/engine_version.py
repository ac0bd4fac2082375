"""The version of the cell engine.

Raise it in the commit that changes any cell of any table: a kernel, a key derivation, a committed table, a default
rule, the pinned versions of Faker, DuckDB and sqlglot. `tests/golden/*cells.json` shows when that is so: if a golden
changes, so does the version. Runs are only continued, resumed or verified by the engine version that made them.
"""

from typing import Final

ENGINE_VERSION: Final = "2"
