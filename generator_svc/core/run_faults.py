"""Facts that go wrong with runs, their files and their log.

Fault
├── UnknownTable            the experiment has no such table
├── UnknownRun              no run has this id
├── RunActive               a run is active where none may be
├── RunHasEnded             there is nothing left to abort
├── NoBaseRun               there is no completed run to append to
├── InvalidRowCount         a row count is negative or absurd
├── ExperimentDeleted       the experiment is deleted or being deleted
├── EngineVersionChanged    the cells of a run cannot be continued
├── RequestIdReused         a request id came with another payload
├── AbortedByUser           the run was stopped on request
├── OutputNotWritable       a place for files cannot be used
├── DiskFull                no space is left for a file
├── NotEnoughSpace          the estimate does not fit the disk
├── FormatNotLoadable       the loader is to load what it cannot read
├── StagedFileChanged       a staged file is missing or altered
├── RunNotCompleted         a run's tables are not whole
├── FilesDeleted            the staged files of a run were deleted
├── SequenceAhead           a cursor is beyond the newest event
├── SequenceExpired         the events after a cursor are no longer kept
└── LogReplaced             a cursor is of another log
"""

from dwsim_wire.fault import Fault


class UnknownTable(Fault):
    """The experiment has no such table."""

    reason = "UNKNOWN_TABLE"


class UnknownRun(Fault):
    """No run has this id."""

    reason = "UNKNOWN_RUN"


class RunActive(Fault):
    """A run is active where none may be."""

    reason = "RUN_ACTIVE"


class RunHasEnded(Fault):
    """The run has ended: there is nothing to abort."""

    reason = "RUN_ENDED"


class NoBaseRun(Fault):
    """There is no completed run to append to."""

    reason = "NO_BASE_RUN"


class InvalidRowCount(Fault):
    """A row count is negative or beyond 10^12."""

    reason = "INVALID_ROW_COUNT"


class ExperimentDeleted(Fault):
    """The experiment is deleted or being deleted."""

    reason = "EXPERIMENT_DELETED"


class EngineVersionChanged(Fault):
    """The run was made by another engine version; its cells cannot be continued."""

    reason = "ENGINE_VERSION_CHANGED"


class RequestIdReused(Fault):
    """A request id was used before with another payload."""

    reason = "REQUEST_ID_REUSED"


class AbortedByUser(Fault):
    """The run was stopped on request."""

    reason = "ABORTED_BY_USER"


class OutputNotWritable(Fault):
    """The output directory or staging root cannot be written."""

    reason = "OUTPUT_NOT_WRITABLE"


class DiskFull(Fault):
    """No space is left for staged files."""

    reason = "DISK_FULL"


class NotEnoughSpace(Fault):
    """The rows asked for need more space than there is."""

    reason = "NOT_ENOUGH_SPACE"


class FormatNotLoadable(Fault):
    """The loader is to load files of a format that it does not read."""

    reason = "FORMAT_NOT_LOADABLE"


class StagedFileChanged(Fault):
    """A staged file is missing or altered."""

    reason = "STAGED_FILE_CHANGED"


class RunNotCompleted(Fault):
    """The run has not completed: its tables are not whole."""

    reason = "RUN_NOT_COMPLETED"


class FilesDeleted(Fault):
    """The staged files of the run were deleted."""

    reason = "FILES_DELETED"


class SequenceAhead(Fault):
    """The cursor is beyond the newest event."""

    reason = "SEQUENCE_AHEAD"


class SequenceExpired(Fault):
    """The events after the cursor are no longer kept."""

    reason = "SEQUENCE_EXPIRED"


class LogReplaced(Fault):
    """The cursor is of another event log."""

    reason = "LOG_REPLACED"
