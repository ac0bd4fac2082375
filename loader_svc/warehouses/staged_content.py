"""The bytes of staged files, checked: those that were checked are those that are loaded."""

import xxhash

from dwsim_wire.object_store import GiveUp, never, open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.faults import StagedFileChanged
from loader_svc.core.loads import Batch


def checked_content(batch: Batch, give_up: GiveUp = never) -> memoryview:
    """Read a batch's file whole, after its size and checksum are found right.

    A bucket that is away is tried again until `give_up`.
    """
    content = _content(batch, give_up)
    if len(content) != batch.bytes:
        raise changed(batch, f"has {len(content)} bytes, not {batch.bytes}")
    if xxhash.xxh3_128_hexdigest(content) != batch.checksum:
        raise changed(batch, "has another checksum")
    return content


def changed(batch: Batch, what: str) -> StagedFileChanged:
    """Say that a file is not the one that was staged."""
    return StagedFileChanged(
        f"the staged file of batch {batch.index} of table {batch.table!r} {what}",
        hint="write the file again" if batch.conform_to else "generate the run again",
        metadata={"uri": batch.uri},
    )


def _content(batch: Batch, give_up: GiveUp) -> memoryview:
    file = StagingRoot.parse(batch.uri)
    if file.bucket:
        content = open_bucket(file.bucket).get(file, give_up)
        if content is None:
            raise changed(batch, "is missing")
        return content
    try:
        return memoryview(file.path.read_bytes())
    except FileNotFoundError:
        raise changed(batch, "is missing") from None
    except OSError as error:
        raise changed(batch, f"cannot be read: {error.strerror}") from error
