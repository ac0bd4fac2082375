"""The bucket of the staging area as the settings want it: made, versioned, with a rule of ours for old objects.

A bucket's other rules are its owner's: ours is found by its id, and replaced alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from dwsim_wire.object_store import StagingDenied, StagingUnavailable, UnknownBucket
from dwsim_wire.staging import StagingRoot
from generator_svc.staging.bucket_wish import FIRST_REGION, BucketWish

RULE_ID = "dw-simulator-staging"
MISSING = frozenset({"404", "NoSuchBucket", "NotFound"})
NO_RULES = frozenset({"404", "NoSuchLifecycleConfiguration"})
MADE_MEANWHILE = frozenset({"BucketAlreadyOwnedByYou"})
DENIED = frozenset({"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"})
DENIED_HINT = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and whether they may administer the bucket"
AWAY_HINT = "check AWS_ENDPOINT_URL and whether the server runs, or make the bucket by hand"


def prepare(staging: StagingRoot, wish: BucketWish) -> None:
    """Bring the bucket of a staging area to what is wanted; nothing where it is in a directory. It is idempotent."""
    if not staging.bucket or not wish.is_any:
        return
    with _named_faults(staging.bucket):
        client = boto3.session.Session().client(
            "s3", region_name=wish.region, config=Config(connect_timeout=5, read_timeout=30)
        )
        if not _exists(client, staging.bucket):
            if not wish.create:
                raise _unknown(staging.bucket)
            _create(client, staging.bucket, wish.region)
        if wish.versioning:
            _version(client, staging.bucket)
        if wish.lifecycle_days:
            _set_rule(client, staging, wish)


def _exists(client: Any, bucket: str) -> bool:
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if _code(error) in MISSING:
            return False
        raise
    return True


def _create(client: Any, bucket: str, region: str) -> None:
    elsewhere = {} if region == FIRST_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        client.create_bucket(Bucket=bucket, **elsewhere)
    except ClientError as error:
        if _code(error) not in MADE_MEANWHILE:
            raise


def _version(client: Any, bucket: str) -> None:
    if client.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def _set_rule(client: Any, staging: StagingRoot, wish: BucketWish) -> None:
    """Let objects of the staging area expire; old versions of them a day later."""
    rule: dict[str, Any] = {
        "ID": RULE_ID,
        "Status": "Enabled",
        "Filter": {"Prefix": f"{staging.child('generated').key}/"},
        "Expiration": {"Days": wish.lifecycle_days},
    }
    if wish.versioning:
        rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": 1}
    before = _rules(client, staging.bucket)
    if rule in before:
        return
    rules = [each for each in before if each.get("ID") != RULE_ID]
    client.put_bucket_lifecycle_configuration(Bucket=staging.bucket, LifecycleConfiguration={"Rules": [*rules, rule]})


def _rules(client: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        return list(client.get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules", []))
    except ClientError as error:
        if _code(error) in NO_RULES:
            return []
        raise


@contextmanager
def _named_faults(bucket: str) -> Iterator[None]:
    """Name what went wrong, without the server's own words: those may repeat credentials."""
    fault: StagingDenied | StagingUnavailable
    facts = {"uri": f"s3://{bucket}"}
    try:
        yield
    except NoCredentialsError:
        fault = StagingDenied(f"there are no credentials for bucket {bucket!r}", hint=DENIED_HINT, metadata=facts)
    except (BotoCoreError, ClientError) as error:
        code = _code(error)
        denied = code in DENIED
        kind = StagingDenied if denied else StagingUnavailable
        what = "the S3 server refuses to prepare" if denied else "the S3 server cannot be asked to prepare"
        fault = kind(f"{what} bucket {bucket!r}: {code}", hint=DENIED_HINT if denied else AWAY_HINT, metadata=facts)
    else:
        return
    raise fault


def _unknown(bucket: str) -> UnknownBucket:
    return UnknownBucket(
        f"the S3 server has no bucket {bucket!r}",
        hint="set stage_bucket_create, or make it first",
        metadata={"uri": f"s3://{bucket}"},
    )


def _code(error: Exception) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else "no answer"
