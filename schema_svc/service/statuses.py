"""The status code of every fault."""

from collections.abc import Mapping

import grpc

from dwsim_wire.fault import Fault
from schema_svc.core import faults

C = grpc.StatusCode
STATUS: Mapping[type[Fault], grpc.StatusCode] = {
    faults.UnknownExperiment: C.NOT_FOUND,
    faults.UnknownRevision: C.NOT_FOUND,
    faults.UnknownTable: C.NOT_FOUND,
    faults.ExperimentExists: C.ALREADY_EXISTS,
    faults.TableExists: C.ALREADY_EXISTS,
    faults.RequestIdReused: C.ALREADY_EXISTS,
    faults.ExperimentBusy: C.ABORTED,
    faults.EtagMismatch: C.ABORTED,
    faults.ExperimentDeleting: C.ABORTED,
    faults.InvalidName: C.INVALID_ARGUMENT,
    faults.EmptyDocument: C.INVALID_ARGUMENT,
    faults.InvalidDocument: C.INVALID_ARGUMENT,
    faults.InvalidSql: C.INVALID_ARGUMENT,
    faults.InvalidExperiment: C.INVALID_ARGUMENT,
    faults.TooComplex: C.RESOURCE_EXHAUSTED,
    faults.TooManyTexts: C.RESOURCE_EXHAUSTED,
    faults.ParseTimeout: C.DEADLINE_EXCEEDED,
}
