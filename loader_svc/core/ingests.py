"""Ingests: watched places whose new Parquet files are loaded into a table, each once. Pure: sights in, decisions out.

A file is known by its URI. It is read once two looks in a row saw it with the same size and time: until then somebody
may be writing it. What was loaded is never loaded again, whatever becomes of the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from loader_svc.core.loads import Failure
from loader_svc.core.pieces import Piece

ANY_PARQUET = "*.parquet"
INGEST = "INGEST"
"""Kind of the runs that stand for the files of one load."""
HIDDEN = (".", "_")
"""Names that begin so are of files that are being written, or are no data, as everywhere in this field."""
PASSING = frozenset(
    {"WAREHOUSE_UNAVAILABLE", "STAGING_UNAVAILABLE", "STAGING_DENIED", "UNKNOWN_BUCKET", "LEASE_LOST", "DISK_FULL"}
)
"""Reasons that say nothing of the files: the same load may succeed later."""
STOPPED = "ABORTED_BY_USER"
LONGEST_PAUSE_LOOKS = 60
_TOP = ("home", "lib", "lib32", "lib64", "media", "mnt", "opt", "root", "run", "srv", "tmp", "usr", "var")
WHOLE = frozenset({"/", *(f"/{name}" for name in _TOP)})
"""Directories that have everything of a machine below them: none of them is anybody's inbox."""
SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/proc", "/sbin", "/sys")
"""Directories that have the machine itself below them."""


def is_of_the_system(path: str) -> bool:
    """Whether a directory is of the machine, or has the whole of it below."""
    return path in WHOLE or any(path == root or path.startswith(f"{root}/") for root in SYSTEM)


class FileState(StrEnum):
    """What became of a file; WAITING is for the load that follows a failed one."""

    LOADING = "LOADING"
    WAITING = "WAITING"
    LOADED = "LOADED"
    REFUSED = "REFUSED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class LookLimits:
    """How long a look at a place may take, and how many files it may find."""

    seconds: float = 30.0
    files: int = 100_000


@dataclass(frozen=True, slots=True)
class Sight:
    """A file as a look saw it; `time` is when it was written, UTC microseconds since 1970."""

    uri: str
    bytes: int
    time: int


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file whose bytes were read; with `failure` it cannot be loaded. A large one has `pieces`."""

    sight: Sight
    checksum: str = ""
    rows: int = 0
    failure: Failure | None = None
    pieces: tuple[Piece, ...] = ()

    def parts(self) -> tuple[Piece, ...]:
        """What its batches have: its pieces, or the whole file."""
        return self.pieces or (Piece(0, 0, 0, self.sight.bytes, self.rows, self.checksum),)


@dataclass(frozen=True, slots=True)
class IngestedFile:
    """A file that an ingest knows."""

    read: ReadFile
    state: FileState
    load_id: int = 0
    tries: int = 0
    time: int = 0


@dataclass(frozen=True, slots=True)
class NewIngest:
    """What an ingest is made of; `document` is the proto JSON of its experiment, without other tables' columns."""

    name: str
    uri: str
    pattern: str
    experiment: str
    experiment_id: str
    table: str
    warehouse: str
    namespace: str
    document: str


@dataclass(frozen=True, slots=True)
class Ingest:
    """An ingest as it stands; `files` counts them by state."""

    ingest_id: int
    made_of: NewIngest
    paused: bool
    failure: Failure | None
    create_time: int
    look_time: int
    files: Mapping[FileState, int]
    rows: int = 0


def takes(pattern: str, path: str) -> bool:
    """Whether an ingest takes the file at `path` below its URI."""
    parts = path.split("/")
    if any(part.startswith(HIDDEN) for part in parts):
        return False
    return fnmatchcase(path if "/" in pattern else parts[-1], pattern)


def to_read(
    seen: Iterable[Sight], before: Mapping[str, Sight], known: Mapping[str, IngestedFile], most: int
) -> list[Sight]:
    """Files to read: settled since the look before, and new or other than they were when they were read."""
    settled = (sight for sight in seen if before.get(sight.uri) == sight)
    return [sight for sight in settled if _is_news(sight, known.get(sight.uri))][:most]


def taken(read: ReadFile, known: IngestedFile | None) -> FileState:
    """What a file that was read becomes."""
    if known and known.state in {FileState.LOADED, FileState.CHANGED}:
        return FileState.LOADED if read.checksum == known.read.checksum else FileState.CHANGED
    return FileState.REFUSED if read.failure else FileState.LOADING


def after_failure(failure: Failure, files: int) -> FileState:
    """What the files of a failed load become: tried again where others, or the moment, may be to blame."""
    if failure.reason == STOPPED or (files == 1 and failure.reason not in PASSING):
        return FileState.REFUSED
    return FileState.WAITING


def next_loads(failed: list[IngestedFile]) -> list[list[IngestedFile]]:
    """Divide the files of a failed load, so that those to blame end up alone; all again where none is to blame."""
    reason = failed[0].read.failure.reason if failed[0].read.failure else ""
    if reason in PASSING or len(failed) == 1:
        return [failed]
    half = len(failed) // 2
    return [failed[:half], failed[half:]]


def is_due(file: IngestedFile, now: int, look_microseconds: int) -> bool:
    """Whether a waiting file is tried again: at once to find who is to blame, else after growing pauses."""
    passing = file.read.failure is not None and file.read.failure.reason in PASSING
    looks = min(2**file.tries, LONGEST_PAUSE_LOOKS) if passing else 0
    return now >= file.time + looks * look_microseconds


def changed(known: IngestedFile, sight: Sight) -> Failure:
    """Say that a file differs from what was loaded of it."""
    return Failure(
        "INGESTED_FILE_CHANGED",
        f"the file was loaded by load {known.load_id}, and has changed since: it has {sight.bytes} bytes now",
        "write new rows to a file of a new name; what was loaded stays",
    )


def _is_news(sight: Sight, known: IngestedFile | None) -> bool:
    if known is None:
        return True
    return known.state not in {FileState.LOADING, FileState.WAITING} and known.read.sight != sight
