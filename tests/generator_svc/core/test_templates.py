"""Templates: text joined from columns of the row, whatever their rules, with their nulls, never a cut tail."""

import pytest

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import (
    Choice,
    FakerRule,
    OffsetRule,
    PatternRule,
    SequenceRule,
    TemplateRule,
    UniformRule,
    WeightedChoiceRule,
)
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.core.catalog import BOOLEAN, DATE, INT, MONEY, TIMESTAMP, key, plan, text

MAIL = "{first:ascii,lower}.{last:ascii,lower}@{domain}.example"


def table(*columns: ColumnSpec, **facts: object) -> TableSpec:
    return TableSpec("t", columns, **facts)  # type: ignore[arg-type]  # facts by name


PEOPLE = table(
    ColumnSpec("mail", text(60), rule=TemplateRule(MAIL)),
    ColumnSpec("first", text(30), rule=FakerRule("first_name", "de_DE")),
    ColumnSpec("last", text(30), null_fraction=0.25, rule=FakerRule("last_name", "pl_PL")),
    ColumnSpec("domain", text(10), rule=WeightedChoiceRule((Choice("shop"), Choice("bank")))),
    ColumnSpec("id", INT, rule=SequenceRule()),
    ColumnSpec("made", DATE, rule=UniformRule("2024-01-01", "2024-12-31")),
    ColumnSpec("paid", DATE, rule=OffsetRule("made", 1, 5)),
    ColumnSpec("label", text(0), rule=TemplateRule("{{{id}}} {paid} {price} {yes} {mail:upper}")),
    ColumnSpec("price", MONEY, rule=UniformRule("1", "9")),
    ColumnSpec("yes", BOOLEAN),
)


def refused(*columns: ColumnSpec, rows: int = 10, **facts: object) -> Fault:
    with pytest.raises(Fault) as caught:
        plan([table(*columns, **facts)], {"t": rows})
    assert caught.value.metadata["column"] == "c"
    return caught.value


def test_a_template_joins_what_the_row_has() -> None:
    """An address that has another name than its person makes no sense."""
    rows = plan([PEOPLE], {"t": 2_000}).batch("t", 0, 2_000).to_pylist()
    assert 380 < sum(row["last"] is None for row in rows) < 620
    for row in rows:
        if row["last"] is None:
            assert row["mail"] is None
            assert row["label"] is None
            continue
        assert row["mail"].isascii()
        assert row["mail"] == row["mail"].lower()
        assert row["mail"].endswith(f"@{row['domain']}.example")
        shown = (
            f"{{{row['id']}}} {row['paid']} {row['price']} {'true' if row['yes'] else 'false'} {row['mail'].upper()}"
        )
        assert row["label"] == shown


def test_any_split_into_batches_makes_the_same_texts() -> None:
    """Resume and preview."""
    made = plan([PEOPLE], {"t": 700})
    whole = made.batch("t", 0, 700)
    pieces = [made.batch("t", at, 70).to_pylist() for at in range(0, 700, 70)]
    assert [row for piece in pieces for row in piece] == whole.to_pylist()


def test_letters_are_spelled_in_ascii() -> None:
    """Marks go, and letters that are no marked ones are spelled."""
    names = WeightedChoiceRule(tuple(map(Choice, ("Müller", "Groß", "Łukasz", "Ænes", "Þór", "Smith"))))
    spelled = {
        "Müller": "muller",
        "Groß": "gross",
        "Łukasz": "lukasz",
        "Ænes": "aenes",
        "Þór": "thor",
        "Smith": "smith",
    }
    columns = ColumnSpec("n", text(9), rule=names), ColumnSpec("c", text(9), rule=TemplateRule("{n:ascii,lower}"))
    for row in plan([table(*columns)], {"t": 200}).batch("t", 0, 200).to_pylist():
        assert row["c"] == spelled[row["n"]]


def test_a_value_that_is_too_long_keeps_its_tail() -> None:
    """Half a domain is no domain."""
    columns = (
        ColumnSpec("n", text(30), rule=PatternRule("[a-z]{10,30}")),
        ColumnSpec("c", text(20), rule=TemplateRule("{n}@x.example")),
    )
    values = plan([table(*columns)], {"t": 300}).batch("t", 0, 300).column("c").to_pylist()
    assert all(len(value) <= 20 and value.endswith("@x.example") for value in values)
    assert max(map(len, values)) == 20


def test_a_template_names_foreign_keys_too() -> None:
    """A nullable key that is NULL leaves the text NULL, or empty where the column is required."""
    parent = TableSpec("p", (ColumnSpec("id", INT, required=True),), primary_key=("id",))
    child = TableSpec(
        "t",
        (
            ColumnSpec("p_id", INT),
            ColumnSpec("c", text(20), rule=TemplateRule("P-{p_id}")),
            ColumnSpec("r", text(20), required=True, rule=TemplateRule("P-{p_id}")),
        ),
        foreign_keys=(key("p_id", "p", nullable=True),),
    )
    rows = plan([parent, child], {"p": 9, "t": 500}).batch("t", 0, 500).to_pylist()
    assert any(row["p_id"] is None for row in rows)
    assert all(row["c"] == (None if row["p_id"] is None else f"P-{row['p_id']}") for row in rows)
    assert all(row["r"].startswith("P-") for row in rows)


@pytest.mark.parametrize("template", ["{id}", "{id}-{n}", "{n}.{id}", "{n}{token}", "#{id}"])
def test_a_template_with_a_unique_number_at_its_end_is_unique(template: str) -> None:
    """The number can be read off every value."""
    columns = (
        ColumnSpec("id", INT, is_unique=True),
        ColumnSpec("token", LogicalType(TypeKind.UUID), is_unique=True),
        ColumnSpec("n", text(5), rule=PatternRule(r"[\d-]{1,5}")),
        ColumnSpec("c", text(60), is_unique=True, rule=TemplateRule(template)),
    )
    values = plan([table(*columns)], {"t": 20_000}).batch("t", 0, 20_000).column("c")
    assert len(values.unique()) == 20_000


@pytest.mark.parametrize(
    ("rule", "fault", "what"),
    [
        (TemplateRule("{nme}"), InvalidArgument, "'nme'"),
        (TemplateRule("{n"), InvalidArgument, "cannot be read"),
        (TemplateRule("{n:loud}"), InvalidArgument, "'loud'"),
        (TemplateRule("{n!r}"), InvalidArgument, "!r"),
        (TemplateRule("{b}"), ImpossibleRule, "bytes"),
        (TemplateRule("{c}"), ImpossibleRule, "circle"),
        (TemplateRule("{n}" + "x" * 21), ImpossibleRule, "21 characters"),
    ],
)
def test_templates_that_cannot_be_are_refused(rule: TemplateRule, fault: type[Fault], what: str) -> None:
    """By table and column, with what would be right."""
    columns = (
        ColumnSpec("n", text(5)),
        ColumnSpec("b", LogicalType(TypeKind.BINARY)),
        ColumnSpec("c", text(20), rule=rule),
    )
    found = refused(*columns)
    assert isinstance(found, fault)
    assert what in found.message
    assert found.hint


@pytest.mark.parametrize("template", ["{n}", "{id}{n}", "{n}{id}", "{n}-{id}-{n}", "{n}-{id}", "x"])
def test_a_template_that_may_repeat_is_refused_where_it_must_be_unique(template: str) -> None:
    """1 and 11 are 111, and so are 11 and 1."""
    columns = (
        ColumnSpec("id", INT, is_unique=True),
        ColumnSpec("n", text(5)),
        ColumnSpec("c", text(60), is_unique=True, rule=TemplateRule(template)),
    )
    assert isinstance(refused(*columns), ImpossibleRule)


def test_a_circle_through_offsets_and_templates_is_refused() -> None:
    """a is made from b is made from a."""
    columns = ColumnSpec("c", text(9), rule=TemplateRule("{d}")), ColumnSpec("d", text(9), rule=TemplateRule("{c}"))
    with pytest.raises(ImpossibleRule, match=r"c -> d -> c|d -> c -> d"):
        plan([table(*columns)], {"t": 1})


def test_moments_are_written_in_iso_form() -> None:
    """As the warehouse would cast them."""
    columns = (
        ColumnSpec("at", TIMESTAMP, rule=UniformRule("2024-01-02T03:04:05", "2024-01-02T03:04:05")),
        ColumnSpec("c", text(0), rule=TemplateRule("{at}")),
    )
    value = plan([table(*columns)], {"t": 1}).batch("t", 0, 1).column("c")[0].as_py()
    assert value.startswith("2024-01-02 03:04:05")
