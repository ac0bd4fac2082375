"""Pages, staging URIs, Arrow bytes, failpoints: small promises that both ends rely on."""

import base64
import errno
from pathlib import Path

import pyarrow as pa
import pytest
from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.loader.v1.loader_service_pb2 import StartLoadRequest
from hypothesis import given
from hypothesis import strategies as st

from dwsim_wire import failpoint
from dwsim_wire.arrow import batch_from_bytes, batch_to_bytes, schema_from_bytes, schema_to_bytes
from dwsim_wire.fault import InvalidArgument, InvalidPageToken, NotYetAvailable
from dwsim_wire.fingerprint import fingerprint
from dwsim_wire.paging import decode_number, decode_token, encode_token, page_size
from dwsim_wire.staging import StagingRoot


@given(st.text(), st.text(), st.text())
def test_a_token_gives_back_its_position(rpc: str, position: str, filters: str) -> None:
    """Whatever a position is made of, the next page begins there."""
    assert decode_token(rpc, encode_token(rpc, position, filters), filters) == position


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "!!!",
        "bm90IGpzb24",
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        encode_token("ListLoads", 3),
        encode_token("ListRuns", 3, "a"),
    ],
)
def test_a_token_of_elsewhere_is_refused(token: str) -> None:
    """A token with other filters would skip or repeat rows in silence."""
    with pytest.raises(InvalidPageToken):
        decode_token("ListRuns", token)


@pytest.mark.parametrize("position", ["", "x", "-1", "1.0", "²", " 7", 2**63, "0" * 30, "9" * 10_000])
def test_a_forged_position_is_refused(position: int | str) -> None:
    """Whatever somebody writes into a token, it is their mistake and not our defect."""
    with pytest.raises(InvalidPageToken):
        decode_number("ListRuns", encode_token("ListRuns", position))
    assert decode_number("ListRuns", "") is None
    assert decode_number("ListRuns", encode_token("ListRuns", 2**63 - 1)) == 2**63 - 1


def test_a_repeated_request_has_the_fingerprint_of_the_first() -> None:
    """Its id and whether the client waits are no part of what it asks for; everything else is."""
    first = StartRunRequest(experiment="shop", rows={"a": 1, "b": 2}, request_id="r1", wait=True)
    again = StartRunRequest(experiment="shop", rows={"b": 2, "a": 1}, request_id="r2")
    assert fingerprint(first, "wait") == fingerprint(again, "wait")
    assert first.request_id == "r1", "the request itself stays as it is"
    for other in (StartRunRequest(experiment="shop"), StartLoadRequest(experiment="shop"), first):
        assert fingerprint(other) != fingerprint(again, "wait")


def test_page_sizes_stay_within_limits() -> None:
    """Nobody gets a million rows in one message."""
    assert (page_size(0), page_size(7), page_size(10**6)) == (50, 7, 500)
    with pytest.raises(InvalidArgument):
        page_size(-1)


@given(st.lists(st.text(min_size=1).filter(lambda s: "/" not in s and "\0" not in s and s not in {".", ".."})))
def test_a_staging_uri_gives_back_its_path(names: list[str]) -> None:
    """Experiments may have any name; their files must be found again."""
    root = StagingRoot(Path("/data")).child(*names)
    assert StagingRoot.parse(root.uri) == root


@pytest.mark.parametrize("uri", ["S3://KEY:HIDDEN@bucket/x", "https://KEY:HIDDEN@host/x"])
def test_a_secret_in_a_staging_uri_is_not_repeated(uri: str) -> None:
    """Messages go to logs and screens."""
    with pytest.raises(InvalidArgument) as refused:
        StagingRoot.parse(uri)
    assert "HIDDEN" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize("uri", ["relative/path", "http://host/x", "file://other-host/x"])
def test_a_uri_that_is_no_staging_is_refused(uri: str) -> None:
    """A typo must not write files into the working directory."""
    with pytest.raises(InvalidArgument):
        StagingRoot.parse(uri)


@given(st.lists(st.text(min_size=1).filter(lambda s: "/" not in s and "\0" not in s and s not in {".", ".."})))
def test_a_uri_in_a_bucket_gives_back_its_path(names: list[str]) -> None:
    """A key is any text; a name with ? or # must not end the URI."""
    root = StagingRoot.parse("s3://bucket/some/prefix").child(*names)
    assert StagingRoot.parse(root.uri) == root
    assert root.key == "/".join(["some/prefix", *names])
    assert root.is_inside(StagingRoot.parse("s3://bucket/some"))
    assert not root.is_inside(StagingRoot.parse("s3://other/some"))
    assert not root.is_inside(StagingRoot(Path("/some")))


@pytest.mark.parametrize("uri", ["s3://", "s3:///key", "s3://b/../other", "s3://b/%2e%2e/x", "s3://b/nul%00"])
def test_a_uri_that_names_no_place_in_a_bucket_is_refused(uri: str) -> None:
    """Whatever looks like a way out of its prefix is one."""
    with pytest.raises(InvalidArgument):
        StagingRoot.parse(uri)


@pytest.mark.parametrize("uri", ["s3://user:hunter2@b/x", "s3://b/x?secret=hunter2", "s3://b/x#hunter2"])
def test_a_uri_has_no_credentials_and_they_are_not_repeated(uri: str) -> None:
    """URIs are in events, files and logs."""
    with pytest.raises(InvalidArgument) as caught:
        StagingRoot.parse(uri)
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


def test_another_cloud_says_that_it_comes_later() -> None:
    """An honest answer is better than a folder called gs:."""
    with pytest.raises(NotYetAvailable):
        StagingRoot.parse("gs://bucket/prefix")


@pytest.mark.parametrize("name", ["..", "a/b", "", "nul\0"])
def test_a_path_segment_cannot_climb(name: str) -> None:
    """A table called `..` must not write outside of the staging."""
    with pytest.raises(InvalidArgument):
        StagingRoot(Path("/data")).child(name)


def test_a_batch_survives_the_wire() -> None:
    """Decimals, nulls and slices arrive as they were."""
    batch = pa.record_batch({"d": pa.array([None, 1, 2], pa.decimal128(9, 2)), "s": ["a", None, "c"]}).slice(1)
    schema = schema_from_bytes(schema_to_bytes(batch.schema))
    assert batch_from_bytes(batch_to_bytes(batch), schema).equals(batch)


def test_a_failpoint_acts_on_the_count_it_is_armed_for() -> None:
    """Kill tests choose the moment."""
    failpoint.arm("write=enospc@2")
    try:
        failpoint.reach("write")
        failpoint.reach("elsewhere")
        with pytest.raises(OSError, match="space") as caught:
            failpoint.reach("write")
        assert caught.value.errno == errno.ENOSPC
        failpoint.reach("write")
    finally:
        failpoint.arm("")
