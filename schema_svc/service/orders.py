"""What a request asks for, as core takes it."""

from dataclasses import replace

from dwsim.schema.v1 import schema_service_pb2 as pb
from google.protobuf.message import Message

from dwsim_wire.fault import FieldProblem, InvalidArgument
from schema_svc.core.document import SpecFormat
from schema_svc.core.importing import SqlImport
from schema_svc.core.model import DEFAULT_ROWS
from schema_svc.core.vocabulary import Dialect
from schema_svc.service.messages import dialect_of, state_of, warehouse_of
from schema_svc.store import Filters


def require(request: Message, field: str) -> None:
    """Raise unless the request has the field."""
    if not request.HasField(field):
        raise InvalidArgument(f"{field} is missing", fields=[FieldProblem(field, "required")])


def revision_of(number: int) -> int:
    """A revision's number; 0 is the newest."""
    if number < 0:
        raise InvalidArgument(f"revision is {number}; it takes 0 (for the newest) or a number from 1")
    return number


def filters_of(request: pb.ListExperimentsRequest) -> Filters:
    """Which experiments a list is about."""
    return Filters(request.search, state_of(request.state), warehouse_of(request.target_warehouse))


def sql_import(request: pb.ImportSqlRequest) -> SqlImport:
    """What ImportSql is asked for."""
    return replace(
        _text_import(request, Dialect.NAME_UNSPECIFIED),
        table_rows=dict(request.table_rows),
        target_warehouse=warehouse_of(request.target_warehouse),
        description=request.description,
    )


def table_import(request: pb.ImportTableRequest, name: str, dialect: Dialect) -> SqlImport:
    """What ImportTable is asked for; `name` and `dialect` are the experiment's."""
    return replace(_text_import(request, dialect), name=name)


def _text_import(request: pb.ImportSqlRequest | pb.ImportTableRequest, dialect: Dialect) -> SqlImport:
    """What both are asked for; `dialect` where the request names none, Redshift's where that is none either."""
    named = (dialect_of(request.dialect), dialect, Dialect.REDSHIFT)
    return SqlImport(
        name=request.name,
        sql=request.sql,
        dialect=next(each for each in named if each is not Dialect.NAME_UNSPECIFIED),
        target_rows=request.target_rows if request.HasField("target_rows") else DEFAULT_ROWS,
        surrogate_keys=request.surrogate_keys if request.HasField("surrogate_keys") else True,
        infer_foreign_keys=request.infer_foreign_keys if request.HasField("infer_foreign_keys") else True,
        refused_foreign_keys=tuple(request.refused_foreign_keys),
        infer_rules=request.infer_rules if request.HasField("infer_rules") else True,
    )


def spec_format(number: pb.ImportSpecRequest.Format.ValueType) -> SpecFormat:
    """Format of a text."""
    if number not in pb.ImportSpecRequest.Format.values():
        raise InvalidArgument(f"format {number} is not known", hint="use JSON or YAML, or leave it out")
    return SpecFormat(pb.ImportSpecRequest.Format.Name(number))
