"""Texts of documents: read as version 1.2 of YAML has them, every error at its line and column."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dwsim_wire.fault import Fault
from schema_svc.core import faults
from schema_svc.core.document import import_spec
from schema_svc.core.places import JsonPlaces, steps
from schema_svc.core.spec_text import SpecFormat, SpecText

YAML = """\
# yaml-language-server: $schema=experiment.schema.json
$schema: http://localhost:8000/api/schemas/experiment
name: shop
tables:
  - name: t
    target_rows: many
    columns:
      - {name: a, data_type: INTT}
      - name: b
        data_type: INT
        requird: true
        null_fraction: true
        foreign_key: {references_table: tt}
"""


def places(text: str) -> dict[str, str]:
    """Paths of what is wrong, with the place at the end of each message."""
    with pytest.raises(faults.InvalidExperiment) as caught:
        import_spec(text)
    return {path: message.rpartition("(line ")[2].rstrip(")") for path, message in caught.value.fields}


def test_every_error_has_its_line_and_column() -> None:
    """Typing errors and broken references of one file come at once, each where it is."""
    expected = {
        "tables[0].target_rows": "6, column 5",
        "tables[0].columns[0].data_type": "8, column 19",
        "tables[0].columns[1].requird": "11, column 9",
        "tables[0].columns[1].null_fraction": "12, column 9",
        "tables[0].columns[1].foreign_key.references_table": "13, column 23",
    }
    assert places(YAML) == expected


def test_json_has_places_too() -> None:
    """The key is where the eye goes."""
    text = '{"name": "shop",\n "tables": [{"name": "t", "columns": [\n  {"name": "a", "data_type": 5}]}]}'
    assert places(text) == {"tables[0].columns[0].data_type": "3, column 17"}


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ('{"name": "a",\n "x": NaN}', 2, 7, "NaN is no number"),
        ('{"name": "a",\n "x": {"b": 1, "b": 2}}', 2, 16, "key 'b' is twice"),
        ('{"name": "a",\n "x" 1}', 2, 6, "delimiter"),
        ("name: a\nx:\n\tb: 1", 3, 1, "cannot start any token"),
        ("name: a\nx: {b: 1, b: 2}", 2, 11, "key 'b' is twice"),
        ("name: a\nx: [1, 2\ny: 3", 3, 2, "expected ',' or ']'"),
        ("name: a\nx: *nobody", 2, 4, "undefined alias"),
        ("name: a\n---\nname: b", 2, 1, "another document"),
        ("name: a\nx: !!python/object:os.system {}", 2, 4, "is not read here"),
    ],
)
def test_a_text_that_cannot_be_read_says_where(text: str, line: int, column: int, what: str) -> None:
    """A line and a column lead to the mistake in a file of 10,000 lines."""
    with pytest.raises(faults.InvalidDocument, match=what.replace("[", r"\[")) as caught:
        SpecText(text, SpecFormat.FROM_TEXT)
    assert (caught.value.metadata["line"], caught.value.metadata["column"]) == (str(line), str(column))


def test_tabs_are_answered_with_blanks() -> None:
    """The most common mistake of all."""
    with pytest.raises(faults.InvalidDocument) as caught:
        SpecText("a:\n\tb: 1", SpecFormat.YAML)
    assert "blanks" in caught.value.hint


def test_words_and_numbers_are_what_they_look_like() -> None:
    """YAML 1.1 makes no, 08:30:00 and 0123 into false, 30600 and 83."""
    data = SpecText("a: [no, off, 08:30:00, 0123, 1_000, 2024-01-01, 0x1F, 1.50, 1e3, .inf]", SpecFormat.YAML).data
    assert data["a"] == ["no", "off", "08:30:00", "0123", "1_000", "2024-01-01", "0x1F", 1.5, 1000.0, ".inf"]
    assert SpecText("a: [true, False, null, ~, 12, -3]", SpecFormat.YAML).data["a"] == [True, False, None, None, 12, -3]


def test_anchors_and_merges_are_read() -> None:
    """What several tables share is written once."""
    text = "base: &b {a: 1, b: 2}\nx: {<<: *b, b: 3}\ny: *b\nz: {<<: [{a: 9}, *b]}"
    data = SpecText(text, SpecFormat.YAML).data
    assert (data["x"], data["y"], data["z"]) == ({"a": 1, "b": 3}, {"a": 1, "b": 2}, {"a": 9, "b": 2})


def test_an_exact_bound_keeps_the_digits_it_was_written_with() -> None:
    """A float in between would round them."""
    for text in (
        '{"name": "x", "tables": [{"name": "t", "columns": [{"name": "a", "data_type": "DECIMAL(38,10)",'
        ' "rule": {"uniform": {"min": 1.50, "max": 12345678901234567890.1234567891}}}]}]}',
        "name: x\ntables: [{name: t, columns: [{name: a, data_type: 'DECIMAL(38,10)',"
        " rule: {uniform: {min: 1.50, max: 12345678901234567890.1234567891}}}]}]",
    ):
        rule = import_spec(text).tables[0].columns[0].rule
        assert rule
        assert rule.uniform
        assert (rule.uniform.min, rule.uniform.max) == ("1.50", "12345678901234567890.1234567891")


@pytest.mark.parametrize("number", ["9" * 5000, "1e999", "-" + "1" * 400, "123456789012345678901234567890"])
def test_absurd_numbers_are_refused_with_their_path(number: str) -> None:
    """Python's own limit on digits must not surface."""
    text = '{"name": "x", "tables": [{"name": "t", "target_rows": %s, "columns": [{"name": "a", "data_type": "INT"}]}]}'
    with pytest.raises(faults.InvalidExperiment) as caught:
        import_spec(text % number)
    assert [path for path, _ in caught.value.fields] == ["tables[0].target_rows"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("required", '"perhaps"'), ("min_value", "true"), ("name", "5"), ("rule", "[]"), ("foreign_key", '"t.a"'),
     ("properties", '{"a": 1}'), ("varchar_length", "1.5"), ("min_value", '"NaN"')],
)  # fmt: skip
def test_a_wrong_type_is_named_with_a_hint(field: str, value: str) -> None:
    """true is no number, 5 is no text."""
    column = f'{{"name": "a", "data_type": "INT", "{field}": {value}}}'
    if field == "name":
        column = '{"name": 5, "data_type": "INT"}'
    with pytest.raises(faults.InvalidExperiment) as caught:
        import_spec(f'{{"name": "x", "tables": [{{"name": "t", "columns": [{column}]}}]}}')
    assert [path.startswith(f"tables[0].columns[0].{field}") for path, _ in caught.value.fields] == [True]


MERGED = "a0: &a0 {k0: 1}\n" + "".join(
    f"a{n}: &a{n} {{k{n}: 1, <<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 40)
)


@pytest.mark.parametrize("bomb", ["a: &a\n  <<: *a\n", MERGED, "[" * 100_000, "- " * 50_000, "? " * 50_000])
def test_no_text_takes_long_or_crashes(bomb: str) -> None:
    """Aliases that merge each other double at every level; brackets nest deeper than the stack."""
    begin = time.monotonic()
    with pytest.raises(Fault):
        import_spec(bomb)
    assert time.monotonic() - begin < 5


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"\\{é', max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(JSONS)
def test_json_places_are_those_of_the_values(value: object) -> None:
    """The tokens of a text and its data must not drift apart."""
    text = json.dumps(value, indent=1)
    for spot in JsonPlaces(text).spots():
        here = value
        for step in spot.path:
            here = here[step]  # type: ignore[index]  # the path is the data's own
        decoded, _ = json.JSONDecoder().raw_decode(text, spot.offset)
        assert decoded == here


def test_paths_are_split_into_steps() -> None:
    """What is written in a message leads back to the value."""
    assert steps("tables[1].columns[22].foreign_key.references_table") == (
        "tables", 1, "columns", 22, "foreign_key", "references_table"
    )  # fmt: skip
