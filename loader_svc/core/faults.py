"""What goes wrong with a load; `reason` is a name of dwsim.loader.v1.ErrorReason.

Fault
├── UnknownExperiment, UnknownTable, UnknownRun, UnknownLoad, UnknownWarehouse      nothing has this name
├── UnknownIngest, IngestExists, IngestNotReadable                                  an ingest cannot be found or made
├── RunNotCompleted, ExperimentDeleted, StagedFileChanged, FormatNotLoadable        nothing to load from
├── FilesDeleted                                                                    nothing to load from any more
├── LoadEnded, LoadNotFailed, LoadActive, RequestIdReused, AbortedByUser            the load's state forbids it
├── SchemaMismatch, ValueOutOfRange, ConstraintViolated, Superseded, BaseNotLoaded  the target refuses the rows
├── DiskFull                                                                        the target cannot take them
├── StagingOutOfReach, CopyDenied, KeysNotEnforceable                               the warehouse cannot do it so
├── LeaseLost
│   └── LoadSwept                                                                   another loader works there
└── WarehouseUnavailable
    └── WarehouseBusy                                                               transient: worth another try
"""

from dwsim_wire.fault import Fault


class UnknownExperiment(Fault):
    """Nothing of this experiment was loaded or generated."""

    reason = "UNKNOWN_EXPERIMENT"


class UnknownTable(Fault):
    """The run has no such table."""

    reason = "UNKNOWN_TABLE"


class UnknownRun(Fault):
    """No run has this id."""

    reason = "UNKNOWN_RUN"


class UnknownLoad(Fault):
    """No load has this id."""

    reason = "UNKNOWN_LOAD"


class UnknownWarehouse(Fault):
    """The warehouse is not configured."""

    reason = "UNKNOWN_WAREHOUSE"


class RunNotCompleted(Fault):
    """The run ended FAILED or ABORTED."""

    reason = "RUN_NOT_COMPLETED"


class ExperimentDeleted(Fault):
    """The experiment is deleted or being deleted."""

    reason = "EXPERIMENT_DELETED"


class StagedFileChanged(Fault):
    """A staged file is missing or altered."""

    reason = "STAGED_FILE_CHANGED"


class FormatNotLoadable(Fault):
    """The run's files have a format that the loader does not read."""

    reason = "FORMAT_NOT_LOADABLE"


class FilesDeleted(Fault):
    """The staged files of the run were deleted."""

    reason = "FILES_DELETED"


class UnknownIngest(Fault):
    """No ingest has this name."""

    reason = "UNKNOWN_INGEST"


class IngestExists(Fault):
    """An ingest of this name exists."""

    reason = "INGEST_EXISTS"


class IngestNotReadable(Fault):
    """The place that an ingest watches cannot be listed."""

    reason = "INGEST_NOT_READABLE"


class LoadEnded(Fault):
    """The load has ended: there is nothing to abort."""

    reason = "LOAD_ENDED"


class LoadNotFailed(Fault):
    """The load has not failed: there is nothing to retry."""

    reason = "LOAD_NOT_FAILED"


class LoadActive(Fault):
    """A load of the experiment is active."""

    reason = "LOAD_ACTIVE"


class RequestIdReused(Fault):
    """A request id was used before with another payload."""

    reason = "REQUEST_ID_REUSED"


class AbortedByUser(Fault):
    """The load was aborted on request."""

    reason = "ABORTED_BY_USER"


class SchemaMismatch(Fault):
    """Staged columns and target columns differ."""

    reason = "SCHEMA_MISMATCH"


class ValueOutOfRange(Fault):
    """A value does not fit its target column."""

    reason = "VALUE_OUT_OF_RANGE"


class ConstraintViolated(Fault):
    """Rows break a constraint of the target."""

    reason = "CONSTRAINT_VIOLATED"


class Superseded(Fault):
    """A newer load of the same tables was applied meanwhile."""

    reason = "SUPERSEDED"


class BaseNotLoaded(Fault):
    """The table does not consist of the runs that the append continues."""

    reason = "BASE_NOT_LOADED"


class DiskFull(Fault):
    """No space is left for the warehouse."""

    reason = "DISK_FULL"


class StagingOutOfReach(Fault):
    """The warehouse reads staged files itself, and cannot reach the place that has them."""

    reason = "STAGING_OUT_OF_REACH"


class CopyDenied(Fault):
    """The warehouse may not read the bucket that has the staged files."""

    reason = "COPY_DENIED"


class KeysNotEnforceable(Fault):
    """The experiment asks for enforced constraints, and the warehouse enforces none."""

    reason = "KEYS_NOT_ENFORCEABLE"


class LeaseLost(Fault):
    """Another loader took the load over: this one must not write for it."""

    reason = "LEASE_LOST"


class LoadSwept(LeaseLost):
    """Another loader ended the load in the target, and dropped what was staged."""


class WarehouseUnavailable(Fault):
    """The warehouse cannot be reached."""

    reason = "WAREHOUSE_UNAVAILABLE"


class WarehouseBusy(WarehouseUnavailable):
    """Another writer has the warehouse's lock; the same call may succeed in a moment."""
