"""Which status each fault has."""

from grpc import StatusCode

from dwsim_wire import object_store
from dwsim_wire.errors import StatusTable
from loader_svc.core import faults

STATUS: StatusTable = {
    faults.UnknownExperiment: StatusCode.NOT_FOUND,
    faults.UnknownTable: StatusCode.NOT_FOUND,
    faults.UnknownRun: StatusCode.NOT_FOUND,
    faults.UnknownLoad: StatusCode.NOT_FOUND,
    faults.UnknownWarehouse: StatusCode.INVALID_ARGUMENT,
    faults.RunNotCompleted: StatusCode.FAILED_PRECONDITION,
    faults.ExperimentDeleted: StatusCode.ABORTED,
    faults.StagedFileChanged: StatusCode.DATA_LOSS,
    faults.FormatNotLoadable: StatusCode.FAILED_PRECONDITION,
    faults.FilesDeleted: StatusCode.FAILED_PRECONDITION,
    faults.UnknownIngest: StatusCode.NOT_FOUND,
    faults.IngestExists: StatusCode.ALREADY_EXISTS,
    faults.IngestNotReadable: StatusCode.FAILED_PRECONDITION,
    faults.LoadEnded: StatusCode.ABORTED,
    faults.LoadNotFailed: StatusCode.ABORTED,
    faults.LoadActive: StatusCode.ABORTED,
    faults.RequestIdReused: StatusCode.ALREADY_EXISTS,
    faults.AbortedByUser: StatusCode.ABORTED,
    faults.SchemaMismatch: StatusCode.FAILED_PRECONDITION,
    faults.ValueOutOfRange: StatusCode.OUT_OF_RANGE,
    faults.ConstraintViolated: StatusCode.FAILED_PRECONDITION,
    faults.Superseded: StatusCode.FAILED_PRECONDITION,
    faults.BaseNotLoaded: StatusCode.FAILED_PRECONDITION,
    faults.DiskFull: StatusCode.RESOURCE_EXHAUSTED,
    faults.StagingOutOfReach: StatusCode.FAILED_PRECONDITION,
    faults.CopyDenied: StatusCode.FAILED_PRECONDITION,
    faults.KeysNotEnforceable: StatusCode.FAILED_PRECONDITION,
    faults.LeaseLost: StatusCode.ABORTED,
    faults.WarehouseUnavailable: StatusCode.UNAVAILABLE,
    object_store.StagingUnavailable: StatusCode.UNAVAILABLE,
    object_store.StagingDenied: StatusCode.FAILED_PRECONDITION,
    object_store.UnknownBucket: StatusCode.FAILED_PRECONDITION,
}
