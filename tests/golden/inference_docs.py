"""docs/inference.md, made of the inference tables: what the page says is what the import does."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from schema_svc.core.inference.choices import CHOICES
from schema_svc.core.inference.entries import (
    KIND_NAMES,
    Choices,
    Days,
    Entry,
    Follower,
    Numbers,
    Provider,
    Ranks,
    Truth,
    Uuids,
    Words,
)
from schema_svc.core.inference.foreign_keys import NOUN, PERSON, ROLE, SAME_NAME, SELF, SHORT
from schema_svc.core.inference.matching import normal_names
from schema_svc.core.inference.numbers import NUMBERS
from schema_svc.core.inference.texts import TEXTS, UNOWNED
from schema_svc.core.inference.times import FOLLOWERS, PAIRS, TIMES

FILE = Path(__file__).parents[2] / "docs" / "inference.md"
HEAD = """# What an import infers

DDL says which columns there are, not what is in them. Importing DDL fills that in: columns without a description get a
generation rule by name, type and comment, and keys that the DDL does not declare are guessed from names. All of it is
in the experiment, marked `inferred`, to be seen (`dw-sim experiment show`) and edited (`dw-sim experiment update`).

- `infer_rules: false` (`--no-infer-rules`) leaves the rules out; `infer_foreign_keys: false`
  (`--no-infer-foreign-keys`) the keys, `refused_foreign_keys` (`--refuse-foreign-key TABLE.COLUMN`) single ones.
- What the DDL states is left alone: identity, bounds that a CHECK gives, keys. So are members of keys of several
  columns. A unique column takes only what is distinct by construction.
- A guess never makes fail what went without it. It is cut to the column's type and length, or not made.

This page is made of the tables in `schema_svc/core/inference/` (`make golden`); a test compares them.

## Names

A name in the tables means the last words of a column's name: `zip_code` is in `billing_zip_code` and `BillingZipCode`,
but `city` is not in `capacity`. Words may be glued where each of them is known: `venuecity`. `is_*` means the first
words. The most words win, then the first row. Where the name says nothing, a comment of at most eight words is read
like a name.

A comment that lists values (`'new', 'paid'`, `0 = open, 1 = closed`, `new | paid`, `one of new, paid`) makes them the
column's values. A DEFAULT is the most frequent word of a choice. Words that are too long for the column are left out,
or all are cut to their first letters.

"Of" names what the word before, or else the table, must be; "beside" a column that the table must also have. NULLs are
for columns that may be NULL.

The first column of a table without any declared key counts 1, 2, 3, … if its name says that it is the key.
"""
KEYS = f"""
## Foreign keys

A column references the only unique column of a fitting type and width that its name can mean. Its confidence says how
sure the name is.

| Confidence | Column | References |
|---|---|---|
| {SAME_NAME} | `customer_id` | the key of that very name |
| {NOUN} | `customer_id`, `customerid`, `CustomerID` | `id` of `customers`, `dim_customer.customer_key`, … |
| {ROLE} | `billing_customer_id`, `ss_sold_date_sk`, `concept_id_2` | `customers`, `date_dim.d_date_sk`, `concept` |
| {SELF} | `parent_id`, `reports_to`, `manager_id` of employees | the table itself, where the column may be NULL |
| {SHORT} | `cust_id`, `cdemo_sk` | `customers`, `customer_demographics.cd_demo_sk` |
| {PERSON} | `seller_id`, `created_by` | `users`, `employees`, … |

A table that declares no key at all offers its first column, if the name says that it is the key (`userid` of `users`);
being referenced makes it unique, with a warning. No guess is made that would close a cycle of required keys, or leave
fewer parents than the rows need.
"""


def text() -> str:
    """The page."""
    groups = {"Text": (*TEXTS, *UNOWNED), "Few values": CHOICES, "Numbers": NUMBERS, "Days and moments": TIMES}
    tables = "".join(f"\n### {title}\n\n{_entries(entries)}" for title, entries in groups.items())
    return HEAD + tables + _followers() + KEYS


def expected() -> str:
    """What the file says."""
    return FILE.read_text()


def rewrite() -> None:
    """Write the page anew."""
    FILE.write_text(text())


def _entries(entries: Iterable[Entry]) -> str:
    rows = [(_names(e.names), KIND_NAMES[e.kinds], _filling(e.filling), _where(e), _share(e.nulls)) for e in entries]
    return _table(("Name", "Type", "Filled with", "Only", "NULLs"), rows)


def _followers() -> str:
    rows = [(_names(each.names), _names(each.after), _days(each), _share(each.nulls)) for each in FOLLOWERS]
    pairs, numbers = (
        ", ".join(f"`{pair.first}` and `{pair.second}`" for pair in PAIRS if pair.numbers is wanted)
        for wanted in (False, True)
    )
    return (
        "\n### Days and moments that follow others of their row\n\n"
        + _table(("Name", "After the first of", "Days", "NULLs"), rows)
        + f"\nOf two columns whose names differ in one word, the second follows the first: {pairs}.\n"
        "That is 1 to 180 days for dates, a minute to four hours for moments (the rest of\n"
        "the day for a `datetime` beside its `date`), 15 to 240 minutes for times of day.\n"
        f"Numbers follow by 1 to 100: {numbers}.\n"
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _names(names: str) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(normal_names(names)))


def _where(entry: Entry) -> str:
    owners = f"of {', '.join(entry.owners.split())}" if entry.owners else ""
    near = f"beside {', '.join(normal_names(entry.near))}" if entry.near else ""
    return "; ".join(part for part in (owners, near) if part)


def _share(nulls: float) -> str:
    return f"{nulls:.0%}" if nulls else ""


def _days(follower: Follower) -> str:
    return f"{follower.least_days} to {follower.most_days}"


def _provider(filling: Provider) -> str:
    arguments = "".join(f" `{json.loads(value)}`" for name, value in filling.arguments if name == "text")
    most = f", up to {filling.most} characters" if filling.most else ""
    least = f", from {filling.least} characters" if filling.least > 1 else ""
    return f"faker `{filling.name}`{arguments}{least}{most}"


def _numbers(filling: Numbers) -> str:
    law = f"about {filling.mean:g} ± {filling.stddev:g}, " if filling.mean is not None else ""
    digits = f", at most {filling.most_digits} digit before the point" if filling.most_digits else ""
    return f"{law}{filling.low} to {filling.high}{digits}"


_FILLINGS: Mapping[type, Callable[[Any], str]] = {
    Provider: _provider,
    Numbers: _numbers,
    Uuids: lambda f: f"UUIDs, from {f.least} characters",
    Words: lambda f: f"{f.fewest} to {f.most} {f.unit.lower()}, from {f.least} characters",
    Choices: lambda f: ", ".join(f.weights),
    Ranks: lambda f: f"1 to {f.most}, small ones more often",
    Truth: lambda f: f"true in {f.probability:.0%}",
    Days: lambda f: f"{f.first} to {f.last}" if f.first else "the last two years",
}


def _filling(filling: Any) -> str:
    return _FILLINGS[type(filling)](filling)
