"""The status code of every fault that this door may answer."""

import grpc

from dwsim_wire import object_store
from dwsim_wire.data_layout import DataDirectoryCorrupt
from dwsim_wire.fault import Fault
from generator_svc.core import faults, run_faults

STATUS: dict[type[Fault], grpc.StatusCode] = {
    faults.ImpossibleRule: grpc.StatusCode.INVALID_ARGUMENT,
    faults.UnknownProvider: grpc.StatusCode.INVALID_ARGUMENT,
    run_faults.UnknownTable: grpc.StatusCode.NOT_FOUND,
    run_faults.UnknownRun: grpc.StatusCode.NOT_FOUND,
    run_faults.RunActive: grpc.StatusCode.ABORTED,
    run_faults.RunHasEnded: grpc.StatusCode.ABORTED,
    run_faults.NoBaseRun: grpc.StatusCode.FAILED_PRECONDITION,
    run_faults.InvalidRowCount: grpc.StatusCode.INVALID_ARGUMENT,
    run_faults.ExperimentDeleted: grpc.StatusCode.ABORTED,
    run_faults.EngineVersionChanged: grpc.StatusCode.FAILED_PRECONDITION,
    run_faults.RequestIdReused: grpc.StatusCode.ALREADY_EXISTS,
    run_faults.AbortedByUser: grpc.StatusCode.CANCELLED,
    run_faults.OutputNotWritable: grpc.StatusCode.INVALID_ARGUMENT,
    run_faults.DiskFull: grpc.StatusCode.RESOURCE_EXHAUSTED,
    run_faults.NotEnoughSpace: grpc.StatusCode.RESOURCE_EXHAUSTED,
    run_faults.FormatNotLoadable: grpc.StatusCode.INVALID_ARGUMENT,
    run_faults.StagedFileChanged: grpc.StatusCode.FAILED_PRECONDITION,
    run_faults.RunNotCompleted: grpc.StatusCode.FAILED_PRECONDITION,
    run_faults.FilesDeleted: grpc.StatusCode.FAILED_PRECONDITION,
    run_faults.SequenceAhead: grpc.StatusCode.OUT_OF_RANGE,
    run_faults.SequenceExpired: grpc.StatusCode.OUT_OF_RANGE,
    run_faults.LogReplaced: grpc.StatusCode.FAILED_PRECONDITION,
    object_store.StagingUnavailable: grpc.StatusCode.UNAVAILABLE,
    object_store.StagingDenied: grpc.StatusCode.FAILED_PRECONDITION,
    object_store.UnknownBucket: grpc.StatusCode.FAILED_PRECONDITION,
    DataDirectoryCorrupt: grpc.StatusCode.DATA_LOSS,
}
