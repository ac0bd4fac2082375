"""Text of few different values: made as places in a dictionary, and the same as if it were not."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dwsim_wire.expression import read_cases, read_expression
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.kernels.few_texts import MOST_WORDS, either, nulls, plain_batch
from generator_svc.core.rules import (
    Choice,
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    LookupRule,
    Rule,
    TemplateRule,
    WeightedChoiceRule,
)
from generator_svc.core.run import Batch
from generator_svc.core.spec import ColumnSpec, TableSpec
from tests.generator_svc.core.catalog import BIGINT, key, plan, text

ROWS = 3000


def choice(*words: str) -> WeightedChoiceRule:
    return WeightedChoiceRule(tuple(Choice(word) for word in words))


PARENT = TableSpec(
    "p", (ColumnSpec("id", BIGINT), ColumnSpec("region", text(9), rule=choice("north", "south"))), ("id",)
)
RULES: dict[str, Rule] = {
    "chosen": choice("a", "b", "", "a"),
    "constant": ConstantRule("é"),
    "cases": DerivedRule("case when n % 3 = 0 then 'x' when n % 3 = 1 then 'y' else 'x' end"),
    "no_else": DerivedRule("(case when n % 2 = 0 then 'even' end)"),
    "short_if": DerivedRule("if(n % 2 = 0, 'even', 'odd')"),
    "either": ConditionalRule("n % 5 = 0", choice("b", "c"), ConstantRule("b")),
    "or_nothing": ConditionalRule("n % 5 = 0", choice("b", "c"), None),
    "or_copy": ConditionalRule("n % 5 = 0", ConstantRule("b"), LookupRule("p_id", "region")),
    "copy": LookupRule("p_id", "region"),
    "template": TemplateRule("{chosen}-{constant}-{cases}"),
    "upper": DerivedRule("upper(chosen) || constant"),
}
OWN = (ColumnSpec("n", BIGINT), ColumnSpec("p_id", BIGINT))
TABLE = TableSpec(
    "t",
    (*OWN, *(ColumnSpec(name, text(20), rule=rule, null_fraction=0.1) for name, rule in RULES.items())),
    foreign_keys=(key("p_id", "p", nullable=True),),
)


def both() -> tuple[pa.RecordBatch, pa.RecordBatch]:
    made = plan([PARENT, TABLE], {"p": 50, "t": ROWS})
    return made.made(Batch("t", 0, 0, ROWS)).cells, made.batch("t", 0, ROWS)


def hashed(batch: pa.RecordBatch) -> str:
    content = ContentHash()
    content.add(0, batch)
    return content.hex()


def test_what_is_written_is_what_is_shown_and_hashes_alike() -> None:
    """A preview and a file must not differ, nor a file that was made without dictionaries."""
    compact, shown = both()
    assert plain_batch(compact).equals(shown)
    assert hashed(compact) == hashed(shown)
    short = {name for name in RULES if pa.types.is_dictionary(compact.schema.field(name).type)}
    assert short == set(RULES) - {"template", "upper"}
    assert all(shown.column(name).null_count for name in RULES)


def test_the_rows_are_those_that_the_rules_say() -> None:
    """Places that are mixed up are still words of the list."""
    for row in both()[1].to_pylist():
        assert row["cases"] in {None, "y" if row["n"] % 3 == 1 else "x"}
        assert row["no_else"] in {None, "even"}
        assert row["short_if"] in {None, "odd" if row["n"] % 2 else "even"}
        assert row["either"] in ({None, "b", "c"} if row["n"] % 5 == 0 else {None, "b"})
        assert row["or_nothing"] in ({None, "b", "c"} if row["n"] % 5 == 0 else {None})
        assert row["or_copy"] in ({None, "b"} if row["n"] % 5 == 0 else {None, "north", "south"})
        parts = [row["chosen"], row["constant"], row["cases"]]
        assert row["template"] is None or None in parts or row["template"] == "-".join(parts)


@pytest.mark.parametrize("count", [MOST_WORDS, MOST_WORDS + 1])
def test_long_lists_are_plain_text(count: int) -> None:
    """A place is one byte."""
    words = [f"w{number}" for number in range(count)]
    table = TableSpec("t", (ColumnSpec("c", text(9), rule=choice(*words)),))
    made = plan([table], {"t": ROWS})
    compact = made.made(Batch("t", 0, 0, ROWS)).cells
    assert pa.types.is_dictionary(compact.schema.field("c").type) == (count == MOST_WORDS)
    assert plain_batch(compact).equals(made.batch("t", 0, ROWS))
    assert set(made.batch("t", 0, ROWS).column("c").to_pylist()) == set(words)


def test_words_of_two_lists_are_joined_or_written_out() -> None:
    """Two lists of 100 words are more than a byte has places for."""
    held = pa.array([True, False] * 100)
    first, second = (pa.array([f"{word}{number}" for number in range(200)]) for word in "ab")
    expected = [f"{'a' if number % 2 == 0 else 'b'}{number}" for number in range(200)]
    few = [pa.array([word] * 200).dictionary_encode() for word in "ab"]
    assert either(held, few[0], few[1]).to_pylist() == ["a", "b"] * 100
    assert either(held, few[0], nulls(200, pa.string())).to_pylist() == ["a", None] * 100
    assert either(held, first, second).to_pylist() == expected
    many = [pa.DictionaryArray.from_arrays(np.arange(200) % 100, words[:100]) for words in (first, second)]
    assert either(held, *many).to_pylist() == [f"{'a' if n % 2 == 0 else 'b'}{n % 100}" for n in range(200)]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("case when n = 1 then 'a' else 'b' end", ("a", "b")),
        ("case n when 1 then 'a' when 2 then 'b' else 'a' end", ("a", "b")),
        ("((case when n = 1 then 'it''s' end))", ("it's",)),
        ("if(n = 1, 'a', 'b')", ("a", "b")),
        ("case when n = 1 then 'a' else null end", None),
        ("case when n = 1 then 'a' else w end", None),
        ("case when n = 1 then 1 else 2 end", None),
        ("case when n = 1 then 'a' else 'b' end || 'c'", None),
        ("w", None),
    ],
)
def test_only_a_choice_between_words_is_one(expression: str, words: tuple[str, ...] | None) -> None:
    """What is taken for one by mistake gives wrong cells."""
    cases: Any = read_cases(read_expression(expression, ["n", "w"]))
    assert (cases and cases.words) == words
