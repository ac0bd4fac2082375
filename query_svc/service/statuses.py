"""Status codes of the service's faults."""

import grpc

from dwsim_wire.errors import StatusTable
from dwsim_wire.object_store import StagingDenied, StagingUnavailable, UnknownBucket
from query_svc.core import faults

_Code = grpc.StatusCode
STATUS: StatusTable = {
    faults.InvalidSql: _Code.INVALID_ARGUMENT,
    faults.EmptyStatement: _Code.INVALID_ARGUMENT,
    faults.SeveralStatements: _Code.INVALID_ARGUMENT,
    faults.AmbiguousName: _Code.INVALID_ARGUMENT,
    faults.TooComplex: _Code.RESOURCE_EXHAUSTED,
    faults.UnknownDialect: _Code.INVALID_ARGUMENT,
    faults.WriteRefused: _Code.PERMISSION_DENIED,
    faults.NotTranslatable: _Code.UNIMPLEMENTED,
    faults.UnknownTable: _Code.NOT_FOUND,
    faults.UnknownColumn: _Code.NOT_FOUND,
    faults.UnknownExperiment: _Code.NOT_FOUND,
    faults.UnknownScratch: _Code.NOT_FOUND,
    faults.TableExists: _Code.ALREADY_EXISTS,
    faults.UnknownQuery: _Code.NOT_FOUND,
    faults.QueryEnded: _Code.ABORTED,
    faults.ExecutionFailed: _Code.FAILED_PRECONDITION,
    faults.StatementTimeout: _Code.DEADLINE_EXCEEDED,
    faults.ResultTooLarge: _Code.RESOURCE_EXHAUSTED,
    faults.TooManyQueries: _Code.RESOURCE_EXHAUSTED,
    faults.CancelledByUser: _Code.CANCELLED,
    faults.FileNotFound: _Code.NOT_FOUND,
    faults.FileExists: _Code.ALREADY_EXISTS,
    faults.InvalidFile: _Code.FAILED_PRECONDITION,
    StagingUnavailable: _Code.UNAVAILABLE,
    StagingDenied: _Code.FAILED_PRECONDITION,
    UnknownBucket: _Code.FAILED_PRECONDITION,
    faults.WarehouseUnavailable: _Code.UNAVAILABLE,
}
