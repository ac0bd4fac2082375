"""A bucket is brought to what the settings want, on a real S3 server, and its owner's rules are left alone."""

import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

from dwsim_wire.object_store import StagingDenied, StagingUnavailable, UnknownBucket
from dwsim_wire.staging import StagingRoot
from generator_svc.staging.bucket_setup import RULE_ID, prepare
from generator_svc.staging.bucket_wish import BucketWish
from tests.processes import free_ports
from tests.s3 import Prefix, client_of

OTHER = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 9}}


@pytest.fixture
def staging(s3: Prefix) -> StagingRoot:
    """A place in a bucket that is not there yet."""
    del s3  # it says where the server is
    return StagingRoot(Path("/area"), f"made-{uuid.uuid4().hex[:8]}")


def client() -> Any:
    return boto3.client("s3", region_name="us-east-1")


def rules(bucket: str) -> dict[str, Any]:
    found = client().get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return {rule["ID"]: rule for rule in found}


def test_a_bucket_is_made_and_versioned_once(staging: StagingRoot) -> None:
    """The first start on an empty server needs nobody's hand; the next one changes nothing."""
    with pytest.raises(UnknownBucket):
        prepare(staging, BucketWish(versioning=True))
    for _ in range(2):
        prepare(staging, BucketWish(create=True, versioning=True))
    assert client().get_bucket_versioning(Bucket=staging.bucket)["Status"] == "Enabled"


def test_our_rule_is_set_beside_those_of_others(staging: StagingRoot) -> None:
    """A bucket is shared: rules that are not ours are not ours to lose."""
    prepare(staging, BucketWish(create=True))
    theirs = {"Rules": [OTHER]}
    client().put_bucket_lifecycle_configuration(Bucket=staging.bucket, LifecycleConfiguration=theirs)
    for days in (7, 30):
        prepare(staging, BucketWish(lifecycle_days=days))
        found = rules(staging.bucket)
        assert set(found) == {"logs", RULE_ID}
        assert found["logs"]["Expiration"] == OTHER["Expiration"]
        assert (found[RULE_ID]["Expiration"], found[RULE_ID]["Filter"]) == (
            {"Days": days},
            {"Prefix": "area/generated/"},
        )
    prepare(staging, BucketWish(create=True))
    assert set(rules(staging.bucket)) == {"logs", RULE_ID}


def test_a_server_that_is_away_or_refuses_is_named(
    staging: StagingRoot, s3: Prefix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that cannot make its bucket says why, and not in the server's words."""
    dead = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_ports(1)[0]}", "AWS_MAX_ATTEMPTS": "1"}
    with client_of(s3.server, monkeypatch, **dead), pytest.raises(StagingUnavailable):
        prepare(staging, BucketWish(create=True))
    wrong = client_of(s3.server, monkeypatch, AWS_SECRET_ACCESS_KEY="wrong")
    with wrong, pytest.raises(StagingDenied, match="refuses"):
        prepare(staging, BucketWish(create=True))


def test_a_directory_and_no_wish_ask_nobody(tmp_path: Path) -> None:
    """Most stacks stage on a disk."""
    prepare(StagingRoot(tmp_path), BucketWish(create=True, lifecycle_days=3))
    prepare(StagingRoot(Path("/x"), "nowhere"), BucketWish())
