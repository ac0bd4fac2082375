"""Laws of change sets: feeds, histories and snapshots tell the same story, and it keeps every key."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.admission import RunRequest, admit
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.run import RunKind
from generator_svc.core.versions import ChangeOutput, Shares
from tests.generator_svc.core.company import (
    KEYS,
    REFERENCES,
    ROWS,
    Chain,
    Record,
    begun,
    company,
    content,
    ended,
    key_of,
    keyed,
    rows_made,
    snapshots,
)
from tests.generator_svc.documents import NO_FILES, column, refers
from tests.golden import change_goldens

ADDED = ("_op", "_ts", "_version", "valid_from", "valid_to", "is_current")
parts = st.sampled_from([0.0, 0.01, 0.1, 0.3, 0.6])
some_shares = st.builds(Shares, parts, parts, parts)


def plain(row: Record) -> Record:
    """A row without what a change set adds."""
    return {name: value for name, value in row.items() if name not in ADDED}


def apply(table: str, state: dict[tuple[object, ...], Record], feed: list[Record]) -> None:
    """Do to a table what its feed tells, as a consumer would, checking that each change fits."""
    for row in feed:
        key = key_of(table, row)
        match row["_op"]:
            case "I":
                assert key not in state
                state[key] = plain(row)
            case "U":
                assert key in state
                state[key] = plain(row)
            case _:
                assert state.pop(key) == plain(row), "a deleted row is told as it was"


def check_references(tables: dict[str, list[Record]]) -> None:
    """Every foreign key that is not NULL finds its parent."""
    for (table, name), (parent, key) in REFERENCES.items():
        there = {row[key] for row in tables[parent]}
        assert {row[name] for row in tables[table]} - {None} <= there, (table, name)


@settings(max_examples=4, deadline=None)
@given(st.lists(some_shares, min_size=1, max_size=3), st.integers(0, 2**31))
def test_the_feeds_applied_to_the_full_run_make_the_snapshot(versions: list[Shares], seed: int) -> None:
    """What a pipeline builds from the changes is what the database would have."""
    chain = begun(seed=seed)
    state = {name: keyed(name, rows_made(chain.runs[0], name)) for name in KEYS}
    for version, shares in enumerate(versions, start=1):
        chain = chain.then(shares=shares)
        for name in KEYS:
            feed = rows_made(chain.runs[-1], name)
            assert feed == sorted(feed, key=lambda row: row["_ts"])
            assert {row["_version"] for row in feed} <= {version}
            apply(name, state[name], feed)
        direct = snapshots(chain, version)
        assert state == {name: keyed(name, rows) for name, rows in direct.items()}
        check_references(direct)


@settings(max_examples=3, deadline=None)
@given(st.lists(some_shares, min_size=1, max_size=3), st.integers(0, 2**31))
def test_a_history_has_one_interval_for_every_moment_of_a_life(versions: list[Shares], seed: int) -> None:
    """SCD type 2: intervals of a row join without gap or overlap, and the current ones are the snapshot."""
    chain = begun(seed=seed)
    for shares in versions:
        chain = chain.then(ChangeOutput.SCD2, shares=shares)
    now = snapshots(chain, len(versions))
    for name in KEYS:
        states = rows_made(chain.runs[-1], name)
        lives: dict[tuple[object, ...], list[Record]] = {}
        for row in states:
            lives.setdefault(key_of(name, row), []).append(row)
        for life in lives.values():
            assert all(a["valid_to"] == b["valid_from"] and not a["is_current"] for a, b in pairwise(life))
            assert all(row["valid_to"] is None or row["valid_from"] < row["valid_to"] for row in life)
            assert life[-1]["is_current"] == (life[-1]["valid_to"] is None)
        current = [plain(row) for row in states if row["is_current"]]
        assert keyed(name, current) == keyed(name, now[name])


def test_a_history_is_what_the_feeds_told() -> None:
    """Both forms date every change alike, so that they can be compared row by row."""
    chain = begun()
    told = set()
    for version in range(1, 4):
        chain = chain.then(tables=tuple(KEYS) if version % 2 else ("customers", "orders"))
        told |= {
            (name, key_of(name, row), row["_ts"], row["_op"])
            for name in KEYS
            for row in rows_made(chain.runs[-1], name)
        }
    history = Chain(chain.document, chain.runs[:-1]).then(ChangeOutput.SCD2)
    begin = dt.datetime(2026, 1, 1)
    for name in KEYS:
        for row in rows_made(history.runs[-1], name):
            key = key_of(name, row)
            assert row["valid_from"] == begin or {(name, key, row["valid_from"], op) for op in "IU"} & told
            if row["valid_to"]:
                assert {(name, key, row["valid_to"], op) for op in "UD"} & told


def test_change_sets_are_what_this_engine_version_has_always_made() -> None:
    """Chains go on for months: version 12 must not rewrite what versions 1 to 11 told."""
    assert change_goldens.checksums() == change_goldens.expected()


@pytest.mark.slow
def test_ten_versions_end_where_one_look_at_the_tenth_does() -> None:
    """A long chain, with later versions changing nothing that earlier ones told."""
    chain = begun(rows={"orders": 120, "items": 260})
    state = {name: keyed(name, rows_made(chain.runs[0], name)) for name in KEYS}
    early = None
    for _ in range(10):
        chain = chain.then(shares=Shares(0.1, 0.2, 0.08))
        for name in KEYS:
            apply(name, state[name], rows_made(chain.runs[-1], name))
        early = early or snapshots(chain, 1)
    assert state == {name: keyed(name, rows) for name, rows in snapshots(chain, 10).items()}
    assert snapshots(chain, 1) == early
    check_references(snapshots(chain, 10))


def test_counts_are_exact() -> None:
    """A share of the rows is that share, to the row, where no parent takes rows along."""
    chain = begun()
    living = {name: ROWS[name] for name in ("regions", "employees")}
    for _ in range(3):
        chain = chain.then(shares=Shares(0.25, 0.4, 0.2))
        for name, before in living.items():
            counts = dict.fromkeys("IUD", 0)
            for row in rows_made(chain.runs[-1], name):
                counts[row["_op"]] += 1
            deletes, inserts = int(before * 0.2 + 0.5), int(before * 0.25 + 0.5)
            assert (counts["I"], counts["D"]) == (inserts, deletes)
            assert counts["U"] >= int((before - deletes) * 0.4 + 0.5)
            if name == "regions":
                assert counts["U"] == int((before - deletes) * 0.4 + 0.5)
            living[name] = before - deletes + inserts


@pytest.mark.parametrize("output", list(ChangeOutput))
def test_any_cut_into_batches_gives_the_same_content(output: ChangeOutput) -> None:
    """Workers, restarts and batch sizes must never change a row: files may be cut anywhere."""
    wanted = content(begun().then().then(output).runs[-1])
    for batch_rows in (7, 100_000):
        assert content(begun(batch_rows=3).then().then(output, batch_rows=batch_rows).runs[-1]) == wanted


def test_updates_keep_keys_and_what_other_rows_are_made_from() -> None:
    """Children copy a parent's column and count days from it: it must not change behind their back."""
    chain = begun().then(shares=Shares(0, 1.0, 0))
    before = {name: keyed(name, rows_made(chain.runs[0], name)) for name in KEYS}
    after = {name: keyed(name, rows) for name, rows in snapshots(chain, 1).items()}
    kept = {
        "customers": ("email", "region_id", "region"),
        "orders": ("customer_id", "created_at"),
        "regions": ("title",),
    }
    for name, columns in kept.items():
        for key, row in before[name].items():
            assert all(after[name][key][column] == row[column] for column in columns)
    for name, changing in {"customers": "balance", "orders": "status", "items": "quantity"}.items():
        changed = sum(after[name][key][changing] != row[changing] for key, row in before[name].items())
        assert changed > 0.4 * len(before[name])
    for row in after["customers"].values():
        assert row["doubled"] == (None if row["balance"] is None else row["balance"] * 2)


def test_what_cannot_change_is_not_updated() -> None:
    """An update that leaves every cell as it was would be a lie in the feed."""
    document = company()
    document["tables"][0]["columns"].pop()
    chain = begun(document).then(shares=Shares(0, 0.5, 0))
    assert {table.name: table.rows for table in chain.runs[-1].order.tables}["regions"] == 0


def test_a_row_dies_with_a_required_parent_and_lets_an_optional_one_go() -> None:
    """Deleted customers take orders, items and profiles along; their agents stay, without a favourite."""
    chain = begun().then(tables=("customers",), shares=Shares(0, 0, 0.4))
    assert {table.name for table in chain.runs[-1].order.tables} == {
        "customers",
        "profiles",
        "employees",
        "orders",
        "items",
    }
    assert {row["_op"] for row in rows_made(chain.runs[-1], "orders")} == {"D"}
    assert {row["_op"] for row in rows_made(chain.runs[-1], "employees")} == {"U"}
    assert all(row["favourite_id"] is None for row in rows_made(chain.runs[-1], "employees"))


def test_time_order_over_all_tables_never_shows_a_child_without_its_parent() -> None:
    """Whoever merges the feeds by `_ts` may enforce foreign keys at every step."""
    chain = begun().then(shares=Shares(0.2, 0.2, 0.2))
    state = {name: keyed(name, rows_made(chain.runs[0], name)) for name in KEYS}
    merged = sorted(
        ((row["_ts"], name, row) for name in KEYS for row in rows_made(chain.runs[-1], name)), key=lambda each: each[0]
    )
    required = {pair: parent for pair, parent in REFERENCES.items() if pair[0] in {"profiles", "orders", "items"}}
    for number, (_, name, row) in enumerate(merged):
        apply(name, state[name], [row])
        if number % 40 == 0:
            for (table, column_name), (parent, key) in required.items():
                there = {row[key] for row in state[parent].values()}
                assert {row[column_name] for row in state[table].values()} <= there


def test_shares_may_differ_by_table_and_rows_be_counted() -> None:
    """Facts grow, dimensions hardly change."""
    chain = begun().then(rows={"orders": 33}, shares=Shares(0, 0, 0), table_shares={"customers": Shares(0.1, 0.5, 0)})
    made = {table.name: table.rows for table in chain.runs[-1].order.tables}
    assert made == {"customers": 15 + 75, "orders": 33, "regions": 0, "profiles": 0, "employees": 0, "items": 0}


@pytest.mark.parametrize("nullable", [False, True])
def test_a_row_with_two_parents_by_one_column_needs_both(*, nullable: bool) -> None:
    """The column is a value of both tables: it must go when either of them loses it."""
    x = column("x", "INTEGER")
    keys = [{"columns": ["x"], **refers(name, "id", nullable=nullable)} for name in "ab"]
    for key in keys:
        key["references_columns"] = [key.pop("references_column")]
    sides = [
        {"name": name, "columns": [column("id", "INTEGER")], "primary_key": ["id"], "target_rows": 100} for name in "ab"
    ]
    child = {"name": "c", "columns": [column("id", "INTEGER"), x], "primary_key": ["id"], "target_rows": 1_000}
    document = {"name": "two", "id": "t1", "revision": 1, "tables": [*sides, child | {"foreign_keys": keys}]}
    chain = begun(document)
    for version, name in enumerate("bab", start=1):
        chain = chain.then(table_shares={name: Shares(0.1, 0, 0.2)}, shares=Shares(0.1, 0, 0))
        history = chain.changes.history
        living = {each: history.snapshot(each, 0, history.rows_of(each), version) for each in "abc"}
        taken = set(living["c"]["x"].to_pylist()) - {None}
        assert taken
        assert taken <= set(living["a"]["id"].to_pylist()) & set(living["b"]["id"].to_pylist())


def test_required_keys_in_a_circle_cannot_be_deleted() -> None:
    """Each row would wait for the other: the refusal names the tables and the way out."""
    document = company()
    tables = {table["name"]: table for table in document["tables"]}
    tables["regions"]["columns"].append(
        column("capital_id", "BIGINT", required=True, foreign_key=refers("customers", "customer_id"))
    )
    tables["customers"]["columns"][2] = column(
        "region_id", "INTEGER", required=True, foreign_key=refers("regions", "region_id")
    )
    with pytest.raises(ImpossibleRule, match="circle"):
        begun(document).then()
    chain = begun(document).then(shares=Shares(0.1, 0.1, 0))
    check_references(snapshots(chain, 1))


def test_taken_names_and_absurd_shares_are_refused() -> None:
    """The refusal names the field or column, and what would do."""
    for field, shares in {
        "insert": Shares(-1, 0, 0),
        "update": Shares(0, 1.5, 0),
        "delete": Shares(0, 0, float("nan")),
    }.items():
        with pytest.raises(InvalidArgument) as refused:
            begun().then(shares=shares)
        assert refused.value.fields[0].path == f"changes.{field}_fraction"
    document = company()
    document["tables"][0]["columns"].append(column("Valid_From", "TIMESTAMP"))
    with pytest.raises(InvalidArgument, match="Valid_From"):
        begun(document).then(ChangeOutput.SCD2)
    assert begun(document).then().changes


def test_an_append_before_change_sets_is_part_of_version_0_and_after_them_is_refused() -> None:
    """Rows of an append after a change set would belong to no version."""
    full = begun()
    append = admit(
        RunRequest(kind=RunKind.APPEND, rows={"orders": 50}), full.document, NO_FILES, ended(full.runs[0], 1)
    )
    chain = Chain(full.document, (*full.runs, append)).then()
    state = keyed("orders", rows_made(full.runs[0], "orders") + rows_made(append, "orders"))
    apply("orders", state, rows_made(chain.runs[-1], "orders"))
    assert state == keyed("orders", snapshots(chain, 1)["orders"])
    with pytest.raises(InvalidArgument, match="append"):
        admit(RunRequest(kind=RunKind.APPEND), full.document, NO_FILES, ended(chain.runs[-1], 3))
