"""Buckets of an S3 server: objects are put, read, listed and deleted by their keys, each atomically.

Endpoint and credentials are the environment's, by the names that all S3 clients know (AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, … or the machine's role); they are in no message: a server's own
words may repeat them, so that those are never passed on. A server that is away is tried again with growing pauses.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import obstore
import tenacity
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from dwsim_wire.fault import Fault
from dwsim_wire.staging import StagingRoot

LONGEST_PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 60.0
MOST_DELETED_AT_ONCE = 1000
UNSIGNED = "169.254.169.254"
"""Whoever has no credentials asks this address of the cloud for some."""
REFUSALS = (
    "401 ",
    "403 ",
    "AccessDenied",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "PermanentRedirect",
    "SignatureDoesNotMatch",
    UNSIGNED,
)
"""What S3 servers say to whom they refuse; some of it comes with the status of a bad request."""
NO_BUCKET = ("NoSuchBucket", "InvalidBucketName")
Result = TypeVar("Result")
GiveUp = Callable[[], bool]
_patience = 20.0


class StagingUnavailable(Fault):
    """The S3 server cannot be reached, or fails."""

    reason = "STAGING_UNAVAILABLE"


class StagingDenied(Fault):
    """The S3 server refuses these credentials."""

    reason = "STAGING_DENIED"


class UnknownBucket(Fault):
    """The S3 server has no such bucket."""

    reason = "UNKNOWN_BUCKET"


class Stored(NamedTuple):
    """A file or object that is there; `time` is when it was written, UTC microseconds since 1970."""

    place: StagingRoot
    bytes: int
    time: int


def keep_trying(seconds: float) -> None:
    """Say how long this process tries a server again that is away."""
    global _patience
    _patience = seconds


def never() -> bool:
    """Go on trying to the end of the time."""
    return False


class Bucket:
    """A bucket of the S3 server that the environment names; safe to use from any thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        with self._named_faults():
            self._store = S3Store(
                name,
                client_options={
                    "allow_http": True,  # a local server; whoever names an https:// endpoint gets https
                    "connect_timeout": timedelta(seconds=5),
                    "timeout": timedelta(seconds=ANSWER_SECONDS),
                },
                retry_config={"max_retries": 0},  # tried again here, where one can stop
            )

    def put(self, place: StagingRoot, data: memoryview, give_up: GiveUp = never, seconds: float | None = None) -> None:
        """Make or replace an object; nobody ever sees a part of it."""
        self._try(lambda: obstore.put(self._store, place.key, data.cast("B"), use_multipart=False), give_up, seconds)

    def get(self, place: StagingRoot, give_up: GiveUp = never) -> memoryview | None:
        """The bytes of an object; None where there is none."""
        return self._try(lambda: self._get(place.key), give_up)

    def get_range(self, place: StagingRoot, start: int, length: int, give_up: GiveUp = never) -> memoryview:
        """Some bytes of an object, fewer at its end; FileNotFoundError where there is none."""
        content = self._try(lambda: self._get_range(place.key, start, length), give_up)
        if content is None:
            raise FileNotFoundError(place.key)
        return content

    def size(self, place: StagingRoot) -> int | None:
        """Bytes of an object; None where there is none."""
        return self._try(lambda: self._size(place.key))

    def list(self, below: StagingRoot) -> Iterator[Stored]:
        """Objects below a folder."""
        return iter(self._try(lambda: list(self._list(below.key))))

    def delete(self, places: Collection[StagingRoot], seconds: float | None = None) -> None:
        """Delete objects; those that are gone are no error."""
        keys = [place.key for place in places]
        for first in range(0, len(keys), MOST_DELETED_AT_ONCE):
            some = keys[first : first + MOST_DELETED_AT_ONCE]
            self._try(partial(obstore.delete, self._store, some), seconds=seconds)

    def _get(self, key: str) -> memoryview | None:
        try:
            return memoryview(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            _refuse_no_bucket(error)
            return None

    def _get_range(self, key: str, start: int, length: int) -> memoryview | None:
        try:
            return memoryview(obstore.get_range(self._store, key, start=start, length=length))
        except FileNotFoundError as error:
            _refuse_no_bucket(error)
            return None

    def _size(self, key: str) -> int | None:
        try:
            return obstore.head(self._store, key)["size"]
        except FileNotFoundError as error:
            _refuse_no_bucket(error)
            return None

    def _list(self, prefix: str) -> Iterator[Stored]:
        for chunk in obstore.list(self._store, prefix or None):
            for item in chunk:
                place = StagingRoot(Path("/", item["path"]), self._name)
                yield Stored(place, item["size"], int(item["last_modified"].timestamp() * 1_000_000))

    def _try(self, do: Callable[[], Result], give_up: GiveUp = never, seconds: float | None = None) -> Result:
        """Try again while the server is away, with growing pauses, within the time."""

        def attempt() -> Result:
            with self._named_faults():
                return do()

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(StagingUnavailable),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=LONGEST_PAUSE_SECONDS),
            stop=_Stop(_patience if seconds is None else seconds, give_up),
            reraise=True,
        )
        return retrying(attempt)

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            fault = _fault(error, self._name)
        else:
            return
        raise fault  # outside of the handler: what the server said stays behind


class _Stop(tenacity.stop.stop_base):
    """Stop when the time is over or nobody waits any more."""

    def __init__(self, seconds: float, give_up: GiveUp) -> None:
        self._over, self._give_up = tenacity.stop_after_delay(seconds), give_up

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._give_up() or self._over(retry_state)


@cache
def open_bucket(name: str) -> Bucket:
    """The bucket of this name, opened once."""
    return Bucket(name)


def _refuse_no_bucket(error: FileNotFoundError) -> None:
    """Tell a bucket that is not there from an object that is not."""
    if any(word in str(error) for word in NO_BUCKET):
        raise error


def _fault(error: Exception, name: str) -> Fault:
    said, facts = str(error), {"uri": f"s3://{name}"}
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or any(word in said for word in REFUSALS):
        missing = UNSIGNED in said
        return StagingDenied(
            f"there are no credentials for bucket {name!r}"
            if missing
            else f"the S3 server refuses the credentials for bucket {name!r}",
            hint="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION in the service's environment",
            metadata=facts,
        )
    if any(word in said for word in NO_BUCKET):
        return UnknownBucket(
            f"the S3 server has no bucket {name!r}", hint="make it first, or check AWS_ENDPOINT_URL", metadata=facts
        )
    return StagingUnavailable(
        f"the S3 server of bucket {name!r} cannot be reached or fails",
        hint="check AWS_ENDPOINT_URL and whether the server runs; then start the work again",
        metadata=facts,
    )
