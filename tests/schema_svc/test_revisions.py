"""Revisions: immutable, numbered, listed with what they changed, compared; changed only by who read the newest."""

import asyncio

import grpc
import pytest
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.experiment_pb2 import Column, Experiment
from dwsim.schema.v1.revision_pb2 import Change
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call
from tests.golden.ddl_goldens import TEXTS
from tests.schema_svc.requests import import_sql, refused

C = grpc.StatusCode


async def change(
    schema: SchemaServiceStub, name: str, *, description: str = "", etag: str = ""
) -> pb.UpdateExperimentResponse:
    """Give an experiment another description."""
    document = (await call(schema.GetExperiment, pb.GetExperimentRequest(name=name))).experiment
    document.description, document.etag = description, ""
    request = pb.UpdateExperimentRequest(name=name, experiment=document, etag=etag)
    return await call(schema.UpdateExperiment, request)


async def listed(schema: SchemaServiceStub, name: str, size: int = 0) -> list[pb.ListRevisionsResponse]:
    """All pages of an experiment's revisions."""
    pages: list[pb.ListRevisionsResponse] = []
    token = ""
    while not pages or token:
        request = pb.ListRevisionsRequest(name=name, page_size=size, page_token=token)
        pages.append(await call(schema.ListRevisions, request))
        token = pages[-1].next_page_token
    return pages


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
async def test_the_same_document_again_makes_no_revision(path: object, schema: SchemaServiceStub) -> None:
    """A deployment that sends its schema every time must not make a thousand revisions."""
    first = (await import_sql(schema, "shop", path.read_text())).experiment  # type: ignore[attr-defined]  # a path
    for etag in (first.etag, ""):
        first.etag = etag
        request = pb.UpdateExperimentRequest(name="shop", experiment=first)
        answer = await call(schema.UpdateExperiment, request)
        assert (answer.unchanged, answer.experiment.revision) == (True, 1)
    assert (await change(schema, "shop", description="new")).unchanged is False


async def test_only_who_read_the_newest_revision_changes_it(schema: SchemaServiceStub) -> None:
    """Two people edit one schema: the second must not undo the first without a word."""
    first = (await import_sql(schema, "shop")).experiment
    second = (await change(schema, "shop", description="a", etag=first.etag)).experiment
    with refused(C.ABORTED, "ETAG_MISMATCH") as caught:
        await change(schema, "shop", description="b", etag=first.etag)
    assert caught.value.metadata["etag"] == second.etag
    table = pb.ImportTableRequest(name="shop", sql="CREATE TABLE u (id INT)", etag=first.etag)
    with refused(C.ABORTED, "ETAG_MISMATCH"):
        await call(schema.ImportTable, table)
    with refused(C.ABORTED, "ETAG_MISMATCH"):
        await call(schema.DeleteExperiment, pb.DeleteExperimentRequest(name="shop", etag=first.etag))
    assert (await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))).experiment == second


async def test_changes_without_an_etag_all_take_place(schema: SchemaServiceStub) -> None:
    """Each is applied to the newest revision, whoever comes between."""
    await import_sql(schema, "shop")
    requests = [pb.ImportTableRequest(name="shop", sql=f"CREATE TABLE u{n} (id INT)") for n in range(6)]
    answers = await asyncio.gather(*(call(schema.ImportTable, request) for request in requests))
    assert sorted(answer.experiment.revision for answer in answers) == [2, 3, 4, 5, 6, 7]
    newest = (await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))).experiment
    assert {table.name for table in newest.tables} == {"t", *(f"u{n}" for n in range(6))}


async def test_revisions_are_listed_newest_first_with_what_they_changed(schema: SchemaServiceStub) -> None:
    """`git log` of a schema."""
    first = (await import_sql(schema, "shop")).experiment
    await call(schema.ImportTable, pb.ImportTableRequest(name="shop", sql="CREATE TABLE u (id INT, x INT)"))
    await change(schema, "shop", description="new")
    pages = await listed(schema, "shop", 2)
    assert [[one.revision for one in page.revisions] for page in pages] == [[3, 2], [1]]
    newest, added, made = [one for page in pages for one in page.revisions]
    assert (made.summary, made.etag, made.create_time) == (
        "created with 1 table, 2 columns",
        first.etag,
        first.create_time,
    )
    assert (added.summary, added.table_count, added.column_count, added.target_rows) == (
        "1 table added (u)",
        2,
        4,
        2000,
    )
    assert (newest.summary, newest.change_count) == ("changed description", 1)


async def test_a_page_token_of_another_experiment_is_refused(schema: SchemaServiceStub) -> None:
    """It would skip revisions in silence."""
    for name in ("shop", "other"):
        await import_sql(schema, name)
        await change(schema, name, description="new")
    token = (await call(schema.ListRevisions, pb.ListRevisionsRequest(name="shop", page_size=1))).next_page_token
    with refused(C.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
        await call(schema.ListRevisions, pb.ListRevisionsRequest(name="other", page_token=token))
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT"):
        await call(schema.ListRevisions, pb.ListRevisionsRequest(name="nowhere"))


async def test_two_revisions_are_compared_table_by_table(schema: SchemaServiceStub) -> None:
    """What a reviewer asks before a run pins the new one."""
    document = (await import_sql(schema, "shop")).experiment
    document.tables[0].columns[1].data_type = "VARCHAR(20)"
    document.tables[0].columns.append(Column(name="extra", data_type="INT"))
    await call(schema.UpdateExperiment, pb.UpdateExperimentRequest(name="shop", experiment=document))
    answer = await call(schema.CompareRevisions, pb.CompareRevisionsRequest(name="shop"))
    assert (answer.from_revision, answer.to_revision, answer.change_count) == (1, 2, 2)
    assert list(answer.changes) == [
        Change(
            kind=Change.CHANGED,
            table="t",
            column="name",
            field="data_type",
            before="VARCHAR(10)",
            after="VARCHAR(20)",
        ),
        Change(kind=Change.ADDED, table="t", column="extra"),
    ]
    back = await call(schema.CompareRevisions, pb.CompareRevisionsRequest(name="shop", from_revision=2, to_revision=1))
    assert [one.kind for one in back.changes] == [Change.CHANGED, Change.REMOVED]
    for request in (
        pb.CompareRevisionsRequest(name="shop", to_revision=1),
        pb.CompareRevisionsRequest(name="shop", from_revision=9),
    ):
        with refused(C.NOT_FOUND, "UNKNOWN_REVISION"):
            await call(schema.CompareRevisions, request)


async def test_an_experiment_keeps_its_name(schema: SchemaServiceStub) -> None:
    """Names are in warehouses, scripts and URLs; a copy under another name is an export and an import."""
    await import_sql(schema, "shop")
    document = (await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))).experiment
    document.name = "store"
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT") as caught:
        await call(schema.UpdateExperiment, pb.UpdateExperimentRequest(name="shop", experiment=document))
    assert "keeps its name" in caught.value.hint


async def test_some_tables_of_an_experiment_can_be_read(schema: SchemaServiceStub) -> None:
    """Nobody wants four hundred tables to look at one."""
    await import_sql(schema, "shop", "CREATE TABLE a (id INT); CREATE TABLE b (id INT); CREATE TABLE c (id INT);")
    request = pb.GetExperimentRequest(name="shop", tables=["C", "a"])
    shown: Experiment = (await call(schema.GetExperiment, request)).experiment
    assert [table.name for table in shown.tables] == ["a", "c"]
    with refused(C.NOT_FOUND, "UNKNOWN_TABLE"):
        await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop", tables=["d"]))
